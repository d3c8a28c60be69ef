/** One process's share of a load: opens its connections at their times, sends on schedule, and counts what comes. */
import { setMaxListeners } from 'node:events';
import type { Connection, ConnectionEnd, ConnectionEvent } from '../client/connection.ts';
import { type DialResult, dial } from '../client/dial.ts';
import type { DialOptions } from '../client/options.ts';
import { countReason, type FromGenerator, type LoadSettings, type ToGenerator } from './messages.ts';
import { createPayload, readStamp, writeStamp } from './payload.ts';
import { createReadings } from './readings.ts';
import { DueQueue, dueBefore, dueMs, type Pace, paceOf } from './schedule.ts';

/** A second is what people and charts look at. */
const reportEveryMs = 1000;
/** At the end somebody waits for the last answers: then more often. */
const stoppedReportEveryMs = 50;
/** A connection whose buffer is full is tried again after this; its messages keep the times at which they were due. */
const fullRetryMs = 5;
/** Room for four messages, and at least for what a socket takes at once: enough to be busy, and bounded. */
const sendBufferBytesMin = 1024 * 1024;

interface LoadConnection {
  readonly index: number;
  connection: Connection | null;
  sent: number;
  /** The next number that is expected from each sender. */
  readonly next: number[];
}

export interface Generator {
  receive(message: ToGenerator): void;
  /** Nobody is left to report to: cuts every connection. */
  orphaned(): void;
}

export function startGenerator(options: {
  readonly post: (message: FromGenerator) => void;
  readonly nowMs: () => number;
}): Generator {
  const { post, nowMs } = options;
  const readings = createReadings();
  const { counts } = readings;
  const live = new Set<LoadConnection>();
  const all: LoadConnection[] = [];
  const dials = new DueQueue<number>();
  const sends = new DueQueue<LoadConnection>();
  const aborting = new AbortController();
  // Every dial under way listens, and there may be thousands: no leak.
  setMaxListeners(0, aborting.signal);
  let settings: LoadSettings | null = null;
  let payload: Uint8Array = new Uint8Array(0);
  let load = { startMs: 0, endMs: 0, running: false };
  let dialling = 0;
  let connected = false;
  let closing = false;
  let connectStartMs = 0;
  let pumpTimer: NodeJS.Timeout | null = null;
  let reportTimer: NodeJS.Timeout | null = null;

  const report = () => post({ kind: 'report', report: readings.take(live.size) });
  const reportEvery = (ms: number) => {
    if (reportTimer !== null) clearInterval(reportTimer);
    reportTimer = setInterval(report, ms);
  };

  const paceFor = (index: number): Pace => {
    const { mode, publishers, connections, messagesPerSecond } = settings!;
    const of = mode === 'fanout' ? publishers : connections;
    return paceOf({ startMs: load.startMs, intervalMs: 1000 / messagesPerSecond, index, of });
  };
  const isSender = (index: number) =>
    settings!.mode === 'echo' || (settings!.mode === 'fanout' && index < settings!.publishers);

  const pump = () => {
    pumpTimer = null;
    for (let now = nowMs(), index = dials.pop(now); index !== null; index = dials.pop(now)) void open(index);
    for (let item = sends.pop(nowMs()); item !== null; item = sends.pop(nowMs())) send(item);
    const next = Math.min(dials.nextMs ?? Number.POSITIVE_INFINITY, sends.nextMs ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(next)) pumpTimer = setTimeout(pump, Math.max(0, next - nowMs()));
  };
  const wake = () => {
    if (pumpTimer !== null) clearTimeout(pumpTimer);
    pump();
  };

  const open = async (index: number) => {
    const item: LoadConnection = { index, connection: null, sent: 0, next: [] };
    dialling++;
    counts.attempts++;
    const intendedMs = connectStartMs + (index * 1000) / settings!.connectsPerSecond;
    const result = await dial(settings!.url, dialOptions(settings!, item, aborting.signal, { onEvent, onEnd }));
    dialling--;
    if (result.ok) {
      readings.connect.record((nowMs() - intendedMs) * 1000);
      counts.opened++;
      item.connection = result.connection;
      if (result.connection.ended !== null) onEnd(item, result.connection.ended);
      else {
        live.add(item);
        all.push(item);
        if (closing) void result.connection.close();
      }
    } else if (result.failure.code !== 'aborted') {
      counts.failed++;
      countReason(readings.failures, failureReason(result));
    }
    settleConnected();
  };

  const settleConnected = () => {
    if (connected || dialling > 0 || dials.size > 0) return;
    connected = true;
    report();
    post({ kind: 'connected' });
  };

  const send = (item: LoadConnection) => {
    if (!live.has(item)) return;
    const pace = paceFor(item.index);
    const due = dueMs(pace, item.sent);
    if (item.sent >= dueBefore(pace, load.endMs)) return;
    const now = nowMs();
    writeStamp(payload, {
      sequence: item.sent,
      connection: item.index,
      sentUs: Math.max(0, Math.floor((now - load.startMs) * 1000)),
    });
    const outcome = item.connection!.send(payload, { kind: settings!.kind });
    if (outcome === 'full') sends.push(now + fullRetryMs, item);
    if (outcome !== 'sent') return;
    counts.sent++;
    counts.sentBytes += payload.length;
    readings.sendLag.record((now - due) * 1000);
    item.sent++;
    sends.push(dueMs(pace, item.sent), item);
  };

  const onEvent = (item: LoadConnection, event: ConnectionEvent) => {
    if (event.kind !== 'text' && event.kind !== 'binary') return;
    const now = nowMs();
    const stamp = event.data.length === payload.length ? readStamp(event.data) : null;
    const { mode, publishers } = settings!;
    const from = stamp === null ? -1 : mode === 'echo' ? 0 : stamp.connection;
    const mine = stamp !== null && (mode === 'echo' ? stamp.connection === item.index : from < publishers);
    // What a publisher gets of its own group is neither expected nor a fault: some servers send to all, some to the others.
    if (mine && mode === 'fanout' && item.index < publishers) return;
    const sentMs = stamp === null ? 0 : load.startMs + stamp.sentUs / 1000;
    if (!mine || mode === 'hold' || stamp.sequence < (item.next[from] ?? 0) || sentMs > now || !sentYet(item, stamp)) {
      counts.unexpected++;
      return;
    }
    item.next[from] = stamp.sequence + 1;
    counts.received++;
    counts.receivedBytes += event.data.length;
    readings.latency.record((now - dueMs(paceFor(stamp.connection), stamp.sequence)) * 1000);
    readings.response.record((now - sentMs) * 1000);
  };
  const sentYet = (item: LoadConnection, stamp: { readonly sequence: number }) =>
    settings!.mode !== 'echo' || stamp.sequence < item.sent;

  const onEnd = (item: LoadConnection, end: ConnectionEnd) => {
    const was = live.delete(item);
    if (!closing && (was || item.connection !== null)) {
      counts.dropped++;
      countReason(readings.drops, endReason(end));
    }
    if (closing && live.size === 0) finish();
  };

  let finished = false;
  const finish = () => {
    if (finished || dialling > 0) return;
    finished = true;
    if (reportTimer !== null) clearInterval(reportTimer);
    if (pumpTimer !== null) clearTimeout(pumpTimer);
    report();
    readings.close();
    post({ kind: 'closed' });
  };

  return {
    receive(message) {
      switch (message.kind) {
        case 'connect':
          settings = message.settings;
          payload = createPayload(settings.messageBytes);
          connectStartMs = message.startMs;
          for (let index = settings.index; index < settings.connections; index += settings.of)
            dials.push(message.startMs + (index * 1000) / settings.connectsPerSecond, index);
          reportEvery(reportEveryMs);
          wake();
          break;
        case 'load':
          load = { startMs: message.startMs, endMs: message.endMs, running: true };
          for (const item of all) if (isSender(item.index)) sends.push(paceFor(item.index).firstMs, item);
          wake();
          break;
        case 'stop': {
          aborting.abort();
          dials.clear();
          load.endMs = Math.min(load.endMs, message.atMs);
          // What was due before the end and waits because this process is late is still sent: it is not the target's fault.
          wake();
          sends.clear();
          const senders = load.running ? all.filter((item) => isSender(item.index)) : [];
          // What lay in the queue at the last moment may have gone out after the time that was meant.
          const intended = senders.reduce(
            (sum, item) => sum + Math.max(item.sent, dueBefore(paceFor(item.index), load.endMs)),
            0,
          );
          report();
          post({ kind: 'stopped', intended, receivers: all.filter((item) => !isSender(item.index)).length });
          reportEvery(stoppedReportEveryMs);
          break;
        }
        case 'close':
          closing = true;
          for (const item of live) void item.connection!.close();
          if (live.size === 0) finish();
          break;
      }
    },
    orphaned() {
      aborting.abort();
      closing = true;
      dials.clear();
      sends.clear();
      for (const item of live) item.connection!.cut();
      if (live.size === 0) finish();
    },
  };
}

