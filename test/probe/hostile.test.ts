/** Servers that mean harm: whatever they send, the probe ends in bounded time with a clear verdict. */

import type { Socket } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { checks } from '../../src/probe/checks/run.ts';
import { probe } from '../../src/probe/probe.ts';
import { rawFrame } from '../../src/probe/raw-frame.ts';
import type { ProbeReport } from '../../src/probe/report.ts';
import { acceptFor } from '../../src/ws/handshake.ts';
import { brokenEcho } from './broken.ts';
import { cleanUp, rawEndpoint, upgrade } from './endpoints.ts';

afterEach(cleanUp);

const options = { timeoutMs: 400 };

async function probed(serve: (socket: Socket) => void, more: object = {}): Promise<ProbeReport> {
  return probe(`ws://127.0.0.1:${await rawEndpoint(serve)}/`, { ...options, checks: null, ...more });
}

/** A frame as a server sends it. */
const serverFrame = (frame: Parameters<typeof rawFrame>[0]) => rawFrame({ ...frame, mask: null });

function forever(socket: Socket, chunk: string | Uint8Array, first: string | Uint8Array = ''): void {
  socket.write(first);
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}

describe('before the upgrade', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['silence', () => undefined, 'probe-answer-timeout'],
    ['an end without a word', (socket) => socket.once('data', () => socket.end()), 'probe-answer-closed'],
    ['a reset', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'probe-answer-closed'],
    ['garbage', (socket) => socket.end(Buffer.from('00ff1e2d3c4b5a69', 'hex')), 'probe-answer-garbage'],
    ['SSH', (socket) => socket.end('SSH-2.0-OpenSSH_9.2p1 Debian\r\n'), 'probe-answer-garbage'],
    ['a TLS alert', (socket) => socket.end(Buffer.from('15030300020228', 'hex')), 'probe-answer-tls'],
    [
      'endless headers',
      (socket) => forever(socket, 'X-More: more\r\n', 'HTTP/1.1 101 Switching Protocols\r\n'),
      'probe-answer-endless',
    ],
    [
      'one endless header',
      (socket) => forever(socket, 'x'.repeat(65_536), 'HTTP/1.1 101 Switching Protocols\r\nX-Long: '),
      'probe-answer-endless',
    ],
    ['endless bytes that are no HTTP', (socket) => forever(socket, Buffer.alloc(65_536, 0x58)), 'probe-answer-garbage'],
    [
      'a head byte by byte, for ever',
      (socket) => drip(socket, 'HTTP/1.1 101 Switching Protocols\r\nX-Slow: '),
      'probe-answer-timeout',
    ],
    [
      'an endless body',
      (socket) => forever(socket, Buffer.alloc(65_536, 0x61), 'HTTP/1.1 200 OK\r\n\r\n'),
      'probe-upgrade-not-forwarded',
    ],
    [
      'a wrong accept',
      (socket) =>
        socket.once('data', () =>
          socket.write(
            `HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor('another')}\r\n\r\n`,
          ),
        ),
      'probe-accept-wrong',
    ],
    [
      'a 101 without anything',
      (socket) => socket.once('data', () => socket.write('HTTP/1.1 101 OK\r\n\r\n')),
      'probe-upgrade-answer',
    ],
    [
      'escape sequences in its page',
      (socket) => socket.once('data', () => socket.end('HTTP/1.1 404 \u001b[2J\r\n\r\n')),
      'probe-answer-garbage',
    ],
  ])('%s', async (_, serve, code) => {
    const report = await probed(serve);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code } });
    expect(report.failure!.evidence.join('').length).toBeLessThan(3000);
  });
});

