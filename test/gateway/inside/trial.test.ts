/** Handles lean on Node's inside: they are tried before they are used, and what does not work is said, not suffered. */
import { afterEach, expect, test, vi } from 'vitest';

type Inside = typeof import('../../../src/gateway/inside/handles.ts');
const inside = '../../../src/gateway/inside/handles.ts';

afterEach(() => {
  vi.doUnmock(inside);
  vi.resetModules();
});

/** The trial as it is on a Node whose inside is another. */
async function tryOn(change: (real: Inside) => Partial<Inside>): Promise<string | null> {
  const real = await vi.importActual<Inside>(inside);
  vi.resetModules();
  vi.doMock(inside, () => ({ ...real, ...change(real) }));
  const { tryHandles } = await import('../../../src/gateway/inside/trial.ts');
  return tryHandles();
}

const cases: readonly [what: string, change: (real: Inside) => Partial<Inside>, problem: string | null][] = [
  ['this Node can', () => ({}), null],
  ['a Node that gives no access', () => ({ missing: 'this Node has no TCP' }), 'this Node has no TCP'],
  [
    'a Node that says of every write that it has left',
    (real) => ({ writeToHandle: (...given) => Math.min(0, real.writeToHandle(...given)) }),
    'a write that must wait is said to have left',
  ],
  ['a Node that knows no end', () => ({ endOfFile: -1 }), 'a FIN does not arrive'],
  [
    'a Node that counts its reads elsewhere',
    (real) => ({ bytesRead: () => Math.min(real.bytesRead(), 1) }),
    'the trial took more than 5000 ms',
  ],
];

test.each(cases)('%s', async (_what, change, problem) => {
  expect(await tryOn(change)).toBe(problem);
});
