import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { endedFromLog } from '../../../src/control/history/log-reader.ts';
import { endedFromLine } from '../../../src/control/log/close-fields.ts';
import { closeEvent } from '../../../src/control/log/events.ts';
import { logLine, openLog } from '../../../src/control/log/log.ts';
import { record } from '../../registry/records.ts';

const end = {
  by: 'operator',
  cause: 'kick',
  code: 4001,
  reason: 'out',
  begunAtMs: 1_002_400,
  silentMs: 40,
  closedAtMs: 1_002_500,
} as const;
const closed = closeEvent(record({ id: 'a', clientMessages: 2, subprotocol: 'v1', tags: { user: 'ann' } }), end);

test('a close says who, whither, how long, how much, and why', () => {
  expect(logLine(closed, 0)).toEqual({
    level: 'info',
    message: 'connection closed',
    fields: {
      time: 1_002_500,
      event: 'close',
      id: 'a',
      clientAddress: '192.0.2.1',
      clientPort: 50_000,
      peer: '192.0.2.1',
      tls: false,
      route: 'chat',
      upstream: 'chat',
      server: 'http://127.0.0.1:9000',
      host: 'app.example.com',
      path: '/chat/',
      origin: 'https://app.example.com',
      userAgent: 'test',
      subprotocol: 'v1',
      compressed: false,
      tags: { user: 'ann' },
      openedAtMs: 1_000_000,
      endedAtMs: 1_002_400,
      durationMs: 2500,
      idleMs: 40,
      rttMs: null,
      clientBytes: 0,
      clientMessages: 2,
      serverBytes: 0,
      serverMessages: 0,
      by: 'operator',
      code: 4001,
      reason: 'out',
      cause: 'kick',
    },
  });
});

test('an ended connection reads back out of its line, whatever stands beside it', async () => {
  const line = (fields: object) => `${JSON.stringify(fields)}\n`;
  const { fields } = logLine(closed, 0);
  expect(endedFromLine(line(fields))).toEqual(closed.ended);
  const v6 = closeEvent(record({ id: 'b', clientAddress: '2001:db8::1', clientPort: 0 }), end);
  expect(endedFromLine(line(logLine(v6, 0).fields))).toMatchObject({ clientAddress: '2001:db8::1', clientPort: 0 });
  for (const not of [
    '',
    '{"event":"close"',
    '{"event":"close"}',
    line({ ...fields, cause: 'toString' }),
    line({ ...fields, id: 7 }),
  ])
    expect(endedFromLine(not)).toBeNull();

  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-log-'));
  const file = path.join(directory, 'edge.log');
  const lines = Array.from({ length: 30 }, (_, at) => line({ ...fields, id: `c${at}`, reason: 'x'.repeat(50_000) }));
  writeFileSync(file, `${lines.join('')}{"event":"open"}\n{"event":"close","id`);
  expect((await endedFromLog(file, 25)).map((each) => each.id)).toEqual(lines.slice(5).map((_, at) => `c${at + 5}`));
  expect(await endedFromLog(path.join(directory, 'none.log'), 25)).toEqual([]);
  rmSync(directory, { recursive: true });
});

test('what has no time of its own gets that of the writing', () => {
  const line = logLine({ kind: 'worker-crashed', worker: 7, how: 'signal SIGKILL', lost: 12, restartInMs: 0 }, 99);
  expect(line).toMatchObject({ level: 'error', fields: { time: 99, event: 'worker-crashed', lost: 12 } });
});

test('lines of JSON in a file, all of them there after close', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-log-'));
  const file = path.join(directory, 'new', 'edge.log');
  const log = await openLog({ destination: file });
  for (let n = 0; n < 1000; n++) log.write(closed);
  await log.close();
  await log.close();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(1000);
  expect(JSON.parse(lines[999]!)).toMatchObject({
    level: 30,
    time: 1_002_500,
    cause: 'kick',
    msg: 'connection closed',
  });
  rmSync(directory, { recursive: true });
});

test('a file that cannot be opened is an error', async () => {
  await expect(openLog({ destination: '/dev/null/edge.log' })).rejects.toThrow();
});

test('a log that was renamed goes on in a new file, and nothing is lost on the way', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-log-'));
  const file = path.join(directory, 'edge.log');
  const log = await openLog({ destination: file });
  for (let n = 0; n < 100; n++) log.write(closed);
  renameSync(file, `${file}.1`);
  await log.reopen();
  for (let n = 0; n < 10; n++) log.write(closed);
  await log.close();
  const lines = (name: string) => readFileSync(name, 'utf8').trimEnd().split('\n').length;
  expect([lines(`${file}.1`), lines(file)]).toEqual([100, 10]);
  rmSync(directory, { recursive: true });
});

test('a log that cannot be opened anew goes on as it was', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-log-'));
  const file = path.join(directory, 'edge.log');
  const log = await openLog({ destination: file });
  renameSync(file, `${file}.1`);
  mkdirSync(file);
  await expect(log.reopen()).rejects.toThrow('EISDIR');
  log.write(closed);
  await log.close();
  expect(readFileSync(`${file}.1`, 'utf8')).toContain('connection closed');
  rmSync(directory, { recursive: true });
});