describe('after the upgrade', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['silence', () => undefined, 'probe-no-pong'],
    ['an end at once', (socket) => socket.end(), 'probe-closed-at-once'],
    ['a reset at once', (socket) => socket.resetAndDestroy(), 'probe-closed-at-once'],
    [
      'a close frame at once',
      (socket) => socket.end(serverFrame({ opcode: 8, payload: Buffer.from([0x0f, 0xa1]) })),
      'probe-closed-at-once',
    ],
    [
      'a frame of 2^63 bytes',
      (socket) => socket.write(serverFrame({ opcode: 2, length: 2n ** 63n })),
      'probe-violation',
    ],
    [
      'a frame of 2^63 - 1 bytes',
      (socket) => socket.write(serverFrame({ opcode: 2, length: 2n ** 63n - 1n })),
      'probe-violation',
    ],
    ['a masked frame', (socket) => socket.write(rawFrame({ opcode: 1, payload: Buffer.from('x') })), 'probe-violation'],
    [
      'a compressed frame that was not agreed on',
      (socket) => socket.write(serverFrame({ opcode: 1, rsv: 4, payload: deflateRawSync('x') })),
      'probe-violation',
    ],
    [
      'an endless message in fragments',
      (socket) => {
        socket.write(serverFrame({ opcode: 1, fin: false }));
        forever(socket, serverFrame({ opcode: 0, fin: false, payload: Buffer.alloc(60_000, 0x61) }));
      },
      'probe-violation',
    ],
    [
      'endless empty fragments',
      (socket) => {
        socket.write(serverFrame({ opcode: 1, fin: false }));
        forever(socket, Buffer.concat(Array.from({ length: 1000 }, () => serverFrame({ opcode: 0, fin: false }))));
      },
      'probe-no-pong',
    ],
    [
      'endless small messages',
      (socket) =>
        forever(
          socket,
          Buffer.concat(Array.from({ length: 500 }, () => serverFrame({ opcode: 1, payload: Buffer.from('spam') }))),
        ),
      'probe-no-pong',
    ],
    [
      'endless pings',
      (socket) => forever(socket, Buffer.concat(Array.from({ length: 500 }, () => serverFrame({ opcode: 9 })))),
      'probe-no-pong',
    ],
    [
      'a frame that never ends',
      (socket) => drip(socket, 'x', serverFrame({ opcode: 1, length: 1_000_000 })),
      'probe-no-pong',
    ],
  ])('%s', async (_, serve, code) => {
    const report = await probed((socket) => upgrade(socket, () => serve(socket)));
    expect(report).toMatchObject({ outcome: 'failed', failure: { code, step: 'ping' } });
  });

  test('a compressed bomb is refused before it has taken its memory', async () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { finishFlush: 2 });
    const before = process.memoryUsage().rss;
    const report = await probed((socket) =>
      socket.once('data', (chunk) => {
        const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(chunk.toString('latin1'))![1]!;
        socket.write(
          `HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
        );
        socket.write(serverFrame({ opcode: 2, rsv: 4, payload: bomb.subarray(0, -4) }));
      }),
    );
    expect(report.failure).toMatchObject({ code: 'probe-violation', what: expect.stringContaining('message-too-big') });
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  });

  test('one that never closes and never pongs: every step has its line, and the walk its end', async () => {
    const port = await brokenEcho({ neverCloses: true });
    const report = await probe(`ws://127.0.0.1:${port}/`, { ...options, checks: null });
    expect(report.walk.find((step) => step.id === 'close')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('no close frame came back'),
    });
    const mute = await probe(`ws://127.0.0.1:${await brokenEcho({ neverPongs: true })}/`, { ...options, checks: null });
    expect(mute).toMatchObject({ outcome: 'failed', failure: { code: 'probe-no-pong' }, endpoint: { echoes: true } });
  });

  test('all checks end on a server that answers nothing but pings', { timeout: 40_000 }, async () => {
    const port = await brokenEcho({ neverCloses: true });
    const report = await probe(`ws://127.0.0.1:${port}/`, { ...options, adversarial: true });
    expect(report.checks.find((check) => check.id === 'close-echo')).toMatchObject({ verdict: 'warn' });
    expect(report.checks).toHaveLength(checks.length);
  });
});

test('whatever bytes a server sends, the report is whole', { timeout: 60_000 }, async () => {
  let bytes: Uint8Array = new Uint8Array(0);
  let afterUpgrade = false;
  const port = await rawEndpoint((socket) => {
    if (afterUpgrade) upgrade(socket, () => socket.end(bytes));
    else socket.once('data', () => socket.end(bytes));
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      fc.constantFrom('', 'HTTP/1.1 ', 'HTTP/1.1 200 OK\r\n'),
      async (garbage, after, start) => {
        bytes = Buffer.concat([Buffer.from(after ? '' : start), garbage]);
        afterUpgrade = after;
        const report = await probe(`ws://127.0.0.1:${port}/`, { timeoutMs: 1000, checks: null });
        expect(report.outcome).toBe('failed');
        expect(report.failure!.cause).not.toBe('');
        expect(report.failure!.remedy).not.toBe('');
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  '',
  ' ',
  'nonsense',
  'ftp://host/',
  'ws://',
  'ws://host/#fragment',
  'ws://[::1',
  'ws://host:99999/',
  'http:/x y',
  `ws://${'x'.repeat(9000)}/`,
  'ws://\u0000/',
  'javascript:alert(1)',
])('a URL that is none is a diagnosis, not a crash (%#)', async (url) => {
  const report = await probe(url, { ...options, checks: null });
  expect(report).toMatchObject({
    outcome: 'unreachable',
    failure: { code: expect.stringMatching(/^probe-(?:url|name-unknown|resolver-failed)$/) },
  });
});

/** A byte every now and then, so that a timeout between bytes would never come. */
function drip(socket: Socket, text: string, first: string | Uint8Array = ''): void {
  socket.write(first);
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length]!), 20);
  socket.on('close', () => clearInterval(timer));
}
