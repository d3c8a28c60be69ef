/** What `ls`, `top`, `status`, `history` and `events` print: sizes that fit, and no escape sequence of a client’s. */
import { expect, test } from 'vitest';
import { tableWidth } from '../../src/cli/context.ts';
import type { ServerRow } from '../../src/control/servers/entry.ts';
import { endedOf } from '../../src/registry/history/ended.ts';
import type { Now } from '../../src/registry/live.ts';
import { rowOf } from '../../src/registry/row.ts';
import { connectionColumns, connectionTable } from '../../src/report/edge/connections.ts';
import { historyText } from '../../src/report/edge/history.ts';
import { serverTable } from '../../src/report/edge/servers.ts';
import { eventLine, statusText } from '../../src/report/edge/status.ts';
import { type TopScreen, topLines } from '../../src/report/edge/top.ts';
import { moment, record } from '../registry/records.ts';

const sequence = '\u001b[31m\u001b]0;title\u0007\u009b2J\r\n\u202e';
const hostile = record({
  id: 'a',
  path: `/${sequence}`,
  host: sequence,
  origin: sequence,
  userAgent: sequence,
  subprotocol: sequence,
  tags: { [sequence]: sequence },
});
const ended = endedOf(hostile, {
  by: 'client',
  cause: 'client-close',
  code: 4000,
  reason: sequence,
  begunAtMs: 1_010_000,
  silentMs: 0,
  closedAtMs: 1_010_000,
});
const now: Now = {
  atMs: 1_010_000,
  version: '1',
  startedAtMs: 1_000_000,
  gateClosed: false,
  gateRoutes: [],
  drains: [],
  restarts: 0,
  second: null,
  routes: [],
  servers: [{ upstream: 'chat', url: `http://${sequence}`, connections: 1, state: 'up' }],
  workers: [],
  problems: [sequence],
};
const screen: TopScreen = {
  now,
  seconds: { connections: [1, 2], upgraded: [0, 1], clientMessages: [3, 4], serverMessages: [3, 4] },
  rows: [rowOf(hostile, moment)],
  matched: 1,
  filter: sequence,
  sort: 'age',
  down: true,
  chosen: 0,
  prompt: null,
  message: sequence,
  lost: false,
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
const control = /[\u0000-\u001f\u007f-\u009f\u202e]/;

test('an escape sequence in a header, path, tag, reason or message is text on the terminal', () => {
  const names = Object.keys(connectionColumns) as (keyof typeof connectionColumns)[];
  const seconds = { ...screen.seconds, atMs: [1, 2], refused: [], closed: [], clientBytes: [], serverBytes: [] };
  const snapshot = { now, seconds: { ...seconds, bufferedBytes: [], memoryBytes: [], loopDelayMs: [] }, events: [] };
  const lines = [
    ...connectionTable([rowOf(hostile, moment)], 400, names),
    ...historyText([ended], 400),
    ...statusText(snapshot, 200),
    eventLine({ atMs: 0, kind: 'steered', text: sequence }),
  ];
  for (const line of lines) expect(line).not.toMatch(control);
  expect(lines.join('')).toContain('\\u001b[31m');
});

test.each([
  [80, 24],
  [200, 50],
  [40, 10],
])('top fits %d by %d, and its only escapes are those that mark the chosen row', (width, height) => {
  const lines = topLines(screen, width, height);
  expect(lines).toHaveLength(height);
  for (const line of lines) {
    const plain = line.replace('\u001b[7m', '').replace('\u001b[0m', '');
    expect(plain).not.toMatch(control);
    expect(plain.length).toBeLessThanOrEqual(width);
  }
});

test('where no terminal cuts lines, tables and notes are whole', () => {
  const reason = `the health check failed: ${'x'.repeat(300)}`;
  const row = {
    upstream: 'app',
    url: 'http://10.0.0.1:9000',
    state: 'down',
    reason,
    unsaved: null,
    weight: 1,
    share: 1,
  };
  const lines = serverTable([row as ServerRow], [], tableWidth({ write: () => undefined }));
  expect(lines.at(-1)).toContain(reason);
});
