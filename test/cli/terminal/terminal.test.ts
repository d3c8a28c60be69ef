import { describe, expect, test } from 'vitest';
import { tableOf } from '../../../src/cli/commands/ls.ts';
import { filterSearch } from '../../../src/cli/options/filter.ts';
import { type LiveSample, liveLine } from '../../../src/cli/terminal/line.ts';
import { noticeText } from '../../../src/cli/terminal/notices.ts';
import { openTerminal } from '../../../src/cli/terminal/terminal.ts';
import { rowOf } from '../../../src/registry/row.ts';
import { moment, record } from '../../registry/records.ts';

describe('the live line', () => {
  const before: LiveSample = {
    atMs: 0,
    connections: 0,
    upgraded: 0,
    refused: 0,
    clientMessages: 0,
    serverMessages: 0,
    memoryBytes: 5e7,
    workers: 1,
  };

  test('counts as they are, rates over the time between', () => {
    const now = { ...before, atMs: 2000, connections: 12_345, upgraded: 1, clientMessages: 3000, serverMessages: 40 };
    expect(liveLine({ ...now, refused: 7, memoryBytes: 143e6, workers: 2 }, before)).toBe(
      '12,345 connections · 0.5 handshakes/s · 1,500 msg/s in · 20 msg/s out · 7 refused · 143 MB in 2 workers',
    );
  });

  test('nothing happens', () => {
    expect(liveLine({ ...before, atMs: 1000, connections: 1 }, before)).toBe(
      '1 connection · 0 handshakes/s · 0 msg/s in · 0 msg/s out · 50 MB in 1 worker',
    );
  });
});

describe('openTerminal', () => {
  function terminal(isTTY: boolean, columns = 80) {
    let written = '';
    const output = { isTTY, columns, write: (text: string) => (written += text) };
    return { terminal: openTerminal(output), written: () => written };
  }

  test('on a terminal the live line stays below what is printed, and never wraps', () => {
    const { terminal: live, written } = terminal(true, 20);
    live.status('one');
    live.status('one');
    live.print('news');
    live.status('x'.repeat(50));
    live.end();
    expect(written()).toBe(`one\r\u001b[Knews\none\r\u001b[K${'x'.repeat(19)}\n`);
  });

  test('elsewhere there are only lines', () => {
    const { terminal: plain, written } = terminal(false);
    plain.status('one');
    plain.print('news');
    plain.end();
    expect(written()).toBe('news\n');
  });
});

describe('holdline ls', () => {
  const rows = [
    record({
      id: 'mgx3k2a1-1-00000a',
      clientAddress: '2001:db8:1234:5678:9abc:def0:1234:5678',
      clientMessages: 12_345,
    }),
    record({ id: 'mgx3k2a1-2-00000b', openedAtMs: 0, server: 'https://a-long-name.internal.example.com:9000' }),
  ].map((each) => rowOf(each, moment));

  test('80 columns, with what identifies a connection whole', () => {
    const lines = tableOf(rows, 2, 80);
    expect(lines.map((line) => line.length).filter((length) => length > 80)).toEqual([]);
    expect(lines[0]).toMatch(/^ID +AGE +IDLE +CLIENT +ROUTE +SERVER +IN +OUT$/);
    expect(lines[1]).toMatch(/^mgx3k2a1-1-00000a +10s +4s +2001:.*… +chat +127\.0\.0\.1:9000 +12k +0$/);
    expect(lines[2]).toMatch(/^mgx3k2a1-2-00000b +16m/);
    expect(lines[3]).toBe('2 connections');
  });

  test.each([
    [[], 0, ['0 connections']],
    [rows.slice(0, 1), 4000, '1 of 4,000 connections; --limit shows more'],
  ])('the count below', (shown, matched, expected) => {
    const lines = tableOf(shown, matched, 200);
    expect(Array.isArray(expected) ? lines : lines.at(-1)).toEqual(expected);
  });

  test('what a client sent cannot act on the terminal', () => {
    const [, line] = tableOf([rowOf(record({ id: 'a', route: 'x\u001b[2J' }), moment)], 1, 80);
    expect(line).not.toContain('\u001b');
  });

  test('a filter as the query of a request', () => {
    const filter = { route: 'a b', tags: { user: 'ann', vip: '' }, compressed: true, origin: '', host: undefined };
    expect(filterSearch(filter).toString()).toBe('route=a+b&compressed=true&origin=&tag=user%3Aann&tag=vip');
  });
});

test('notices are one line, whatever a server or client says', () => {
  expect(noticeText({ kind: 'instance-output', upstream: 'chat', instance: 1, line: 'a\u001b[31m\rb' })).toBe(
    'chat/1 | a\\u001b[31m\\rb',
  );
  expect(noticeText({ kind: 'worker-crashed', worker: 7, how: 'signal SIGKILL', lost: 3, restartInMs: 400 })).toBe(
    'worker   7 died (signal SIGKILL); 3 connections were lost; a new one starts in 0.4 s',
  );
});
