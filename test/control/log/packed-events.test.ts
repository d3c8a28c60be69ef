import { expect, test } from 'vitest';
import type { LogEvent } from '../../../src/control/log/events.ts';
import { packEvents, unpackEvents } from '../../../src/control/log/packed-events.ts';
import type { EndedRecord } from '../../../src/registry/history/ended.ts';

/** Every field another value, so that one that is taken for another shows. */
const ended: EndedRecord = {
  id: 'w-000001',
  openedAtMs: 1,
  ageMs: 2,
  idleMs: 3,
  clientAddress: '203.0.113.9',
  clientPort: 4,
  peerAddress: '10.0.0.1',
  tls: true,
  route: 'chat',
  upstream: 'rooms',
  server: 'http://10.0.0.9:9000',
  host: 'app.example.com',
  path: '/chat',
  origin: 'https://app.example.com',
  userAgent: 'a browser "with" quotes\u2028 and \ud83d\ude00',
  subprotocol: 'v1',
  compressed: false,
  tags: { user: 'anna' },
  clientBytes: 5,
  clientMessages: 6,
  serverBytes: 7,
  serverMessages: 8,
  rttMs: 9.5,
  endedAtMs: 10,
  by: 'client',
  cause: 'client-close',
  code: 1000,
  reason: 'bye',
};

test('what is packed is there again, in order', () => {
  const events: LogEvent[] = [
    { kind: 'close', atMs: 11, ended },
    { kind: 'suppressed', atMs: 12, count: 3 },
    {
      kind: 'close',
      atMs: 13,
      ended: {
        ...ended,
        origin: null,
        userAgent: null,
        subprotocol: null,
        rttMs: null,
        tls: false,
        tags: {},
        reason: '',
      },
    },
    { kind: 'close', atMs: 14, ended: { ...ended, compressed: true, path: ended.host, id: 'w-000002' } },
  ];
  expect(unpackEvents(packEvents(events))).toEqual(events);
});

test('a text that thousands say stands there once', () => {
  const events: LogEvent[] = Array.from({ length: 200 }, () => ({ kind: 'close', atMs: 1, ended }));
  expect(packEvents(events).split('app.example.com"').length - 1).toBeLessThanOrEqual(2);
});
