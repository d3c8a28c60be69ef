import type { Clock } from '../../base/clock.ts';
import { HoldlineError } from '../../base/error.ts';
import type { CloseAllRequest, Gateway, GatewayEvent, GatewayOptions } from '../../gateway/contract.ts';
import { stateVersions } from '../../gateway/handover/state.ts';
import { type RemoteDesk, remoteDesk } from '../desk/remote.ts';
import { Giver } from '../handover/giver.ts';
import { Taker } from '../handover/taker.ts';
import { closeEvent, type LogEvent, openEvent } from '../log/events.ts';
import { linePace } from '../log/line-pace.ts';
import { packEvents } from '../log/packed-events.ts';
import type { Addressed } from '../processes/child.ts';
import type { Question, ServerLists, ToSupervisor, ToWorker, WorkerHealth } from './messages.ts';
import { outbox } from './outbox.ts';
import { workerLosses } from './places.ts';
import { answerQuestion } from './question-answers.ts';

/** Twice a second: least-connections of the other workers is at most this old, and the live line looks alive. */
export const reportEveryMs = 500;
/**
 * Events reach the log this late at most; gathering them makes a busy worker send ten messages a second, not thousands.
 */
const eventsEveryMs = 100;
/** One message of some 60 kB. */
const eventBatchMax = 200;
/** Some 6 MB of memory: the opens and closes of several seconds when the supervisor is held up. */
const eventsWaitingMax = 20_000;
/** Refusals are what a stranger can cause at will; this many a second and worker show what is going on. */
const refusalLinesPerSecond = 20;

/** Each has a stack of a few kB, and the first of a kind tells all; holdline_faults_total counts every one. */
const faultLinesPerSecond = 2;

/** One worker: turns the supervisor's messages into calls of the gateway, and the gateway's events into messages. */
export interface WorkerSession {
  receive(message: ToWorker, handle?: unknown): void;
  /**
   * Something was thrown that nobody caught. Where it is unknown whose socket it belongs to, the worker ends in order.
   */
  fault(thrown: unknown): void;
  /** The supervisor is gone: say goodbye to everybody and end. */
  orphaned(): void;
}

export interface WorkerSessionOptions {
  /** `sent` is called once the message has left the process. */
  readonly post: (message: ToSupervisor | Addressed, sent?: () => void, handle?: object) => void;
  /** Of Holdline, as it is loaded. */
  readonly version: string;
  readonly startGateway: (options: GatewayOptions) => Promise<Gateway>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly health: () => WorkerHealth;
  /** Called once, when there is nothing left to do; the process may end. */
  readonly onDone: () => void;
}

