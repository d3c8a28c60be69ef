/**
 * One reader that stopped among a thousand. In a network namespace of the test's own, whose TCP buffers are small:
 * otherwise the kernels of both ends would hold megabytes for the slow one, and the feed would have to run for minutes.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';

const readers = 1000;
const bytesPerSecond = 1_000_000;

test(`${readers} readers of a feed, one of them stuck: it alone is closed, as a slow consumer`, () => {
  const script = path.join(import.meta.dirname, '../support/slow-reader.mjs');
  const tcp =
    'sysctl -qw net.ipv4.tcp_wmem="4096 16384 16384" net.ipv4.tcp_rmem="4096 16384 16384" net.ipv4.tcp_max_syn_backlog=4096';
  const command = `ip link set lo up && ${tcp} && exec ${process.execPath} ${script} ${readers} ${bytesPerSecond}`;
  const run = spawnSync('unshare', ['--net', 'sh', '-c', command], { encoding: 'utf8', timeout: 110_000 });
  expect(run.error).toBeUndefined();
  expect(run.stderr).toBe('');
  const seen = JSON.parse(run.stdout) as Record<string, number | string>;
  console.log(
    `worker memory: ${seen.memoryBeforeMb} MB before, at most ${seen.memoryMaxMb} MB; ${seen.messages} messages each for the other ${readers - 1}`,
  );
  expect(seen).toMatchObject({ slowCause: 'slow-consumer', slowCode: 1013, closedOthers: 0, missing: 0 });
  // The slow one may hold its buffer (64 KiB) and what node had read for it; a thousand times that would be 64 MB.
  expect(Number(seen.memoryMaxMb) - Number(seen.memoryBeforeMb)).toBeLessThan(48);
});
