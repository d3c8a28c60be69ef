/** One process's share of a load: opens its connections at their times, and again when they are lost; reports what comes. */
import { setMaxListeners } from 'node:events';
import type { Connection, ConnectionEnd } from '../../client/connection/connection.ts';
import { type DialResult, dial } from '../../client/dial/dial.ts';
import { backoffMs, retryAfterMs } from '../scenario/backoff.ts';
import { type Client, createClient } from './client.ts';
import { dialOptions, endReason, failureReason } from './dialling.ts';
import type { FromGenerator, LoadSettings, ToGenerator } from './messages.ts';
import { createReadings } from './readings.ts';
import { countReason } from './reasons.ts';
import { DueQueue } from './schedule.ts';
import { createStormLog, type StormLog } from './storm-log.ts';
import { createTraffic, type Traffic } from './traffic.ts';

/** A second is what people and charts look at. */
const reportEveryMs = 1000;
/** A storm's curve is looked at more closely. */
const stormReportEveryMs = 100;
/** At the end of a load somebody waits for the last answers: then more often. */
const stoppedReportEveryMs = 50;
/** Dials that begin in one turn of the event loop: thousands at once would keep the first answers waiting. */
const dialsPerTurn = 50;

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
  const clients = new Map<number, Client>();
  const open = new Set<Client>();
  const away = new Set<Client>();
  /** Closed in order because a later phase does without them. */
  const retiring = new Set<Client>();
  const dials = new DueQueue<Client>();
  const aborting = new AbortController();
  // Every dial under way listens, and there may be thousands: no leak.
  setMaxListeners(0, aborting.signal);
  let settings: LoadSettings | null = null;
  let traffic: Traffic | null = null;
  let storm: StormLog | null = null;
  let dialling = 0;
  /** First dials that have not succeeded or failed. */
  let reaching: number | null = null;
  let stopped = false;
  let closing = false;
  let finished = false;
  let pumpTimer: NodeJS.Timeout | null = null;
  let pumpSoon: NodeJS.Immediate | null = null;
  let reportTimer: NodeJS.Timeout | null = null;

  const report = () => {
    const part = storm?.take() ?? null;
    post({ kind: 'report', report: readings.take({ open: open.size, away: away.size, storm: part }) });
  };
  const reportEvery = (ms: number) => {
    if (reportTimer !== null) clearInterval(reportTimer);
    reportTimer = setInterval(report, ms);
  };

  const pump = () => {
    if (pumpTimer !== null) clearTimeout(pumpTimer);
    if (pumpSoon !== null) clearImmediate(pumpSoon);
    pumpTimer = null;
    pumpSoon = null;
    for (let left = dialsPerTurn; left > 0; left--) {
      const client = dials.pop(nowMs());
      if (client === null) break;
      if (!client.retired) void dialNow(client);
    }
    traffic?.send();
    const next = Math.min(dials.nextMs ?? Number.POSITIVE_INFINITY, traffic?.nextMs ?? Number.POSITIVE_INFINITY);
    const waitMs = next - nowMs();
    if (waitMs <= 0) pumpSoon = setImmediate(pump);
    else if (Number.isFinite(waitMs)) pumpTimer = setTimeout(pump, waitMs);
  };

  /** Once for all who ask in the same turn: thousands may lose their connection together. */
  const wake = () => {
    pumpSoon ??= setImmediate(pump);
  };

  const dialAt = (client: Client, atMs: number) => {
    client.dialDueMs = atMs;
    const isNext = atMs < (dials.nextMs ?? Number.POSITIVE_INFINITY);
    dials.push(atMs, client);
    if (isNext) wake();
  };

  const dialNow = async (client: Client) => {
    dialling++;
    counts.attempts++;
    const returns = client.lostMs !== null;
    const attemptOf = storm !== null && client.storm === storm.storm ? storm : null;
    attemptOf?.attempt();
    readings.dialLag.record((nowMs() - client.dialDueMs) * 1000);
    const result = await dial(settings!.url, dialOptions(settings!, client, aborting.signal, { onEvent, onEnd }));
    dialling--;
    if (result.ok) joined(client, result.connection, result.handshake.deflate !== null);
    else if (result.failure.code === 'aborted') away.delete(client);
    else refused(client, result, attemptOf);
    if (!returns && reaching !== null) {
      reaching--;
      settleReached();
    }
    if (closing) finish();
  };

  const joined = (client: Client, connection: Connection, compressed: boolean) => {
    readings.connect.record((nowMs() - client.dialDueMs) * 1000);
    counts.opened++;
    if (compressed) counts.compressed++;
    client.connection = connection;
    client.known = true;
    client.refusals = 0;
    (client.retired ? retiring : open).add(client);
    away.delete(client);
    const { lostMs } = client;
    if (lostMs !== null && storm !== null && client.storm === storm.storm)
      if (storm.back({ awayMs: nowMs() - lostMs, open: open.size, nowMs: nowMs() })) report();
    client.lostMs = null;
    if (connection.ended !== null) onEnd(client, connection, connection.ended);
    else if (closing || client.retired) void connection.close();
    else {
      traffic!.joined(client);
      wake();
    }
  };

  const refused = (client: Client, result: Extract<DialResult, { ok: false }>, attemptOf: StormLog | null) => {
    counts.failed++;
    const reason = failureReason(result);
    if (attemptOf !== null && attemptOf === storm) {
      counts.stormFailed++;
      attemptOf.refuse(reason);
    } else countReason(readings.failures, reason);
    if (client.lostMs === null || stopped || client.retired) return void away.delete(client);
    client.refusals++;
    const { backoff } = settings!;
    const askedMs =
      backoff.retryAfter && result.failure.phase === 'upgrade' ? retryAfterMs(result.failure.answer, Date.now()) : 0;
    dialAt(client, nowMs() + askedMs + backoffMs(backoff, client.refusals, Math.random()));
  };

  /** The connection is over and nobody of us closed it in order; or a storm is about to cut it. */
  const lose = (client: Client, reason: string) => {
    open.delete(client);
    client.connection = null;
    counts.dropped++;
    client.storm = storm?.storm ?? null;
    if (storm !== null) {
      counts.stormDropped++;
      storm.drop();
    } else countReason(readings.drops, reason);
    if (stopped || (storm === null && !settings!.reconnect)) return;
    client.lostMs = nowMs();
    away.add(client);
    dialAt(client, client.lostMs + backoffMs(settings!.backoff, 0, Math.random()));
  };

  const onEvent = (client: Client, connection: Connection, event: Parameters<Traffic['received']>[1]) => {
    // What a server says with its 101 comes before the dial is over; what comes of a connection that was cut, nobody hears.
    if (client.connection === null || client.connection === connection) traffic!.received(client, event);
  };

  const onEnd = (client: Client, connection: Connection, end: ConnectionEnd) => {
    if (client.connection !== connection) return;
    if (closing || client.retired) {
      client.connection = null;
      open.delete(client);
      retiring.delete(client);
    } else lose(client, endReason(end));
    if (closing) finish();
  };

  const settleReached = () => {
    if (reaching !== 0) return;
    reaching = null;
    report();
    post({ kind: 'reached' });
  };

  /** What all processes together were last told to reach. */
  let reached = 0;
  const reach = (connections: number, connectsPerSecond: number, startMs: number) => {
    const { index, of } = settings!;
    const first = reached + ((((index - reached) % of) + of) % of);
    reaching = 0;
    for (const client of [...clients.values()]) if (client.index >= connections) retire(client);
    for (let at = first; at < connections; at += of) {
      const client = createClient(at);
      clients.set(at, client);
      reaching++;
      client.dialDueMs = startMs + ((at - reached) * 1000) / connectsPerSecond;
      dials.push(client.dialDueMs, client);
    }
    reached = connections;
    pump();
    settleReached();
  };

  const retire = (client: Client) => {
    client.retired = true;
    clients.delete(client.index);
    away.delete(client);
    open.delete(client);
    if (client.connection === null) return;
    retiring.add(client);
    void client.connection.close();
  };

  const finish = () => {
    if (finished || dialling > 0 || open.size + retiring.size > 0) return;
    finished = true;
    if (reportTimer !== null) clearInterval(reportTimer);
    if (pumpTimer !== null) clearTimeout(pumpTimer);
    if (pumpSoon !== null) clearImmediate(pumpSoon);
    report();
    readings.close();
    post({ kind: 'closed' });
  };

  const receive = (message: ToGenerator) => {
    switch (message.kind) {
      case 'settings':
        settings = message.settings;
        traffic = createTraffic({ settings, readings, nowMs });
        reportEvery(reportEveryMs);
        break;
      case 'reach':
        reach(message.connections, message.connectsPerSecond, message.startMs);
        break;
      case 'load':
        traffic!.begin(message.load, clients.values());
        reportEvery(reportEveryMs);
        pump();
        break;
      case 'storm':
        // What happened before belongs to what was before.
        report();
        storm = createStormLog({ storm: message.storm, startMs: nowMs(), open: open.size });
        reportEvery(stormReportEveryMs);
        if (message.cut)
          for (const client of [...open]) {
            const { connection } = client;
            lose(client, 'cut');
            connection!.cut();
          }
        report();
        break;
      case 'stop': {
        if (message.last) {
          stopped = true;
          aborting.abort();
          dials.clear();
          away.clear();
        }
        const due = traffic!.stop(message.atMs, clients.values());
        report();
        storm = null;
        post({ kind: 'stopped', ...due });
        reportEvery(stoppedReportEveryMs);
        break;
      }
      case 'close':
        closing = true;
        for (const client of open) void client.connection!.close();
        finish();
        break;
    }
  };
  return {
    receive,
    orphaned() {
      aborting.abort();
      stopped = true;
      closing = true;
      dials.clear();
      for (const client of [...open, ...retiring]) client.connection?.cut();
      finish();
    },
  };
}
