/** The messages of one process of the load: sent on schedule, known again when they come, and counted. */
import type { ConnectionEvent } from '../../client/connection/connection.ts';
import type { Client, PendingRequest } from './client.ts';
import type { LoadSettings, PhaseLoad } from './messages.ts';
import type { Stamp } from './payload.ts';
import type { Readings } from './readings.ts';
import { DueQueue, dueBefore, dueMs, paceOf, type SendPace } from './schedule.ts';
import { Wording } from './wording.ts';

/** A connection whose buffer is full is tried again after this; its messages keep the times at which they were due. */
const fullRetryMs = 5;
/** Requests of one connection that wait for a reply: a server that never answers must not fill the memory. */
const pendingMax = 10_000;

export interface TrafficOptions {
  readonly settings: LoadSettings;
  readonly readings: Readings;
  readonly nowMs: () => number;
}

export class LoadTraffic {
  readonly #settings: LoadSettings;
  readonly #readings: Readings;
  readonly #nowMs: () => number;
  readonly #wording: Wording;
  readonly #sendOptions: { readonly kind: 'text' | 'binary'; readonly compress?: true };
  readonly #sends = new DueQueue<Client>();
  #load: PhaseLoad | null = null;
  #endMs = 0;

  constructor({ settings, readings, nowMs }: TrafficOptions) {
    this.#settings = settings;
    this.#readings = readings;
    this.#nowMs = nowMs;
    this.#wording = new Wording(settings);
    // With compression, every message is compressed: what was asked for is measured, small messages included.
    this.#sendOptions = { kind: settings.kind, ...(settings.compress && { compress: true }) };
  }

  get nextMs(): number | null {
    return this.#sends.nextMs;
  }

