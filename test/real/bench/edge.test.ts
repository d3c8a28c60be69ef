/**
 * The comparison with the peers comes to its end with numbers, and ends what it started, however it ends. No assertion
 * on the numbers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { family } from '../../../benchmarks/edge/processes.mjs';

const script = path.resolve(import.meta.dirname, '../../../benchmarks/edge/main.mjs');
const directory = mkdtempSync(path.join(tmpdir(), 'holdline-bench-edge-test-'));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function run(...args: string[]): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let text = '';
  child.stdout.on('data', (piece) => (text += piece));
  child.stderr.on('data', (piece) => (text += piece));
  return { child, output: () => text };
}

/** A process that nobody has waited for yet is still listed, but does nothing any more. */
const lives = (pid: number) => existsSync(`/proc/${pid}/exe`) && readFileSync(`/proc/${pid}/cmdline`).length > 0;

test('one row of nginx and Holdline, quickly: every round has a figure', async () => {
  const file = path.join(directory, 'edge.json');
  const { child, output } = run('--quick', '--only', '64x1', '--peers', 'nginx,holdline', '--json', file);
  const [code] = await once(child, 'close');
  expect(output()).toMatch(/Holdline's target, at most 1\.30 of nginx: (met|missed)/);
  expect(code).toBe(0);
  const { results, versions } = JSON.parse(readFileSync(file, 'utf8'));
  expect(Object.keys(versions)).toEqual(['nginx', 'holdline']);
  for (const peer of ['nginx', 'holdline']) {
    const rounds = results['64x1'][peer];
    expect(rounds.map(({ round }: { round: number }) => round)).toEqual([1, 2]);
    for (const { value, messages } of rounds) {
      expect(value).toBeGreaterThan(0);
      expect(messages).toBeGreaterThan(0);
    }
  }
});

test('Ctrl-C in the middle ends the proxies, the server and the clients', async () => {
  const { child, output } = run('--only', '64x1', '--peers', 'nginx,holdline', '--rounds', '100');
  await expect.poll(output, { timeout: 60_000 }).toContain('round 1 of 100');
  const pids = family(child.pid ?? 0).slice(1);
  // The server, the clients, nginx's two and Holdline's two.
  expect(pids.length).toBeGreaterThanOrEqual(6);
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  expect(code).toBe(130);
  await expect.poll(() => pids.filter(lives), { timeout: 10_000 }).toEqual([]);
});