export function startWorkerSession(options: WorkerSessionOptions): WorkerSession {
  const { post, clock } = options;
  const handles: unknown[] = [];
  const refusals = linePace({ perSecond: refusalLinesPerSecond });
  const faults = linePace({ perSecond: faultLinesPerSecond });
  /** What was said while the gateway was starting; said again once it has. */
  const early: ToWorker[] = [];
  let gateway: Gateway | null = null;
  let desk: RemoteDesk | null = null;
  let ending = false;
  let retiring = false;
  let giver: Giver | null = null;
  let taker: Taker | null = null;
  let tellsOpens = true;

  const events = outbox<LogEvent>({
    deliver: (batch, dropped, taken) => post({ kind: 'packed-events', packed: packEvents(batch), dropped }, taken),
    batchMax: eventBatchMax,
    waitingMax: eventsWaitingMax,
  });
  const timers = [setInterval(report, reportEveryMs), setInterval(flushEvents, eventsEveryMs)];

  function report(): void {
    if (gateway === null) return;
    const report = { totals: gateway.totals(), passive: gateway.passiveSigns(), health: options.health() };
    post({ kind: 'report', report });
    if (retiring && gateway.empty) void closeAll(retired);
  }

  function flushEvents(): void {
    const count = refusals.takeSuppressed();
    if (count > 0) events.add({ kind: 'suppressed', atMs: clock.nowMs(), count });
    events.flush();
  }

  function onEvent(event: GatewayEvent): void {
    if (event.kind === 'opened') {
      if (tellsOpens) events.add(openEvent(event.record));
    } else if (event.kind === 'closed') {
      events.add(closeEvent(event.record, event.end));
    }
    // What is said of hooks has a pace of its own; a crowd of refusals must not drown it.
    else if (event.kind === 'fault') {
      if (faults.admit(clock.monotonicMs())) events.add({ ...event, atMs: clock.nowMs() });
    } else if (event.kind === 'hook-failed' || event.kind === 'hooks-loaded' || event.kind === 'hooks-kept')
      events.add({ ...event, atMs: clock.nowMs() });
    // As many as there are connections, like opens and closes.
    else if (event.kind === 'moved' || event.kind === 'move-failed') events.add({ ...event, atMs: clock.nowMs() });
    else if (!refusals.admit(clock.monotonicMs())) return;
    else if (event.kind === 'refused') events.add({ kind: 'refused', atMs: clock.nowMs(), ...event.refusal });
    else events.add({ ...event, atMs: clock.nowMs() });
  }

  async function start(message: Extract<ToWorker, { kind: 'start' }>): Promise<void> {
    tellsOpens = message.tellsOpens;
    // The supervisor counts for all, one worker included: another may come, and connections go from one to the other.
    desk = remoteDesk({ plan: message.plan, post });
    try {
      const started = await options.startGateway({
        plan: message.plan,
        idPrefix: message.idPrefix,
        stickyKey: message.stickyKey,
        handles,
        certificates: message.certificates,
        clock,
        random: options.random,
        onEvent,
        sockets: message.sockets,
        desk,
        onServerLost: (loss) => {
          for (const told of workerLosses(loss, clock.monotonicMs())) post({ kind: 'server-lost', loss: told });
        },
      });
      if (ending) {
        // The supervisor went while this was starting: a port that nobody answers for must not stay taken.
        await started.close(orphaned);
        return;
      }
      setServers(started, message.servers);
      started.setGate(message.gate);
      gateway = started;
      giver = new Giver({
        gateway: started,
        post: (child, message, handle) => post({ kind: 'to', child, message }, undefined, handle),
        onGiven: (job, given) => post({ kind: 'gave', job, given }),
        monotonicMs: () => clock.monotonicMs(),
        prefix: message.idPrefix,
      });
      taker = new Taker(started, (child, message) => post({ kind: 'to', child, message }));
      post({ kind: 'ready', addresses: started.addresses, version: options.version, reads: stateVersions });
      report();
      for (const next of early.splice(0)) obey(next, started);
    } catch (error) {
      post(fatal(error), end);
    }
  }

  async function closeAll(request: CloseAllRequest): Promise<void> {
    if (ending) return;
    ending = true;
    await gateway?.close(request);
    flushEvents();
    await events.drain();
    report();
    post({ kind: 'done' }, end);
  }

  function end(): void {
    for (const timer of timers) clearInterval(timer);
    options.onDone();
  }

  async function answer(id: number, question: Question, running: Gateway): Promise<void> {
    try {
      post({ kind: 'answer', id, answer: await answerQuestion(running, question, clock) });
    } catch (error) {
      post({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  function obey(message: ToWorker, running: Gateway, handle?: unknown): void {
    switch (message.kind) {
      case 'retire':
        retiring = true;
        running.stopAccepting();
        break;
      case 'give':
        giver?.give(message.order);
        break;
      case 'parcels-end':
        giver?.end(message.child);
        taker?.end(message.child);
        break;
      case 'parcel-taken':
      case 'parcel-refused':
        giver?.answered(message);
        break;
      case 'parcel-client':
      case 'parcel-server':
      case 'parcel-yours':
      case 'parcel-back':
        taker?.receive(message, handle);
        break;
      case 'certificates':
        running.setCertificates(message.certificates);
        break;
      case 'apply':
        running.apply(message.plan);
        setServers(running, message.servers);
        break;
      case 'set-servers':
        running.setServers(message.upstream, message.servers);
        break;
      case 'peer-loads':
        running.setPeerLoads(message.connectionsByServer);
        break;
      case 'gate':
        running.setGate(message.gate);
        break;
      case 'desk':
        desk?.answered(message.answers);
        break;
      case 'ask':
        void answer(message.id, message.question, running);
        break;
      case 'close-all':
        void closeAll({ code: message.code, reason: message.reason, graceMs: message.graceMs, cause: 'shutdown' });
        break;
      case 'listener':
      case 'start':
        // A worker starts once.
        break;
      default:
        message satisfies never;
    }
  }

  return {
    receive(message, handle) {
      if (gateway !== null) obey(message, gateway, handle);
      else if (message.kind === 'listener') handles[message.index] = handle;
      else if (message.kind === 'start') void start(message);
      else early.push(message);
    },
    fault(thrown) {
      // Before there is a gateway nobody is connected, and the supervisor has to know why there will be none.
      if (gateway === null) post(fatal(thrown), end);
      else if (!gateway.takeFault(thrown)) void closeAll(faultClose);
    },
    orphaned() {
      void closeAll(orphaned);
    },
  };
}

/**
 * The clients may come back at once, to another worker or to the one that replaces this one (RFC 6455's registry: 1012,
 * service restart).
 */
const faultClose = {
  code: 1012,
  reason: 'the worker met a fault and is replaced',
  graceMs: 2000,
  cause: 'fault',
} as const satisfies CloseAllRequest;

/** Of a worker that nobody is connected to any more: only plain HTTP connections without a request are closed. */
const retired = {
  code: 1012,
  reason: 'the worker is replaced',
  graceMs: 1000,
  cause: 'shutdown',
} as const satisfies CloseAllRequest;

/** Nobody waits for an orphan, but its port stays taken while it lives. */
const orphaned = {
  code: 1001,
  reason: 'the edge is shutting down',
  graceMs: 2000,
  cause: 'shutdown',
} as const satisfies CloseAllRequest;

function setServers(gateway: Gateway, servers: ServerLists): void {
  for (const [upstream, list] of Object.entries(servers)) gateway.setServers(upstream, list);
}

function fatal(error: unknown): ToSupervisor {
  if (error instanceof HoldlineError) {
    return { kind: 'fatal', code: error.code, message: error.message, help: error.help };
  }
  if (!(error instanceof Error)) return { kind: 'fatal', code: null, message: String(error), help: null };
  // The system's and OpenSSL's errors carry a name of theirs and are about the world; others are faults of ours.
  const name = 'code' in error && typeof error.code === 'string' ? error.code : null;
  const code = name === 'EADDRINUSE' ? 'listen-port-taken' : null;
  return { kind: 'fatal', code, message: name === null ? (error.stack ?? error.message) : error.message, help: null };
}
