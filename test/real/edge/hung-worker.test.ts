/**
 * A worker that stands still is seen, said, left out of answers, and replaced; it does not outlive its supervisor
 * either.
 */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { startGuardian } from '../../../src/control/processes/guardian.ts';
import { startTestEdge, type TestEdge, until } from './edge.ts';

let edge: TestEdge;
afterEach(() => edge?.close());

test('one of two workers is stopped', async () => {
  edge = await startTestEdge({ workers: 2 });
  const { supervisor, events } = edge;
  // Both get some: which one accepts is up to the kernel.
  const sockets = [];
  while (supervisor.workers().some((worker) => worker.connections === 0)) {
    sockets.push(await edge.connect());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [hung] = supervisor.workers();
  process.kill(hung!.pid, 'SIGSTOP');
  await until(() => events.some((event) => event.kind === 'worker-silent' && event.worker === hung!.pid));
  expect(supervisor.silentWorkers()).toEqual([hung!.pid]);

  // Questions are answered at once, by who answers.
  const page = await supervisor.query({}, { limit: 100, after: null });
  expect(page.matched).toBeGreaterThan(0);
  expect(page.matched).toBeLessThan(sockets.length);
  expect(supervisor.workers().find((worker) => worker.pid === hung!.pid)!.silentMs).toBeGreaterThan(0);

  await until(() => supervisor.workerRestarts() === 1 && supervisor.workers().length === 2);
  expect(supervisor.silentWorkers()).toEqual([]);
  expect(events.find((event) => event.kind === 'worker-crashed')).toMatchObject({
    worker: hung!.pid,
    how: expect.stringMatching(/^no report for 10 s, ended with signal SIGKILL$/),
  });
  // Who was on the other one has noticed nothing.
  expect(sockets.filter((socket) => socket.readyState === socket.OPEN).length).toBe(page.matched);
}, 60_000);

test('a question that a stopped worker leaves open is answered by the others', async () => {
  edge = await startTestEdge({ workers: 2 });
  const [hung] = edge.supervisor.workers();
  process.kill(hung!.pid, 'SIGSTOP');
  expect(await edge.supervisor.counts('route', {})).toEqual({});
  expect(edge.supervisor.silentWorkers()).toEqual([hung!.pid]);
}, 60_000);

test('a worker that goes on before it is ended is no longer silent', async () => {
  edge = await startTestEdge({ workers: 2 });
  const socket = await edge.connect();
  const [hung] = edge.supervisor.workers();
  process.kill(hung!.pid, 'SIGSTOP');
  await until(() => edge.supervisor.silentWorkers().length === 1);
  process.kill(hung!.pid, 'SIGCONT');
  await until(() => edge.supervisor.silentWorkers().length === 0);
  expect(edge.supervisor.workerRestarts()).toBe(0);
  expect(socket.readyState).toBe(socket.OPEN);
}, 60_000);

test('a process that hangs is ended when the pipe of its supervisor is', async () => {
  const { spawn } = await import('node:child_process');
  const program = 'setInterval(() => undefined, 1000); // a-worker-of-this-test';
  const worker = spawn(process.execPath, ['-e', program]);
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  const forgotten = spawn(process.execPath, ['-e', program]);
  process.kill(worker.pid!, 'SIGSTOP');
  const guardian = startGuardian('a-worker-of-this-test');
  for (const each of [worker, stranger, forgotten]) guardian.watch(each.pid!);
  guardian.forget(forgotten.pid!);
  guardian.abandon();
  const gone = (pid: number) => {
    try {
      return /State:\s+Z/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return true;
    }
  };
  await until(() => gone(worker.pid!));
  expect([gone(stranger.pid!), gone(forgotten.pid!)]).toEqual([false, false]);
  stranger.kill('SIGKILL');
  forgotten.kill('SIGKILL');
}, 60_000);
