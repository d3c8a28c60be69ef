import type { ConnectionRecord } from '../../src/registry/record.ts';

/** A record with the fields that a test cares about, and ordinary ones elsewhere. */
export function record(fields: Partial<ConnectionRecord> & { readonly id: string }): ConnectionRecord {
  return {
    openedAtMs: 1_000_000,
    clientAddress: '192.0.2.1',
    clientPort: 50_000,
    peerAddress: '192.0.2.1',
    tls: false,
    route: 'chat',
    upstream: 'chat',
    server: 'http://127.0.0.1:9000',
    host: 'app.example.com',
    path: '/chat/',
    origin: 'https://app.example.com',
    userAgent: 'test',
    subprotocol: null,
    compressed: false,
    tags: {},
    state: 'open',
    clientBytes: 0,
    clientMessages: 0,
    serverBytes: 0,
    serverMessages: 0,
    lastDataMs: 500,
    rttMs: null,
    bufferedBytes: 0,
    ...fields,
  };
}

/** Ten seconds after `record` opened, four seconds after its last data. */
export const moment = { nowMs: 1_010_000, monotonicMs: 4500 };
