/**
 * A property of a wire, for the tests (300 runs) and the benchmark (10,000): what was written arrives, and ends are
 * told as they were.
 */
import fc from 'fast-check';
import type { Loopback, Witness } from './loopback.ts';

/** What one end does, step after step. */
export type Step =
  | { readonly do: 'write'; readonly bytes: number }
  /** Several writes that leave together. */
  | { readonly do: 'corked'; readonly bytes: readonly number[] }
  | { readonly do: 'pause' | 'resume' | 'turn' | 'end' };

export interface Script {
  readonly borrows: boolean;
  readonly steps: readonly (readonly [end: 0 | 1, step: Step])[];
  /** How it ends when the steps are done: both finish, or one resets or destroys, at once or when all has arrived. */
  readonly last: { readonly by: 0 | 1; readonly how: 'finish' | 'reset' | 'destroy'; readonly when: 'now' | 'quiet' };
}

const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 3, arbitrary: fc.integer({ min: 301, max: 20_000 }) },
  { weight: 2, arbitrary: fc.constantFrom(4096, 4097, 8192, 8193, 16_384, 65_535, 65_536, 65_537) },
  { weight: 1, arbitrary: fc.integer({ min: 65_538, max: 3_000_000 }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), bytes: size }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('corked' as const), bytes: fc.array(size, { maxLength: 6 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const, 'turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const) }) },
);

const end = fc.constantFrom(0 as const, 1 as const);

export const script: fc.Arbitrary<Script> = fc.record({
  borrows: fc.boolean(),
  steps: fc.array(fc.tuple(end, step), { maxLength: 24 }),
  last: fc.record({
    by: end,
    how: fc.constantFrom('finish' as const, 'finish' as const, 'reset' as const, 'destroy' as const),
    when: fc.constantFrom('now' as const, 'quiet' as const),
  }),
});

/** How the two ends saw it end. What an abrupt end cuts off depends on the moment, so that nothing is said of it. */
export interface Outcome {
  readonly ends: readonly (readonly string[])[] | null;
}

/** Runs a script. Throws when a byte is lost, added or changed, or when an end in order is not told in order. */
export async function play(over: Loopback, { borrows, steps, last }: Script): Promise<Outcome> {
  const pair = await over.pair({ borrows });
  const sent = [0, 0];
  const finished = [false, false];
  for (const witness of pair) witness.wire.start(witness, null);
  for (const [at, { do: what, ...more }] of steps) {
    const { wire } = pair[at];
    if (what === 'turn') await turn();
    else if (what === 'write' || what === 'corked') {
      const sizes = 'bytes' in more ? [more.bytes].flat() : [];
      if (what === 'corked') wire.cork();
      for (const bytes of sizes) {
        wire.write(pattern(at, sent[at]!, bytes));
        if (!finished[at]) sent[at]! += bytes;
      }
      if (what === 'corked') wire.uncork();
    } else if (what === 'end') {
      finished[at] = true;
      wire.end();
    } else if (!finished[at]) wire[what]();
  }
  for (const { wire } of pair) wire.resume();
  const arrived = () => pair[0].bytes === sent[1] && pair[1].bytes === sent[0];

  if (last.how === 'finish') {
    for (const { wire } of pair) wire.end();
    await until(pair, () => pair.every((witness) => witness.over));
    if (!arrived()) throw new Error(`of ${sent} bytes ${pair[1].bytes},${pair[0].bytes} arrived`);
    for (const { ends } of pair)
      if (ends.join() !== 'end,closed') throw new Error(`an end in order was told as ${ends}`);
  } else {
    if (last.when === 'quiet') {
      // Both ends are over already when both had finished.
      await until(pair, () => arrived() || pair.some((witness) => witness.over));
    }
    if (last.how === 'reset') pair[last.by].reset();
    pair[last.by].wire.destroy();
    const other = pair[last.by === 0 ? 1 : 0];
    await endOf(other);
  }
  check(pair[0], 1, sent[1]!);
  check(pair[1], 0, sent[0]!);
  const comparable = last.how === 'finish' || (last.when === 'quiet' && !finished[0] && !finished[1]);
  return {
    ends: comparable ? pair.map((witness, at) => (at === last.by && last.how !== 'finish' ? [] : witness.ends)) : null,
  };
}

/** Resolves once `fact` holds; it is looked at whenever something has happened at one of the ends. */
async function until(witnesses: readonly Witness[], fact: () => boolean): Promise<void> {
  while (!fact()) {
    await new Promise<void>((resolve) => {
      for (const witness of witnesses) witness.onChange = resolve;
    });
  }
}

/** After the other one has gone without a word: a FIN leaves it to us to finish, a reset does not. */
async function endOf(witness: Witness): Promise<void> {
  await until([witness], () => witness.ends.length > 0);
  if (!witness.over) witness.wire.end();
  await until([witness], () => witness.over);
}

function check(witness: Witness, from: 0 | 1, sent: number): void {
  const { received } = witness;
  if (received.length > sent) throw new Error(`${received.length} bytes came of ${sent}`);
  if (!received.equals(pattern(from, 0, received.length))) throw new Error('other bytes came than were sent');
}

const patterns = [0, 1].map((which) => {
  const bytes = Buffer.alloc(1 << 20);
  // Of a period that is no power of two, so that a piece at the wrong place shows.
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i % 251) ^ (i >> 9) ^ (which * 0x55);
  return bytes;
});

/** The bytes that an end writes from an offset on: known, and different everywhere. */
function pattern(end: 0 | 1, offset: number, length: number): Buffer {
  const source = patterns[end]!;
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const from = (offset + at) % source.length;
    at += source.copy(bytes, at, from, Math.min(source.length, from + length - at));
  }
  return bytes;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
