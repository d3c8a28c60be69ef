/** The direct way with sockets leans on Node's inside: it is tried before it is used, and what does not work is said, not suffered. */
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.doUnmock('../../../src/gateway/tunnel/node-inside.ts');
  vi.resetModules();
});

/** The check as it is on a Node whose inside is another. */
async function tryOn(change: (real: Inside) => unknown): Promise<string | null> {
  const real = await vi.importActual<{ nodeInside(): Inside }>('../../../src/gateway/tunnel/node-inside.ts');
  vi.resetModules();
  vi.doMock('../../../src/gateway/tunnel/node-inside.ts', () => ({ nodeInside: () => change(real.nodeInside()) }));
  const { tryDirectSockets } = await import('../../../src/gateway/tunnel/sockets.ts');
  return tryDirectSockets();
}

interface Inside {
  readonly WriteRequest: new () => object;
  lastWriteTookRequest(): boolean;
  readonly places: Readonly<Record<'buffer' | 'callback' | 'generator', symbol>>;
}

test('this Node can', async () => {
  expect(await tryOn((inside) => inside)).toBeNull();
});

test('a Node that gives no access', async () => {
  expect(await tryOn(() => null)).toBe('this Node has no such sockets');
});

test('a Node that reads its buffer from elsewhere', async () => {
  const places = { buffer: Symbol('a'), callback: Symbol('b'), generator: Symbol('c') };
  expect(await tryOn((inside) => ({ ...inside, places }))).not.toBeNull();
});
