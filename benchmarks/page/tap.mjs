// What a tap costs: processor time of one worker per message, without one, with one on a connection of a hundred, and
// with that connection alone. `node benchmarks/page/tap.mjs [directory of the built package] [rounds]` after a build;
// loopback only. A package without taps shows what they add to those that nobody looks at.
import { fork, spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../..'));
const rounds = Number(process.argv[3] ?? 5);
const edgeTools = path.join(import.meta.dirname, '../edge');
const children = [];
const told = (from) => new Promise((resolve) => from.once('message', resolve));

function child(file) {
  const made = fork(path.join(edgeTools, file), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(made);
  return made;
}

async function startEdge(port) {
  const argv = ['up', '--to', `http://127.0.0.1:${port}`, '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0'];
  const edge = spawn(process.execPath, [path.join(root, 'dist/cli/main.js'), ...argv, '--workers', '1']);
  children.push(edge);
  let said = '';
  edge.stderr.resume();
  await new Promise((resolve) =>
    edge.stdout.on('data', (chunk) => {
      said += chunk;
      if (/control +http/.test(said)) resolve();
    }),
  );
  return {
    port: Number(/edge +http:\/\/127\.0\.0\.1:(\d+)/.exec(said)[1]),
    control: /control +(http:\/\/127\.0\.0\.1:\d+)/.exec(said)[1],
  };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

try {
  const server = child('echo-server.mjs');
  const { port: serverPort } = await told(server);
  const { port, control } = await startEdge(serverPort);
  const load = child('load.mjs');
  await told(load);
  const { workers } = await (await fetch(`${control}/workers`)).json();
  const pids = workers.map(({ pid }) => pid);

  async function measure(connections, tapped) {
    const options = { port, pids, payloadBytes: 64, connections, depth: 1, warmMs: 1500, measureMs: 3000 };
    load.send({ ask: 'messages', options });
    const answer = told(load);
    let leave = () => undefined;
    if (tapped) {
      await new Promise((resolve) => setTimeout(resolve, 800));
      const { rows } = await (await fetch(`${control}/connections?limit=1`)).json();
      const ended = new AbortController();
      const response = await fetch(`${control}/connections/${rows[0].id}/tap`, { signal: ended.signal });
      leave = () => ended.abort();
      void (async () => {
        for await (const _ of response.body);
      })().catch(() => undefined);
    }
    const { answer: figures, error } = await answer;
    leave();
    if (error !== undefined) throw new Error(error);
    return figures.cpuMicros;
  }

  const cases = [
    ['100 connections, no tap', 100, false],
    ['100 connections, a tap on one', 100, true],
    ['1 connection, no tap', 1, false],
    ['1 connection, a tap on it', 1, true],
  ].filter(([, , tapped]) => !tapped || process.argv[4] !== 'untapped');
  const found = new Map(cases.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, connections, tapped] of cases) found.get(name).push(await measure(connections, tapped));
  for (const [name, values] of found)
    console.log(
      `${name}: ${median(values).toFixed(2)} µs of processor per message (${values.map((value) => value.toFixed(2)).join(', ')})`,
    );
} finally {
  for (const each of children.reverse()) each.kill();
}
