import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HoldlineError } from '../../../src/base/error.ts';
import { unpackEvents } from '../../../src/control/log/packed-events.ts';
import type { Question, ToSupervisor, ToWorker } from '../../../src/control/workers/messages.ts';
import { startWorkerSession } from '../../../src/control/workers/session.ts';
import { type Gateway, type GatewayOptions, openGate } from '../../../src/gateway/contract.ts';
import { record } from '../../registry/records.ts';
import { FakeGateway } from '../fake-gateway.ts';
import { plan } from '../plans.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const start: ToWorker = {
  kind: 'start',
  plan: plan(),
  servers: { app: [{ url: 'http://a', weight: 1, connectionsMax: null }] },
  certificates: [null],
  idPrefix: 'p-',
  stickyKey: 'key',
  gate: { ...openGate, closed: true },
  tellsOpens: true,
  sockets: 'direct',
};
const health = {
  memoryBytes: 1,
  eventLoopDelayMaxMs: 2,
  eventLoopDelayP50Ms: 3,
  cpuShare: 0.25,
  eventLoopDelayP99Ms: 4,
};

function session(startGateway?: (options: GatewayOptions) => Promise<Gateway>) {
  const posted: ToSupervisor[] = [];
  const onDone = vi.fn();
  let gateway!: FakeGateway;
  const worker = startWorkerSession({
    post: (message, sent) => {
      if (message.kind !== 'to') posted.push(message);
      if (sent !== undefined) queueMicrotask(sent);
    },
    version: '1.2.3',
    startGateway:
      startGateway ??
      (async (options) => {
        gateway = new FakeGateway(options);
        return gateway;
      }),
    clock: { nowMs: () => 1_010_000, monotonicMs: () => 4500 },
    random: () => 0.5,
    health: () => health,
    onDone,
  });
  const of = <Kind extends ToSupervisor['kind']>(kind: Kind) =>
    posted.filter((message): message is Extract<ToSupervisor, { kind: Kind }> => message.kind === kind);
  return { worker, posted, of, onDone, gateway: () => gateway };
}

async function started() {
  const all = session();
  all.worker.receive({ kind: 'listener', index: 0 }, 'a handle');
  all.worker.receive(start);
  await vi.advanceTimersByTimeAsync(0);
  return all;
}

test('starts the gateway with the handles, the servers and the gate, and says where it listens', async () => {
  const { gateway, of } = await started();
  expect(gateway().options).toMatchObject({ handles: ['a handle'], idPrefix: 'p-', certificates: [null] });
  expect(gateway().calls).toEqual([
    ['setServers', 'app', start.servers.app],
    ['setGate', { ...openGate, closed: true }],
  ]);
  expect(of('ready')).toEqual([
    {
      kind: 'ready',
      addresses: [{ host: '127.0.0.1', port: 1234 }],
      version: '1.2.3',
      reads: { oldest: 1, newest: 1 },
    },
  ]);
});

test('what is said while the gateway starts is obeyed once it has started, in order', async () => {
  const { worker, gateway } = session();
  worker.receive(start);
  worker.receive({ kind: 'gate', gate: openGate });
  worker.receive({ kind: 'peer-loads', connectionsByServer: { 'http://a': 3 } });
  await vi.advanceTimersByTimeAsync(0);
  expect(gateway().calls.slice(-2)).toEqual([
    ['setGate', openGate],
    ['setPeerLoads', { 'http://a': 3 }],
  ]);
});

test('a gateway that cannot start is a fatal message with its code, and the end', async () => {
  const { worker, of, onDone } = session(async () => {
    throw new HoldlineError('listen-port-taken', 'taken', { help: 'choose another' });
  });
  worker.receive(start);
  await vi.advanceTimersByTimeAsync(0);
  expect(of('fatal')).toEqual([{ kind: 'fatal', code: 'listen-port-taken', message: 'taken', help: 'choose another' }]);
  expect(onDone).toHaveBeenCalledTimes(1);
});

test('a new plan brings its servers with it', async () => {
  const { worker, gateway } = await started();
  const next = plan({ workers: 5 });
  worker.receive({ kind: 'apply', plan: next, servers: { app: [] } });
  expect(gateway().calls.slice(-2)).toEqual([
    ['apply', next],
    ['setServers', 'app', []],
  ]);
});

