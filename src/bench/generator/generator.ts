/**
 * One process's share of a load: opens its connections at their times, and again when they are lost; reports what
 * comes.
 */
import { setMaxListeners } from 'node:events';
import type { ClientConnection, ClientConnectionEnd, ConnectionEvent } from '../../client/connection/connection.ts';
import { type ClientDialResult, dial } from '../../client/dial/dial.ts';
import { backoffMs, retryAfterMs } from '../scenario/backoff.ts';
import type { Client } from './client.ts';
import { Crowd } from './crowd.ts';
import { dialOptions, endReason, failureReason, openingOf } from './dialling.ts';
import type { FromGenerator, LoadSettings, ToGenerator } from './messages.ts';
import { Openings } from './openings.ts';
import { Pump } from './pump.ts';
import { createReadings, type Readings } from './readings.ts';
import { countReason } from './reasons.ts';
import { createStormLog, type StormLog } from './storm-log.ts';
import { LoadTraffic } from './traffic.ts';

/** A second is what people and charts look at. */
const reportEveryMs = 1000;
/** A storm's curve is looked at more closely. */
const stormReportEveryMs = 100;
/** At the end of a load somebody waits for the last answers: then more often. */
const stoppedReportEveryMs = 50;

export interface GeneratorOptions {
  readonly post: (message: FromGenerator) => void;
  readonly nowMs: () => number;
}

/** `running` until the last load was stopped; then nobody dials again, and once `closing`, connections end in order. */
type GeneratorStage = 'running' | 'stopped' | 'closing' | 'finished';

export class Generator {
  readonly #post: GeneratorOptions['post'];
  readonly #nowMs: GeneratorOptions['nowMs'];
  readonly #readings: Readings = createReadings();
  readonly #crowd = new Crowd();
  readonly #openings = new Openings();
  readonly #pump: Pump;
  readonly #aborting = new AbortController();
  #settings: LoadSettings | null = null;
  #traffic: LoadTraffic | null = null;
  #storm: StormLog | null = null;
  #stage: GeneratorStage = 'running';
  #dialling = 0;
  /** What all processes together were last told to reach. */
  #reached = 0;
  /** First dials that have not succeeded or failed. */
  #reaching: number | null = null;
  #reportTimer: NodeJS.Timeout | null = null;

  constructor({ post, nowMs }: GeneratorOptions) {
    this.#post = post;
    this.#nowMs = nowMs;
    this.#pump = new Pump({ nowMs, dial: (client) => void this.#dial(client), messages: () => this.#traffic });
    // Every dial under way listens, and there may be thousands: no leak.
    setMaxListeners(0, this.#aborting.signal);
  }

  receive(message: ToGenerator): void {
    switch (message.kind) {
      case 'settings':
        this.#settings = message.settings;
        this.#traffic = new LoadTraffic({ settings: message.settings, readings: this.#readings, nowMs: this.#nowMs });
        this.#reportEvery(reportEveryMs);
        break;
      case 'reach':
        this.#reach(message);
        break;
      case 'load':
        this.#traffic!.begin(message.load, this.#crowd.all());
        this.#reportEvery(reportEveryMs);
        this.#pump.run();
        break;
      case 'storm':
        this.#beginStorm(message);
        break;
      case 'stop':
        this.#stop(message);
        break;
      case 'close':
        this.#stage = 'closing';
        this.#crowd.close();
        this.#finish();
        break;
    }
  }

  /** Nobody is left to report to: cuts every connection. */
  orphaned(): void {
    this.#aborting.abort();
    this.#stage = 'closing';
    this.#pump.clear();
    this.#crowd.cut();
    this.#finish();
  }

  #reach({ connections, connectsPerSecond, startMs }: Extract<ToGenerator, { kind: 'reach' }>): void {
    const { index, of } = this.#settings!;
    const before = this.#reached;
    const first = before + ((((index - before) % of) + of) % of);
    this.#reaching = 0;
    this.#crowd.shrink(connections);
    for (let at = first; at < connections; at += of) {
      this.#reaching++;
      this.#pump.schedule(this.#crowd.add(at), startMs + ((at - before) * 1000) / connectsPerSecond);
    }
    this.#reached = connections;
    this.#pump.run();
    this.#settleReached();
  }

