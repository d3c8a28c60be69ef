/** What a new server says while it is told the opening of a connection again. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Patience } from '../../../../src/gateway/handshake/patience.ts';
import { replayTo } from '../../../../src/gateway/handshake/redial/replay-to.ts';
import { Recorder } from '../../../../src/gateway/tunnel/moving/replay.ts';
import type { Wire, WireListener } from '../../../../src/gateway/tunnel/wire.ts';
import { Decoder } from '../../../../src/ws/decoder.ts';
import { encodeFrame, encodeMessage } from '../../../../src/ws/frame.ts';
import { opcodes } from '../../../../src/ws/opcode.ts';

const mask = Buffer.from([1, 2, 3, 4]);
const scanRules = { masked: true, compression: false, messageBytesMax: 1_000_000 };

/** A server at the other end of a wire: `says` brings bytes, `mark` is what its ping held. */
function server() {
  let listener: WireListener | null = null;
  let mark = Buffer.alloc(0);
  let paused = false;
  const decoder = new Decoder({ from: 'client', messageBytesMax: 1_000_000, inflater: null });
  const wire = {
    write(bytes: Uint8Array) {
      for (let at = 0; at < bytes.length; )
        at = decoder.step(bytes, at, (event) => {
          if (event.kind === 'ping') mark = Buffer.from(event.data);
        });
    },
    start(to: WireListener) {
      listener = to;
    },
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
    },
  } as unknown as Wire;
  return {
    wire,
    paused: () => paused,
    mark: () => mark,
    /** The bytes are lent, as those of a socket are: they are overwritten afterwards. */
    says(bytes: Uint8Array) {
      const lent = Buffer.from(bytes);
      listener!.onBytes(lent);
      lent.fill(0);
    },
  };
}

function recorder(until: string | null): Recorder {
  const made = new Recorder({ messages: until === null ? 1 : null, until, bytesMax: 1_000 }, scanRules, null);
  made.fromClient(encodeMessage('subscribe', mask));
  if (until !== null) made.fromServer(encodeMessage('ack', null));
  return made;
}

const ping = encodeFrame({ opcode: opcodes.ping, mask: null, payload: Buffer.alloc(0) });
const pong = (payload: Uint8Array) => encodeFrame({ opcode: opcodes.pong, mask: null, payload });

describe('the pong behind a replay', () => {
  test('all that comes beside it is the client’s, in any pieces', async () => {
    const message = fc.uint8Array({ maxLength: 6_000 }).map((payload) => encodeMessage(payload, null));
    const messages = fc.array(message, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(messages, messages, fc.integer({ min: 1, max: 9_000 }), async (before, after, step) => {
        const { wire, says, mark } = server();
        const replayed = replayTo(wire, Buffer.alloc(0), recorder(null), new Patience());
        const bytes = Buffer.concat([...before, pong(mark()), ...after]);
        for (let at = 0; at < bytes.length; at += step) says(bytes.subarray(at, at + step));
        const { rest, problem } = await replayed;
        expect(problem).toBeNull();
        expect(rest.equals(Buffer.concat([...before, ...after]))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe.each([
  ['a pong', null],
  ['a message', 'ack'],
])('a server that owes %s', (_, until) => {
  test('may not go on with pings without end', async () => {
    const { wire, says, paused } = server();
    const replayed = replayTo(wire, Buffer.alloc(0), recorder(until), new Patience());
    says(Buffer.concat(Array.from({ length: 30_000 }, () => ping)));
    expect((await replayed).problem).toBe('it says too much before it answers the replay');
    expect(paused()).toBe(true);
  });

  test('may not go on with a message without end', async () => {
    const { wire, says } = server();
    const replayed = replayTo(wire, Buffer.alloc(0), recorder(until), new Patience());
    const messages = Buffer.concat(Array.from({ length: 40 }, () => encodeMessage(Buffer.alloc(60_000), null)));
    for (let at = 0; at < messages.length; at += 65_536) says(messages.subarray(at, at + 65_536));
    expect((await replayed).problem).toBe('it says too much before it answers the replay');
  });
});
