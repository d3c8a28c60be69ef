/** Handles lean on Node's inside: they are tried before they are used, and what does not work is said, not suffered. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TlsHandle } from '../../../src/gateway/inside/tls.ts';

type Inside = typeof import('../../../src/gateway/inside/handles.ts');
const inside = '../../../src/gateway/inside/handles.ts';
type InsideTls = typeof import('../../../src/gateway/inside/tls.ts');
const insideTls = '../../../src/gateway/inside/tls.ts';

afterEach(() => {
  vi.doUnmock(inside);
  vi.doUnmock(insideTls);
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

async function tryTlsOn(change: (real: InsideTls) => Partial<InsideTls>): Promise<string | null> {
  const real = await vi.importActual<InsideTls>(insideTls);
  vi.resetModules();
  vi.doMock(insideTls, () => ({ ...real, ...change(real) }));
  const { tryTls } = await import('../../../src/gateway/inside/trial-tls.ts');
  return tryTls();
}

/** TLS of a Node on which one call does something else. */
function otherwise(change: (handle: TlsHandle) => void): (real: InsideTls) => Partial<InsideTls> {
  return (real) => ({
    secured: (...given) => {
      const handle = real.secured(...given);
      change(handle);
      return handle;
    },
  });
}

const tlsCases: readonly [what: string, change: (real: InsideTls) => Partial<InsideTls>, problem: string | null][] = [
  ['this Node can', () => ({}), null],
  ['a Node that gives no access', () => ({ tlsMissing: 'this Node has no tls_wrap' }), 'this Node has no tls_wrap'],
  [
    'a Node that asks nobody for the certificate of a name',
    otherwise((handle) => {
      handle.oncertcb = () => handle.certCbDone();
    }),
    'other.example over TLSv1.3 gets another certificate',
  ],
  [
    'a Node whose errors go elsewhere',
    otherwise((handle) => {
      handle.onerror = () => handle.destroy(new Error('something'));
    }),
    'TLS does not say what is wrong with a handshake',
  ],
  [
    'a Node that does not tell when a handshake is complete',
    otherwise((handle) => {
      handle.onhandshakedone = () => undefined;
    }),
    'the trial took more than 5000 ms',
  ],
  [
    'a Node that knows no queue',
    () => ({ leavingOf: () => 0 }),
    'a write over TLS that must wait is said to have left',
  ],
];

describe('TLS over handles is tried as well', () => {
  test.each(tlsCases)('%s', async (_what, change, problem) => {
    expect(await tryTlsOn(change)).toBe(problem);
  });
});