  /** The phase begins for these clients, open or away. */
  begin(load: PhaseLoad, clients: Iterable<Client>): void {
    this.#load = load;
    this.#endMs = load.endMs;
    this.#sends.clear();
    for (const client of clients) {
      client.sequence = 0;
      client.next.length = 0;
      client.queued = false;
      if (this.#isSender(client) && client.connection !== null) this.#queue(client, this.#paceOf(client.index).firstMs);
    }
  }

  /** A client has a connection: what was due while it had none is not made up for. */
  joined(client: Client): void {
    const now = this.#nowMs();
    if (this.#load === null || now >= this.#endMs || !this.#isSender(client)) return;
    const pace = this.#paceOf(client.index);
    client.sequence = Math.max(client.sequence, dueBefore(pace, now));
    if (!client.queued) this.#queue(client, dueMs(pace, client.sequence));
  }

  /** Sends everything that is due. */
  send(): void {
    const next = () => this.#sends.pop(this.#nowMs());
    for (let client = next(); client !== null; client = next()) this.#sendOne(client);
  }

  /** Ends the phase's load; how many messages were due, and how many clients receive what others send. */
  stop(atMs: number, clients: Iterable<Client>): { readonly intended: number; readonly receivers: number } {
    this.#endMs = Math.min(this.#endMs, atMs);
    // What was due before the end and waits because this process is late is still sent: it is not the target's fault.
    this.send();
    this.#sends.clear();
    let intended = 0;
    let receivers = 0;
    for (const client of clients) {
      client.queued = false;
      if (this.#load === null || !client.known || client.index >= this.#load.connections) continue;
      // What lay in the queue at the last moment may have gone out after the time that was meant.
      if (this.#isSender(client))
        intended += Math.max(client.sequence, dueBefore(this.#paceOf(client.index), this.#endMs));
      else receivers++;
    }
    return { intended, receivers };
  }

  received(client: Client, event: ConnectionEvent): void {
    if (event.kind !== 'text' && event.kind !== 'binary') return;
    const { mode } = this.#settings;
    if (mode === 'request') {
      this.#replied(client, event.data);
      return;
    }
    const stamp = this.#wording.stampOf(event.data, this.#load);
    // After the grace of its phase a message is lost, as it is after the end of the run.
    if (stamp !== null && this.#load !== null && stamp.phase < this.#load.phase) return;
    // What a publisher gets of its own group is neither expected nor a fault: some servers send to all, some to the
    // others.
    if (mode === 'fanout' && this.#isMine(client, stamp) && client.index < this.#settings.publishers) return;
    if (this.#load === null || stamp === null || !this.#isExpected(client, stamp, this.#load)) {
      this.#readings.counts.unexpected++;
      return;
    }
    client.next[this.#senderOf(stamp)] = stamp.sequence + 1;
    const sentMs = this.#load.startMs + stamp.sentUs / 1000;
    this.#arrived(event.data.length, dueMs(this.#paceOf(stamp.connection), stamp.sequence), sentMs);
  }

  #isExpected(client: Client, stamp: Stamp, load: PhaseLoad): boolean {
    const { mode } = this.#settings;
    if (mode === 'hold' || !this.#isMine(client, stamp)) return false;
    if (stamp.sequence < (client.next[this.#senderOf(stamp)] ?? 0)) return false;
    // In fan-out, what others have sent yet is not known here.
    if (mode === 'echo' && stamp.sequence >= client.sequence) return false;
    return load.startMs + stamp.sentUs / 1000 <= this.#nowMs();
  }

  /** An echo of the client's own message, or one of a publisher. */
  #isMine(client: Client, stamp: Stamp | null): boolean {
    if (stamp === null) return false;
    if (this.#settings.mode === 'echo') return stamp.connection === client.index;
    return stamp.connection < this.#settings.publishers;
  }

  /** Where the numbers of this sender are kept: an echo has one sender only. */
  #senderOf(stamp: Stamp): number {
    return this.#settings.mode === 'echo' ? 0 : stamp.connection;
  }

  #isSender(client: Client): boolean {
    const { mode, publishers } = this.#settings;
    return mode !== 'hold' && client.index < (mode === 'fanout' ? publishers : this.#load!.connections);
  }

  #paceOf(index: number): SendPace {
    const { startMs, messagesPerSecond, connections } = this.#load!;
    const of = this.#settings.mode === 'fanout' ? this.#settings.publishers : connections;
    return paceOf({ startMs, intervalMs: 1000 / messagesPerSecond, index, of });
  }

  #queue(client: Client, atMs: number): void {
    client.queued = true;
    this.#sends.push(atMs, client);
  }

  #sendOne(client: Client): void {
    client.queued = false;
    const load = this.#load;
    if (client.connection === null || load === null) return;
    const pace = this.#paceOf(client.index);
    const due = dueMs(pace, client.sequence);
    if (client.sequence >= dueBefore(pace, this.#endMs)) return;
    const now = this.#nowMs();
    // The client has been away, and its next message is not the one that was queued.
    if (due > now) {
      this.#queue(client, due);
      return;
    }
    const payload = this.#wording.write(client, load, now);
    const outcome = client.connection.send(payload, this.#sendOptions);
    if (outcome === 'full') this.#queue(client, now + fullRetryMs);
    if (outcome !== 'sent') return;
    this.#readings.counts.sent++;
    this.#readings.counts.sentBytes += payload.length;
    this.#readings.sendLag.record((now - due) * 1000);
    client.numbers++;
    if (this.#settings.mode === 'request')
      this.#expectReply(client, payload, { phase: load.phase, dueMs: due, sentMs: now });
    client.sequence++;
    this.#queue(client, dueMs(pace, client.sequence));
  }

  #expectReply(client: Client, payload: Uint8Array, request: PendingRequest): void {
    const { pending } = client;
    const id = this.#wording.requestId(client, payload);
    if (pending.size >= pendingMax) pending.delete(pending.keys().next().value!);
    if (id !== null) pending.set(id, request);
  }

  #replied(client: Client, data: Uint8Array): void {
    const id = this.#wording.replyId(data);
    const request = id === null ? undefined : client.pending.get(id);
    if (request === undefined) {
      this.#readings.counts.unexpected++;
      return;
    }
    client.pending.delete(id!);
    // After the grace of its phase a reply is lost, as it is after the end of the run.
    if (request.phase === this.#load?.phase) this.#arrived(data.length, request.dueMs, request.sentMs);
  }

  #arrived(bytes: number, dueAtMs: number, sentMs: number): void {
    const now = this.#nowMs();
    this.#readings.counts.received++;
    this.#readings.counts.receivedBytes += bytes;
    this.#readings.latency.record((now - dueAtMs) * 1000);
    this.#readings.response.record((now - sentMs) * 1000);
  }
}
