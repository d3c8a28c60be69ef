/** Message mode: what waits for the hook or for a reader has a bound, and bad input meets what it meets in a tunnel. */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeFrame } from '../../../src/ws/frame.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import { carries, type RunningBench, startBench } from '../bad-input/bench.ts';
import { ends } from '../bad-input/ends.ts';
import { frames } from '../bad-input/frames.ts';
import { hooksModule } from '../hooks/module.ts';
import { cleanUp, connect, onCleanUp } from '../servers.ts';
import { hooked, pair } from './hooked.ts';

afterEach(cleanUp);

describe('bounds', () => {
  const bufferBytesMax = 64 * 1024;

  test('a client that sends faster than the hook decides is held back, and loses nothing', async () => {
    const { client, server, through } = await pair({ change: { limits: { bufferBytesMax } } });
    const { record } = await through.next('opened');
    client.frame(opcodes.text, 'wait:500');
    const message = encodeFrame({ opcode: opcodes.binary, mask: randomBytes(4), payload: new Uint8Array(10_000) });
    for (let i = 0; i < 2000; i++) client.write(message);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, record.bufferedBytes);
    }, 5);
    onCleanUp(() => clearInterval(watch));
    await expect.poll(() => server.events.length, { timeout: 15_000 }).toBe(2001);
    expect(most).toBeGreaterThan(bufferBytesMax);
    // One read of the socket may come on top, and what the messages in it cost beside their bytes.
    expect(most).toBeLessThan(bufferBytesMax + 65_536 + 10_000);
  });

  test('empty messages are not free: they too fill the buffer', async () => {
    const { client, server, through } = await pair({ change: { limits: { bufferBytesMax } } });
    const { record } = await through.next('opened');
    client.frame(opcodes.text, 'wait:400');
    const empty = encodeFrame({ opcode: opcodes.binary, mask: randomBytes(4), payload: new Uint8Array(0) });
    client.write(Buffer.concat(Array.from({ length: 5000 }, () => empty)));
    await expect.poll(() => record.bufferedBytes).toBeGreaterThan(bufferBytesMax);
    await expect.poll(() => server.events.length, { timeout: 15_000 }).toBe(5001);
    await expect.poll(() => record.bufferedBytes).toBe(0);
  });

  test('a client that reads no answers is closed as a slow consumer', async () => {
    const through = await hooked({
      hooks: `import { randomBytes } from 'node:crypto';
        export const onMessage = () => ({ answer: randomBytes(100_000) });`,
      change: { limits: { bufferBytesMax, slowConsumerMs: 400 } },
    });
    const socket = await connect(through.url());
    socket.pause();
    for (let i = 0; i < 300; i++) socket.send('more');
    const { record } = await through.next('opened');
    expect((await through.ended()).end).toMatchObject({ cause: 'slow-consumer', code: 1013 });
    expect(record.bufferedBytes).toBeLessThan(20e6);
  }, 30_000);
});

describe('bad input in message mode, as the table of the tunnel has it', () => {
  let bench: RunningBench | null = null;
  afterEach(async () => {
    await bench?.close();
    bench = null;
  });

  /**
   * Those that look for parts of messages, or for the client's own bytes, behind the edge: there are none in message
   * mode.
   */
  const ofTunnels = /between two fragments|within a frame|before the server has answered/;
  const cases = [...frames, ...ends].filter(({ what }) => !ofTunnels.test(what));

  test.each(cases.map((bad) => [bad.what, bad] as const))('%s', async (_what, bad) => {
    const hooks = hooksModule({ 'hooks.mjs': 'export const onMessage = async () => {};' });
    const route = { ...bad.route, hooks: { messages: true, onFailure: 'refuse', deadlineMs: 2000 } } as const;
    bench = await startBench({ ...bad, route, hooks });
    const { client, server, noted } = bad;
    expect(await bad.run(bench)).toEqual({ client, server, noted });
    await carries(bench.bystander);
    await expect.poll(() => bench!.edge.gateway.registry.size).toBe(1);
  });
});
