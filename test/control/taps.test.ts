/** The stream of a tap: frames as the worker tells them, an end, and no more of them at a time than are allowed. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { tapStreams, tapStreamsMax } from '../../src/control/live/taps.ts';
import { mergeTaps, type TapAnswer, type TapRow } from '../../src/registry/tap.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const row: TapRow = {
  what: 'frame',
  atMs: 1,
  from: 'client',
  kind: 'text',
  bytes: 3,
  compressed: false,
  final: true,
  frames: 1,
};

function target(answers: (TapAnswer | null)[] = []) {
  const asked: string[] = [];
  const left: string[] = [];
  return {
    asked,
    left,
    tap: async (id: string, viewer: string) => {
      asked.push(viewer);
      if (id !== 'c1') return null;
      return answers.length > 0 ? answers.shift()! : { rows: [], missed: 0, ended: false };
    },
    untap: async (_id: string, viewer: string) => void left.push(viewer),
  };
}

async function texts(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const all: string[] = [];
  const reader = stream.getReader();
  for (;;) {
    await vi.advanceTimersByTimeAsync(500);
    const { value, done } = await reader.read();
    if (done) return all;
    all.push(new TextDecoder().decode(value));
  }
}

test('a connection that another worker has by now goes on, after what the first one saw of it', () => {
  const before = { rows: [row], missed: 2, ended: true };
  const after = { rows: [{ ...row, atMs: 2 }], missed: 0, ended: false };
  for (const answers of [
    [null, after, before],
    [before, after],
  ])
    expect(mergeTaps(answers)).toEqual({ rows: [row, { ...row, atMs: 2 }], missed: 2, ended: false });
  expect(mergeTaps([null, before])).toEqual(before);
  expect(mergeTaps([null, null])).toBeNull();
});

test('frames until the connection has ended', async () => {
  const first = { rows: [], missed: 0, ended: false };
  const edge = target([first, { rows: [row], missed: 4, ended: false }, { rows: [], missed: 0, ended: true }, null]);
  expect(await texts(await tapStreams(edge).open('c1'))).toEqual([
    `event: frames\ndata: ${JSON.stringify({ rows: [row], missed: 4 })}\n\n`,
    'event: frames\ndata: {"rows":[],"missed":0}\n\n',
    'event: end\ndata: {}\n\n',
  ]);
  expect(new Set(edge.asked).size).toBe(1);
});

test('a connection that is nowhere for a moment, on its way to another worker, has not ended', async () => {
  const gone = { rows: [], missed: 0, ended: true };
  const edge = target([{ ...gone, ended: false }, gone, { rows: [row], missed: 0, ended: false }, gone, null]);
  const told = await texts(await tapStreams(edge).open('c1'));
  expect(told.map((text) => text.split('\n')[0])).toEqual([
    'event: frames',
    'event: frames',
    'event: frames',
    'event: end',
  ]);
});

test('a viewer that does not read is not asked for, and one that leaves ends its tap', async () => {
  const edge = target();
  const stream = await tapStreams(edge).open('c1');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(edge.asked).toHaveLength(2);
  await stream.cancel();
  expect(edge.left).toEqual([edge.asked[0]]);
});

test('an unknown connection, and too many viewers', async () => {
  const taps = tapStreams(target());
  await expect(taps.open('nobody')).rejects.toMatchObject({ code: 'connection-unknown' });
  const streams = [];
  for (let each = 0; each < tapStreamsMax; each++) streams.push(await taps.open('c1'));
  await expect(taps.open('c1')).rejects.toMatchObject({ code: 'control-viewers' });
  await streams[0]!.cancel();
  await (await taps.open('c1')).cancel();
});