  #beginStorm({ storm, cut }: Extract<ToGenerator, { kind: 'storm' }>): void {
    // What happened before belongs to what was before.
    this.#report();
    this.#storm = createStormLog({ storm, startMs: this.#nowMs(), open: this.#crowd.openCount });
    this.#reportEvery(stormReportEveryMs);
    if (cut)
      for (const client of this.#crowd.open()) {
        const { connection } = client;
        this.#lose(client, 'cut');
        connection!.cut();
      }
    this.#report();
  }

  #stop({ atMs, last }: Extract<ToGenerator, { kind: 'stop' }>): void {
    if (last) {
      this.#stage = 'stopped';
      this.#aborting.abort();
      this.#pump.clear();
      this.#crowd.nobodyReturns();
    }
    const due = this.#traffic!.stop(atMs, this.#crowd.all());
    this.#report();
    this.#storm = null;
    this.#post({ kind: 'stopped', intended: due.intended, receivers: due.receivers });
    this.#reportEvery(stoppedReportEveryMs);
  }

  async #dial(client: Client): Promise<void> {
    this.#dialling++;
    this.#readings.counts.attempts++;
    const returns = client.lostMs !== null;
    const storm = this.#stormOf(client);
    storm?.attempt();
    this.#readings.dialLag.record((this.#nowMs() - client.dialDueMs) * 1000);
    const handlers = {
      onEvent: (of: Client, connection: ClientConnection, event: ConnectionEvent) => this.#heard(of, connection, event),
      onEnd: (of: Client, connection: ClientConnection, end: ClientConnectionEnd) => this.#ended(of, connection, end),
    };
    const settings = this.#settings!;
    const result = await dial(settings.url, dialOptions(settings, client, this.#aborting.signal, handlers));
    const opening = openingOf(settings);
    const begun = !result.ok || opening === null || (await this.#openings.run(result.connection, opening));
    this.#dialling--;
    if (result.ok && !begun) this.#unanswered(client, result.connection);
    else if (result.ok) this.#joined(client, result.connection, result.handshake.deflate !== null);
    else if (result.failure.code === 'aborted') this.#crowd.staysAway(client);
    else this.#refused(client, result, storm);
    if (!returns && this.#reaching !== null) {
      this.#reaching--;
      this.#settleReached();
    }
    this.#finish();
  }

  #joined(client: Client, connection: ClientConnection, compressed: boolean): void {
    const nowMs = this.#nowMs();
    this.#readings.connect.record((nowMs - client.dialDueMs) * 1000);
    this.#readings.counts.opened++;
    if (compressed) this.#readings.counts.compressed++;
    client.connection = connection;
    client.known = true;
    client.refusals = 0;
    this.#crowd.joined(client);
    const { lostMs } = client;
    const awayMs = lostMs === null ? null : nowMs - lostMs;
    if (awayMs !== null && this.#stormOf(client)?.back({ awayMs, open: this.#crowd.openCount, nowMs })) this.#report();
    client.lostMs = null;
    if (connection.ended !== null) this.#ended(client, connection, connection.ended);
    else if (this.#isClosing || client.retired) void connection.close();
    else {
      this.#traffic!.joined(client);
      this.#pump.wake();
    }
  }

  /** It was let in, and its opening message was not answered as expected. */
  #unanswered(client: Client, connection: ClientConnection): void {
    connection.cut();
    this.#readings.counts.failed++;
    countReason(this.#readings.failures, 'opening: not answered as expected');
    this.#crowd.staysAway(client);
  }

  #refused(client: Client, result: Extract<ClientDialResult, { ok: false }>, storm: StormLog | null): void {
    this.#readings.counts.failed++;
    const reason = failureReason(result);
    if (storm !== null && storm === this.#storm) {
      this.#readings.counts.stormFailed++;
      storm.refuse(reason);
    } else countReason(this.#readings.failures, reason);
    if (client.lostMs === null || this.#stage !== 'running' || client.retired) {
      this.#crowd.staysAway(client);
      return;
    }
    client.refusals++;
    const { backoff } = this.#settings!;
    const askedMs =
      backoff.retryAfter && result.failure.phase === 'upgrade' ? retryAfterMs(result.failure.answer, Date.now()) : 0;
    this.#pump.dialAt(client, this.#nowMs() + askedMs + backoffMs(backoff, client.refusals, Math.random()));
  }

  /** The connection is over and nobody of us closed it in order; or a storm is about to cut it. */
  #lose(client: Client, reason: string): void {
    const storm = this.#storm;
    client.connection = null;
    this.#readings.counts.dropped++;
    client.storm = storm?.storm ?? null;
    if (storm !== null) {
      this.#readings.counts.stormDropped++;
      storm.drop();
    } else countReason(this.#readings.drops, reason);
    const returns = this.#stage === 'running' && (storm !== null || this.#settings!.reconnect);
    this.#crowd.lost(client, { returns });
    if (!returns) return;
    client.lostMs = this.#nowMs();
    this.#pump.dialAt(client, client.lostMs + backoffMs(this.#settings!.backoff, 0, Math.random()));
  }

  #heard(client: Client, connection: ClientConnection, event: ConnectionEvent): void {
    if (client.connection === null && openingOf(this.#settings!) !== null) this.#openings.heard(connection, event);
    // What a server says with its 101 comes before the dial is over; what comes of a connection that was cut, nobody
    // hears.
    else if (client.connection === null || client.connection === connection) this.#traffic!.received(client, event);
  }

  #ended(client: Client, connection: ClientConnection, end: ClientConnectionEnd): void {
    this.#openings.ended(connection);
    if (client.connection !== connection) return;
    if (this.#isClosing || client.retired) {
      client.connection = null;
      this.#crowd.left(client);
    } else this.#lose(client, endReason(end));
    this.#finish();
  }

  get #isClosing(): boolean {
    return this.#stage === 'closing' || this.#stage === 'finished';
  }

  /** The storm that took this client's connection, while it lasts. */
  #stormOf(client: Client): StormLog | null {
    return this.#storm !== null && client.storm === this.#storm.storm ? this.#storm : null;
  }

  #settleReached(): void {
    if (this.#reaching !== 0) return;
    this.#reaching = null;
    this.#report();
    this.#post({ kind: 'reached' });
  }

  #report(): void {
    const storm = this.#storm?.take() ?? null;
    const report = this.#readings.take({ open: this.#crowd.openCount, away: this.#crowd.awayCount, storm });
    this.#post({ kind: 'report', report });
  }

  #reportEvery(ms: number): void {
    if (this.#reportTimer !== null) clearInterval(this.#reportTimer);
    this.#reportTimer = setInterval(() => this.#report(), ms);
  }

  /** Says that all is over, once it is. */
  #finish(): void {
    if (this.#stage !== 'closing' || this.#dialling > 0 || this.#crowd.isConnected) return;
    this.#stage = 'finished';
    if (this.#reportTimer !== null) clearInterval(this.#reportTimer);
    this.#pump.stop();
    this.#report();
    this.#readings.close();
    this.#post({ kind: 'closed' });
  }
}
