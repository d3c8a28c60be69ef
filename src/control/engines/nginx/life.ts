/** The life of a supervised nginx: found or started, watched, started anew when it dies, reloaded, ended. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { HoldlineError } from '../../../base/error.ts';
import type { NginxBinary } from '../../../host/nginx-binary.ts';
import { readProcess } from '../../../host/process-facts.ts';
import {
  findMaster,
  masterWorkers,
  orphansOf,
  signal,
  startMaster,
  tryConfiguration,
} from '../../../nginx/run/engine/master.ts';
import { beginAnew, type EnginePrefix, readOr } from '../../../nginx/run/engine/prefix.ts';
import { restartPace } from '../../workers/restart-pace.ts';

export interface NginxLife {
  readonly master: number;
  /** Whether it was running when this supervisor came. */
  readonly found: boolean;
  /** Looks whether it is still there. Called now and then. */
  watch(): void;
  /**
   * Tries the text, and has new workers run by it. Rejects with `engine-nginx-refused`, and then nothing has changed.
   */
  reload(text: string): Promise<void>;
  /** What nginx has against a text; null when it would take it. */
  refusal(text: string): Promise<HoldlineError | null>;
  reopenLogs(): void;
  /** QUIT, and TERM after the deadline. Resolves when master and workers are gone. */
  quit(deadlineMs: number): Promise<void>;
  cut(): void;
}

export interface NginxLifeOptions {
  readonly prefix: EnginePrefix;
  readonly binary: NginxBinary;
  readonly text: string;
  /** Rejects when somebody else holds an address; asked before a master is started. */
  readonly checkAddresses: () => Promise<void>;
  /**
   * Takes away the files of Unix sockets that nobody listens on any more: nginx would take them for another program.
   */
  readonly clearSockets: () => Promise<void>;
  readonly onEnded: (pid: number, orphans: number, restartInMs: number) => void;
  readonly onRestarted: (pid: number) => void;
  readonly onFailed: (error: HoldlineError, restartInMs: number) => void;
}

const lookEveryMs = 50;
/** Longest wait for the processes after a signal that they cannot refuse. */
const endMs = 10_000;

export async function beginLife(options: NginxLifeOptions): Promise<NginxLife> {
  const { prefix, binary } = options;
  const pace = restartPace();
  let closing = false;
  let starting: NodeJS.Timeout | null = null;
  let startedMs = performance.now();

  const running = findMaster(prefix);
  const isSame = running !== null && readOr(prefix.configuration, '') === options.text;
  if (!isSame) await place(options.text);
  let master = running?.pid ?? (await startFresh());
  if (running !== null && !isSame) signal(master, 'HUP');

  async function refusal(text: string): Promise<HoldlineError | null> {
    writeFileSync(prefix.candidate, text, { mode: 0o600 });
    const { accepted, output } = await tryConfiguration(prefix, binary, prefix.candidate);
    if (accepted) return null;
    renameSync(prefix.candidate, prefix.refused);
    const said = output.replaceAll(prefix.candidate, prefix.refused);
    return new HoldlineError('engine-nginx-refused', `nginx refuses the new configuration: ${said}`);
  }

  async function place(text: string): Promise<void> {
    const refused = await refusal(text);
    if (refused !== null) throw refused;
    renameSync(prefix.candidate, prefix.configuration);
    rmSync(prefix.refused, { force: true });
  }

  async function startFresh(): Promise<number> {
    // Workers of a master that was killed hold the ports: they close them at once, and keep their connections.
    for (const pid of orphansOf(prefix)) signal(pid, 'QUIT');
    await options.clearSockets();
    if (orphansOf(prefix).length === 0) await options.checkAddresses();
    beginAnew(prefix.connectionsLog);
    return (await startMaster(prefix, binary)).pid;
  }

  function startLater(pauseMs: number): void {
    starting = setTimeout(async () => {
      startedMs = performance.now();
      try {
        await options.clearSockets();
        master = (await startMaster(prefix, binary)).pid;
        starting = null;
        options.onRestarted(master);
      } catch (error) {
        if (!(error instanceof HoldlineError)) throw error;
        const next = pace.pauseAfter(performance.now() - startedMs);
        options.onFailed(error, next);
        if (!closing) startLater(next);
      }
    }, pauseMs);
  }

  const processes = () => [
    ...(readProcess(master) === null ? [] : [master]),
    ...masterWorkers(master).map(({ pid }) => pid),
  ];
  const remaining = () => [...new Set([...processes(), ...orphansOf(prefix)])];

  return {
    get master() {
      return master;
    },
    found: running !== null,
    watch() {
      if (closing || starting !== null || findMaster(prefix)?.pid === master || readProcess(master) !== null) return;
      const orphans = orphansOf(prefix);
      for (const pid of orphans) signal(pid, 'QUIT');
      const pauseMs = pace.pauseAfter(performance.now() - startedMs);
      options.onEnded(master, orphans.length, pauseMs);
      startLater(pauseMs);
    },
    async reload(text) {
      await place(text);
      signal(master, 'HUP');
    },
    refusal,
    reopenLogs: () => void signal(master, 'USR1'),
    async quit(deadlineMs) {
      closing = true;
      if (starting !== null) clearTimeout(starting);
      for (const pid of remaining()) signal(pid, 'QUIT');
      await until(() => remaining().length === 0, deadlineMs);
      for (const pid of remaining()) signal(pid, 'TERM');
      await until(() => remaining().length === 0, endMs);
      for (const pid of remaining()) signal(pid, 'KILL');
    },
    cut() {
      closing = true;
      if (starting !== null) clearTimeout(starting);
      for (const pid of remaining()) signal(pid, 'TERM');
    },
  };
}

async function until(isSo: () => boolean, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!isSo() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
}