function dialOptions(
  settings: LoadSettings,
  item: LoadConnection,
  signal: AbortSignal,
  handlers: {
    readonly onEvent: (item: LoadConnection, event: ConnectionEvent) => void;
    readonly onEnd: (item: LoadConnection, end: ConnectionEnd) => void;
  },
): DialOptions {
  const { address, sources } = settings;
  const source = sources[item.index % Math.max(1, sources.length)];
  return {
    origin: settings.origin,
    subprotocols: settings.subprotocols,
    rawHeaders: settings.rawHeaders,
    sendBufferBytesMax: Math.max(sendBufferBytesMin, 4 * (settings.messageBytes + 16)),
    resolve: () => address,
    ...(source === undefined ? {} : { localAddress: source }),
    ...(settings.insecure ? { tls: insecureTls } : {}),
    signal,
    onEvent: (_, event) => handlers.onEvent(item, event),
    onEnd: (_, end) => handlers.onEnd(item, end),
  };
}

/** One object for all dials, so that they share a TLS context. */
const insecureTls = { insecure: true } as const;

function failureReason(result: Extract<DialResult, { ok: false }>): string {
  const { failure } = result;
  const status = failure.phase === 'upgrade' ? ` ${failure.answer.status}` : '';
  return `${failure.phase}: ${failure.code}${status}`;
}

function endReason(end: ConnectionEnd): string {
  if (end.violation !== null) return `protocol violation: ${end.violation}`;
  if (end.received !== null) return `close ${end.code}`;
  return end.socket.how === 'error' ? end.socket.code : 'ended without a close frame';
}