test('reports twice a second', async () => {
  const { gateway, of } = await started();
  gateway().registry.add(record({ id: 'a' }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(of('report')).toHaveLength(3);
  expect(of('report').at(-1)).toMatchObject({ report: { totals: { openByServer: { 'http://a': 1 } }, health } });
});

test('opens and closes go out in one batch, with what the log shows', async () => {
  const { gateway, of } = await started();
  const live = record({ id: 'a', clientAddress: '2001:db8::1', clientBytes: 7 });
  const end = {
    by: 'client',
    cause: 'client-close',
    code: 1000,
    reason: 'bye',
    begunAtMs: 1_002_990,
    silentMs: 40,
    closedAtMs: 1_003_000,
  } as const;
  gateway().options.onEvent({ kind: 'opened', record: live });
  gateway().options.onEvent({ kind: 'closed', record: live, end });
  await vi.advanceTimersByTimeAsync(100);
  expect(of('packed-events')).toHaveLength(1);
  expect(unpackEvents(of('packed-events')[0]!.packed)).toEqual([
    expect.objectContaining({
      kind: 'open',
      id: 'a',
      clientAddress: '2001:db8::1',
      clientPort: 50_000,
      atMs: 1_000_000,
    }),
    {
      kind: 'close',
      atMs: 1_003_000,
      ended: expect.objectContaining({ ageMs: 2990, idleMs: 40, cause: 'client-close', code: 1000, clientBytes: 7 }),
    },
  ]);
});

test('a flood of refusals is cut short and counted', async () => {
  const { gateway, of } = await started();
  for (let n = 0; n < 500; n++) {
    gateway().options.onEvent({ kind: 'server-unreachable', server: 'http://a', detail: 'refused' });
  }
  await vi.advanceTimersByTimeAsync(100);
  const events = of('packed-events').flatMap((message) => unpackEvents(message.packed));
  const shown = events.filter((event) => event.kind === 'server-unreachable').length;
  expect(shown).toBeLessThan(50);
  expect(events.filter((event) => event.kind === 'suppressed')).toEqual([
    { kind: 'suppressed', atMs: 1_010_000, count: 500 - shown },
  ]);
});

test.each<[Question, unknown]>([
  [{ name: 'get', id: 'nobody' }, null],
  [{ name: 'get', id: 'a' }, expect.objectContaining({ id: 'a', ageMs: 10_000 })],
  [
    { name: 'counts', field: 'route', filter: {} },
    { chat: 2, other: 1 },
  ],
  [
    { name: 'query', filter: { route: 'other' }, page: { limit: 5, after: null } },
    expect.objectContaining({ matched: 1, next: null }),
  ],
  [
    { name: 'close', target: { id: 'a' }, request: { code: 4001, reason: '', cause: 'kick', by: 'operator' } },
    { closed: 1 },
  ],
  [
    { name: 'close', target: { filter: {} }, request: { code: 4001, reason: '', cause: 'kick', by: 'operator' } },
    { closed: 2 },
  ],
  [{ name: 'send', target: { filter: { route: 'chat' } }, message: { to: 'client', data: 'hi' } }, { sent: 2 }],
  [{ name: 'send', target: { id: 'nobody' }, message: { to: 'client', data: 'hi' } }, {}],
])('%j', async (question, expected) => {
  const { worker, gateway, of } = await started();
  gateway().registry.add(record({ id: 'a' }));
  gateway().registry.add(record({ id: 'b', state: 'closing' }));
  gateway().registry.add(record({ id: 'c', route: 'other' }));
  worker.receive({ kind: 'ask', id: 42, question });
  await vi.advanceTimersByTimeAsync(0);
  expect(of('answer')).toEqual([{ kind: 'answer', id: 42, answer: expected }]);
});

test('a question that fails is answered all the same', async () => {
  const { worker, gateway, of } = await started();
  gateway().registry.get = () => {
    throw new Error('broken');
  };
  worker.receive({ kind: 'ask', id: 1, question: { name: 'get', id: 'a' } });
  await vi.advanceTimersByTimeAsync(0);
  expect(of('failed')).toEqual([{ kind: 'failed', id: 1, message: 'broken' }]);
});

test.each(['close-all', 'orphaned'])('%s: closes, tells everything that is left, and is done', async (how) => {
  const { worker, gateway, posted, onDone } = await started();
  gateway().options.onEvent({ kind: 'opened', record: record({ id: 'a' }) });
  if (how === 'orphaned') worker.orphaned();
  else worker.receive({ kind: 'close-all', code: 1001, reason: 'bye', graceMs: 10 });
  worker.orphaned();
  await vi.advanceTimersByTimeAsync(0);
  expect(gateway().calls.filter((call) => call[0] === 'close')).toEqual([['close', 1001]]);
  expect(posted.slice(-3).map((message) => message.kind)).toEqual(['packed-events', 'report', 'done']);
  expect(onDone).toHaveBeenCalledTimes(1);
});

test('orphaned while its gateway starts: that one is closed, and its ports with it', async () => {
  let up!: (gateway: Gateway) => void;
  let options!: GatewayOptions;
  const { worker, of, onDone } = session((given) => {
    options = given;
    return new Promise((resolve) => {
      up = resolve;
    });
  });
  worker.receive(start);
  worker.orphaned();
  const late = new FakeGateway(options);
  up(late);
  await vi.advanceTimersByTimeAsync(0);
  expect(late.calls).toEqual([['close', 1001]]);
  expect(of('ready')).toEqual([]);
  expect(onDone).toHaveBeenCalledTimes(1);
});
