// The processes of a run: the server, the clients, and the proxies between them. Everything is ended by its id.
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { accepts, family, freePort } from './processes.mjs';

/** A proxy that does not listen by then never will. */
const startSecondsMax = 20;
/** A proxy that holds a connection longer than that after its client is gone is measured with it. */
const settleSecondsMax = 10;
/** The longest measurement takes a tenth of it on an idle machine. */
const answerSecondsMax = 90;

export class Stage {
  #directory = mkdtempSync(path.join(tmpdir(), 'holdline-bench-edge-'));
  #children = new Set();
  #server;
  #load;
  #target;
  #pair;
  #started = 0;

  async open() {
    this.#pair = certificate(this.#directory);
    this.#server = this.#fork('echo-server.mjs');
    ({ port: this.#target } = await messageOf(this.#server));
    this.#load = this.#fork('load.mjs');
    await messageOf(this.#load);
  }

  /** Starts a proxy and waits until it listens and all its processes are there. */
  async start(peer) {
    const directory = path.join(this.#directory, `${peer.id}-${++this.#started}`);
    const [port, tlsPort] = [await freePort(), await freePort()];
    const [command, args] = peer.command({ directory, port, tlsPort, ...this.#pair, target: this.#target });
    const logFile = `${directory}.log`;
    const log = createWriteStream(logFile);
    await once(log, 'open');
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, ...peer.env?.(directory) };
    // A group of its own, so that Ctrl-C reaches the run alone, which then ends what it started in order.
    const child = spawn(command, args, { stdio: ['ignore', log, log], env, detached: true });
    this.#children.add(child);
    let failed = null;
    child.once('error', (error) => (failed = error.message));
    child.once('exit', (code, signal) => (failed ??= `it ended with ${signal ?? code}`));
    const deadline = Date.now() + startSecondsMax * 1000;
    while (!((await accepts(port)) && (await accepts(tlsPort)))) {
      if (failed !== null || Date.now() > deadline)
        throw new Error(
          `${peer.name} did not start: ${failed ?? 'it does not listen'}\n${readFileSync(logFile, 'utf8')}`,
        );
      await delay(50);
    }
    await this.ask('handshakes', { port, pids: [], count: 5, atOnce: 1 });
    return {
      peer,
      port,
      tlsPort,
      pids: family(child.pid),
      end: async () => {
        end(child);
        this.#children.delete(child);
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
        log.end();
      },
    };
  }

  /** One thing at a time: the clients answer in order. */
  async ask(ask, options) {
    this.#load.send({ ask, options });
    const { answer, error } = await messageOf(this.#load);
    if (error !== undefined) throw new Error(error);
    if (answer.held === undefined) await this.#settled();
    return answer;
  }

  /** Waits until the server holds no connection, so that no close of one measurement takes time from the next. */
  async #settled() {
    for (const deadline = Date.now() + settleSecondsMax * 1000; Date.now() < deadline; await delay(20)) {
      this.#server.send({});
      const { connections } = await messageOf(this.#server);
      if (connections === 0) return;
    }
  }

  /** Ends every process and removes every file. Synchronous, so that it works on the way out, too. */
  close() {
    for (const child of this.#children) end(child);
    this.#children.clear();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #fork(file) {
    const child = fork(path.join(import.meta.dirname, file), { execArgv: [] });
    this.#children.add(child);
    return child;
  }
}

/** For all proxies the same: a key on P-256, as certificate authorities hand them out today. */
function certificate(directory) {
  const [cert, key] = [path.join(directory, 'cert.pem'), path.join(directory, 'key.pem')];
  const asked = 'req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2 -subj /CN=app.example.com';
  const made = spawnSync('openssl', [...asked.split(' '), '-keyout', key, '-out', cert], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr || made.error?.message}`);
  return { cert, key };
}

/** The next message of a process of ours; each is asked one thing at a time. */
async function messageOf(child) {
  const [message] = await once(child, 'message', { signal: AbortSignal.timeout(answerSecondsMax * 1000) }).catch(() => {
    throw new Error(`no answer from the clients or the server within ${answerSecondsMax} s`);
  });
  return message;
}

/** The process first, then all below it: a supervisor that lost its worker would start another. */
function end(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const pid of family(child.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It went by itself.
    }
  }
}
