import { HoldlineError } from '../../src/base/error.ts';
import type { ControlTarget } from '../../src/control/api/target.ts';
import type { DrainRow } from '../../src/control/drain/job.ts';
import type { UpgradeState } from '../../src/control/handover/upgrade.ts';
import { chronicle } from '../../src/control/history/chronicle.ts';
import type { ManagedState } from '../../src/control/managed/state.ts';
import type { ServerRow } from '../../src/control/servers/entry.ts';
import { openGate } from '../../src/gateway/contract.ts';
import { noSurvivors } from '../../src/registry/incidents/population.ts';
import { rowOf } from '../../src/registry/row.ts';
import { newRouteTotals } from '../../src/registry/totals.ts';
import { moment, record } from '../registry/records.ts';
import { plan } from './plans.ts';

const server: ServerRow = {
  upstream: 'app',
  url: 'http://127.0.0.1:9',
  state: 'up',
  reason: '',
  sinceMs: 1,
  origin: 'spec',
  weight: 1,
  share: 1,
  connectionsMax: null,
  connections: 4,
  check: null,
  unsaved: null,
};

const managed: ManagedState = {
  upstream: 'app',
  wanted: 1,
  restart: null,
  restarts: { done: 0, failed: 0 },
  scalings: { up: 0, down: 0 },
};

const upgradeState: UpgradeState = {
  phase: 'probation',
  from: '1.2.3',
  to: null,
  problem: null,
  workers: 1,
  exchanged: 0,
  moved: 0,
  stayed: {},
};

const drain: DrainRow = {
  id: 'd1',
  what: 'route chat',
  cause: 'drain',
  ratePerSecond: 100,
  order: 'oldest',
  code: null,
  reason: null,
  startedAtMs: 1,
  state: 'running',
  total: 4,
  closed: 1,
  gone: 0,
  remaining: 3,
  elapsedMs: 10,
  etaMs: 30,
};

const kicked: DrainRow = { ...drain, cause: 'kick', state: 'done', total: 1, closed: 1, remaining: 0, etaMs: 0 };

/** An edge with one connection, `c1`, that remembers what it was asked. */
export function fakeTarget(
  overrides: Partial<ControlTarget> = {},
): ControlTarget & { readonly calls: unknown[][]; readonly notes: unknown[] } {
  const calls: unknown[][] = [];
  const notes: unknown[] = [];
  const row = rowOf(record({ id: 'c1' }), moment);
  const known = (target: unknown) =>
    !(typeof target === 'object' && target !== null && 'id' in target && target.id !== 'c1');
  let gate = openGate;
  const note = <Value>(call: unknown[], value: Value): Value => {
    calls.push(call);
    return value;
  };
  const totals = {
    routes: { chat: newRouteTotals() },
    openByServer: { 'http://127.0.0.1:9': 4 },
    faults: { socket: 1 },
  };
  Object.assign(totals.routes.chat, { open: 4, clientBytes: 12, serverMessages: 3 });
  totals.routes.chat.closes['client-close'] = 2;
  totals.routes.chat.handshakes.upgraded = 6;
  totals.routes.chat.handshakeSeconds.counts[1] = 5;
  totals.routes.chat.handshakeSeconds.counts[13] = 1;
  totals.routes.chat.handshakeSeconds.sum = 20;
  const told = chronicle({
    nowMs: () => 1_010_000,
    read: () => ({ totals, memoryBytes: 5e7, loopDelayMs: 250 }),
    survivors: async () => noSurvivors,
    roster: {
      size: 0,
      tick: async () => undefined,
      left: () => undefined,
      lost: () => [],
      kept: () => [],
      restore: () => undefined,
    },
    onLost: () => undefined,
    onIncident: () => undefined,
  });
  return {
    calls,
    notes,
    version: '0',
    addresses: [{ host: '127.0.0.1', port: 8080 }],
    startedAtMs: 1_000_000,
    chronicle: told,
    note: (event) => {
      told.note(event);
      notes.push(event);
    },
    window: async (filter, request) =>
      note(['window', filter, request], { rows: [row], matched: 1, offset: request.offset }),
    ids: async (filter) => note(['ids', filter], ['c1']),
    tagNames: async () => ['user'],
    plan: () => plan(),
    query: async (filter, page) => note(['query', filter, page], { rows: [row], matched: 1, next: null }),
    connection: async (id) => (id === 'c1' ? row : null),
    counts: async (field, filter) => note(['counts', field, filter], { chat: 1 }),
    tap: async (id, viewer) => note(['tap', id, viewer], id === 'c1' ? { rows: [], missed: 0, ended: true } : null),
    untap: async (id, viewer) => note(['untap', id, viewer], undefined),
    originsSeen: async () => ({
      chat: { 'https://a.example': { origin: 'https://a.example', handshakes: 2, refused: 0 } },
    }),
    closeConnections: async (target, request) => note(['close', target, request], known(target) ? 1 : 0),
    send: async (target, message) => note(['send', target, message], known(target) ? { sent: 1 } : {}),
    totals: () => totals,
    workers: () => [
      {
        pid: 7,
        startedAtMs: 1,
        connections: 4,
        silentMs: 0,
        memoryBytes: 5e7,
        eventLoopDelayMaxMs: 250,
        cpuShare: 0.25,
        eventLoopDelayP50Ms: 1,
        eventLoopDelayP99Ms: 2,
        version: '1.2.3',
        leaving: false,
        stayed: {},
      },
    ],
    even: async (perSecond) => note(['even', perSecond], { moved: 12, stayed: { tls: 1 } }),
    upgrade: {
      start: (request) => note(['upgrade', request], upgradeState),
      state: () => upgradeState,
      cancel: () => note(['cancel-upgrade'], upgradeState),
    },
    workerRestarts: () => 3,
    silentWorkers: () => [],
    instances: () => [
      {
        upstream: 'app',
        instance: 1,
        pid: 9,
        url: 'http://127.0.0.1:9',
        generation: 1,
        restarts: 0,
        state: 'running',
        reason: '',
      },
    ],
    managed: () => [managed],
    restart: (upstream) => note(['restart', upstream], managed),
    rebalances: {
      rebalance: async ({ upstream }) => ({
        upstream: upstream ?? 'app',
        servers: [],
        moves: 0,
        closes: 0,
        drain: null,
      }),
    },
    servers: {
      rows: () => [server],
      add: (request) => note(['add', request], server),
      drain: async (name, options) => note(['drain', name, options], { server, drain }),
      undrain: (name) => note(['undrain', name], server),
      remove: async (name, options) => note(['remove', name, options], { server, drain }),
    },
    drains: {
      start: async (request) => note(['start', request], request.cause === 'kick' ? kicked : drain),
      rows: () => [drain],
      get: (id) => (id === drain.id ? drain : undefined),
      cancel: (id) => (id === drain.id ? note(['cancel', id], drain) : undefined),
    },
    gates: {
      state: () => gate,
      set: ({ route, closed }) => {
        if (route === 'unknown') throw new HoldlineError('route-unknown', 'no route is called "unknown"');
        gate = { ...gate, closed, spreadSeconds: closed ? 25 : 0 };
        return gate;
      },
    },
    save: async (change) => note(['save', change], undefined),
    preview: async () => ({ changed: ['routes'], diagnostics: [], effects: ['The other 3 connections stay open.'] }),
    reload: async () => ({ changed: ['routes'], lastChange: null, diagnostics: [] }),
    ...overrides,
  };
}
