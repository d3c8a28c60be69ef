/**
 * Idle discovery against servers that end connections on their own, each in its own way; nginx and HAProxy are in
 * test/real.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { Death } from '../../src/probe/idle/death.ts';
import { judgeIdle, type Observation } from '../../src/probe/idle/judge.ts';
import type { IdleReport, LaneKind } from '../../src/probe/idle/report.ts';
import { probe } from '../../src/probe/probe.ts';
import { Decoder } from '../../src/ws/decoder.ts';
import { encodeFrame } from '../../src/ws/frame.ts';
import { opcodes } from '../../src/ws/opcode.ts';
import { cleanUp, rawEndpoint, upgrade, wsEcho } from './endpoints.ts';

afterAll(cleanUp);

async function idleOf(port: number, maxMs: number): Promise<IdleReport> {
  const report = await probe(`ws://127.0.0.1:${port}/`, { checks: null, idle: { maxMs }, timeoutMs: 1000 });
  expect(report.failure).toBeNull();
  return report.idle!;
}

function expectNear(actual: number | null, expected: number): void {
  expect(actual).toBeGreaterThan(expected * 0.9);
  expect(actual).toBeLessThan(expected * 1.1);
}

/** Calls `drop` when `sign` was not called for so long. */
function patience(ms: number, drop: () => void): { sign: () => void; end: () => void } {
  let timer = setTimeout(drop, ms);
  return {
    sign: () => {
      clearTimeout(timer);
      timer = setTimeout(drop, ms);
    },
    end: () => clearTimeout(timer),
  };
}

function dropping(ms: number, hears: (peer: WebSocket, sign: () => void) => void, code = 4408) {
  return (peer: WebSocket) => {
    const { sign, end } = patience(ms, () => peer.close(code, 'quiet for too long'));
    hears(peer, sign);
    peer.on('close', end);
  };
}

describe.concurrent('servers that drop on their own', () => {
  test('who sends no message for 3 s, with a close code', async () => {
    const idle = await idleOf(
      await wsEcho({ onPeer: dropping(3000, (peer, sign) => peer.on('message', sign)) }),
      30_000,
    );
    expect(idle).toMatchObject({
      kind: 'idle',
      death: { how: 'close-frame', code: 4408, reason: 'quiet for too long' },
      keptOpenBy: { pings: false, clientFrames: false, messages: true },
    });
    expectNear(idle.timeoutMs, 3000);
    expect(idle.guess?.hop).toContain('the server itself');
    expect(idle.finding).toContain('pings do not keep it open, messages do');
  });

  test('a client that is silent, although the server itself speaks', async () => {
    const idle = await idleOf(
      await wsEcho({
        onPeer: (peer) => {
          const ticks = setInterval(() => peer.send('tick'), 400);
          peer.on('close', () => clearInterval(ticks));
          dropping(3000, (_, sign) => {
            for (const kind of ['message', 'ping', 'pong'] as const) peer.on(kind, sign);
          })(peer);
        },
      }),
      30_000,
    );
    expect(idle).toMatchObject({
      kind: 'idle',
      silence: 'client',
      keptOpenBy: { serverFrames: false, clientFrames: true },
    });
    expectNear(idle.timeoutMs, 3000);
    expect(idle.serverSpeaks.messages).toBeGreaterThan(4);
  });

  test('who does not answer its pings', async () => {
    const idle = await idleOf(
      await wsEcho({
        onPeer: (peer) => {
          const pings = setInterval(() => peer.ping(), 500);
          const { sign, end } = patience(2500, () => peer.terminate());
          peer.on('pong', sign).on('close', () => {
            clearInterval(pings);
            end();
          });
        },
      }),
      30_000,
    );
    expect(idle.kind).toBe('heartbeat');
    expectNear(idle.timeoutMs, 2500);
    expect(idle.serverSpeaks.pings).toBeGreaterThan(2);
  });

  test('everybody at the same age', async () => {
    const idle = await idleOf(await wsEcho({ onPeer: (peer) => setTimeout(() => peer.close(1001), 3000) }), 30_000);
    expect(idle).toMatchObject({ kind: 'lifetime', silence: null, guess: null });
    expectNear(idle.timeoutMs, 3000);
  });

  test('nobody: the search ends at its limit', async () => {
    const idle = await idleOf(await wsEcho(), 2500);
    expect(idle).toMatchObject({ kind: 'none', timeoutMs: null, death: null });
    expect(idle.lanes.every((lane) => lane.death === null)).toBe(true);
  });

  test('a hop that forgets the connection without a word', { timeout: 40_000 }, async () => {
    const idle = await idleOf(await forgetful(3000), 6000);
    expect(idle).toMatchObject({ kind: 'idle', death: { how: 'black-hole' }, keptOpenBy: { pings: true } });
    expectNear(idle.timeoutMs, 3000);
    expect(idle.guess?.hop).toBe('a firewall or NAT');
  });
});

/** Answers pings and echoes; after so much silence it reads on and says nothing any more. */
function forgetful(ms: number): Promise<number> {
  return rawEndpoint((socket) =>
    upgrade(socket, () => {
      let forgotten = false;
      const { sign, end } = patience(ms, () => {
        forgotten = true;
      });
      const decoder = new Decoder({ from: 'client', messageBytesMax: 100_000, inflater: null });
      socket.on('close', end).on('data', (chunk) => {
        if (forgotten) return;
        sign();
        decoder.push(chunk, (event) => {
          if (event.kind === 'pong') return;
          if (event.kind === 'close')
            return void socket.end(
              encodeFrame({ opcode: opcodes.close, mask: null, payload: new Uint8Array([3, 232]) }),
            );
          const opcode = event.kind === 'ping' ? opcodes.pong : opcodes[event.kind];
          socket.write(encodeFrame({ opcode, mask: null, payload: event.data }));
        });
      });
    }),
  );
}

describe('what the lanes mean', () => {
  const fin: Death = { how: 'fin' };
  const lane = (kind: LaneKind, ageMs: number, death: Death | null = null) => ({ kind, ageMs, death });
  const seen = (change: Partial<Observation>): Observation => ({
    lanes: [
      lane('mute', 60_100, fin),
      lane('mute', 60_000, fin),
      lane('pongs', 80_000),
      lane('pings', 80_000),
      lane('messages', 80_000),
    ],
    spoken: [],
    bracketMs: null,
    maxMs: 120_000,
    tookMs: 80_000,
    server: null,
    ...change,
  });

  test.each<[string, Partial<Observation>, Partial<IdleReport>]>([
    [
      '60 s and no close frame',
      {},
      { kind: 'idle', silence: 'both', guess: expect.objectContaining({ hop: 'nginx' }) as never },
    ],
    [
      'the client’s frames do not help, pings do: the server’s silence counts',
      {
        lanes: [lane('mute', 60_000, fin), lane('pongs', 60_000, fin), lane('pings', 80_000), lane('messages', 80_000)],
      },
      {
        kind: 'idle',
        silence: 'server',
        keptOpenBy: { pings: true, clientFrames: false, serverFrames: null, messages: true },
      },
    ],
    [
      'without messages, a lifetime cannot be told from a timeout that pings do not reset',
      { lanes: [lane('mute', 60_000, fin), lane('pongs', 60_000, fin), lane('pings', 60_000, fin)] },
      { kind: 'idle' },
    ],
    [
      'a black hole at 350 s',
      { lanes: [lane('mute', 355_000)], bracketMs: [340_000, 360_000] },
      { timeoutMs: 350_000, guess: expect.objectContaining({ hop: expect.stringContaining('AWS Network') }) as never },
    ],
    ['no lane at all', { lanes: [] }, { kind: 'unclear' }],
    [
      'nobody died',
      { lanes: [lane('mute', 120_000)] },
      { kind: 'none', finding: 'not cut in 120 s of silence; --max watches for longer' },
    ],
    [
      'nobody died, because the server pings',
      {
        lanes: [lane('mute', 120_000)],
        spoken: [
          { atMs: 25_000, what: 'ping' },
          { atMs: 50_000, what: 'ping' },
        ],
      },
      { kind: 'none', serverSpeaks: { pings: 2, messages: 0, everyMs: 25_000 } },
    ],
  ])('%s', (_, change, expected) => {
    expect(judgeIdle(seen(change))).toMatchObject(expected);
  });
});
