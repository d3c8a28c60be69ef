/** The messages of one process of the load: sent on schedule, known again when they come, and counted. */
import type { ConnectionEvent } from '../../client/connection/connection.ts';
import { sizeOf } from '../scenario/sizes.ts';
import { defaultReply, hasPlaceholder, idIn, readReply, readTemplate, writeMessage } from '../scenario/template.ts';
import type { Client } from './client.ts';
import type { LoadSettings, PhaseLoad } from './messages.ts';
import { createPayload, readStamp, type Stamp, writeStamp } from './payload.ts';
import type { Readings } from './readings.ts';
import { DueQueue, dueBefore, dueMs, type Pace, paceOf } from './schedule.ts';

/** A connection whose buffer is full is tried again after this; its messages keep the times at which they were due. */
const fullRetryMs = 5;
/** Requests of one connection that wait for a reply: a server that never answers must not fill the memory. */
const pendingMax = 10_000;

export interface Traffic {
  readonly nextMs: number | null;
  /** The phase begins for these clients, open or away. */
  begin(load: PhaseLoad, clients: Iterable<Client>): void;
  /** A client has a connection: what was due while it had none is not made up for. */
  joined(client: Client): void;
  /** Sends everything that is due. */
  send(): void;
  /** Ends the phase's load; how many messages were due, and how many clients receive what others send. */
  stop(atMs: number, clients: Iterable<Client>): { readonly intended: number; readonly receivers: number };
  received(client: Client, event: ConnectionEvent): void;
}

export function createTraffic(options: {
  readonly settings: LoadSettings;
  readonly readings: Readings;
  readonly nowMs: () => number;
}): Traffic {
  const { settings, readings, nowMs } = options;
  const { counts } = readings;
  const { mode, publishers } = settings;
  const sends = new DueQueue<Client>();
  const payloads = new Map<number, Uint8Array>();
  const reading = settings.message === null ? null : readTemplate(settings.message);
  const template = reading?.ok === true ? reading.template : null;
  const pattern = readReply(settings.reply ?? defaultReply);
  const byNumber = template !== null && !hasPlaceholder(template, 'id');
  let load: PhaseLoad | null = null;
  let endMs = 0;

  const isSender = (client: Client) =>
    mode !== 'hold' && client.index < (mode === 'fanout' ? publishers : load!.connections);
  const paceFor = (index: number): Pace => {
    const { startMs, messagesPerSecond, connections } = load!;
    const of = mode === 'fanout' ? publishers : connections;
    return paceOf({ startMs, intervalMs: 1000 / messagesPerSecond, index, of });
  };
  const push = (client: Client, atMs: number) => {
    client.queued = true;
    sends.push(atMs, client);
  };

  const payloadFor = (client: Client, now: number): Uint8Array => {
    const { index: connection, sequence } = client;
    const bytes = sizeOf(load!.sizes, connection, sequence);
    const sentUs = Math.max(0, Math.floor((now - load!.startMs) * 1000));
    const stamp = { phase: load!.phase, sequence, connection, sentUs };
    if (template !== null)
      return writeMessage(template, { ...stamp, bytes, number: client.numbers + 1, timeMs: Date.now() });
    let payload = payloads.get(bytes);
    if (payload === undefined) {
      payload = createPayload(bytes, settings.compress ? 'words' : 'dots');
      payloads.set(bytes, payload);
    }
    writeStamp(payload, stamp);
    return payload;
  };

  const sendOne = (client: Client) => {
    client.queued = false;
    if (client.connection === null || load === null) return;
    const pace = paceFor(client.index);
    const due = dueMs(pace, client.sequence);
    if (client.sequence >= dueBefore(pace, endMs)) return;
    const now = nowMs();
    // The client has been away, and its next message is not the one that was queued.
    if (due > now) return push(client, due);
    const payload = payloadFor(client, now);
    const outcome = client.connection.send(payload, sendOptions);
    if (outcome === 'full') push(client, now + fullRetryMs);
    if (outcome !== 'sent') return;
    counts.sent++;
    counts.sentBytes += payload.length;
    readings.sendLag.record((now - due) * 1000);
    client.numbers++;
    if (mode === 'request') expectReply(client, payload, { phase: load.phase, dueMs: due, sentMs: now });
    client.sequence++;
    push(client, dueMs(pace, client.sequence));
  };
  // With compression, every message is compressed: what was asked for is measured, small messages included.
  const sendOptions = { kind: settings.kind, ...(settings.compress ? { compress: true } : {}) };

  const expectReply = (
    client: Client,
    payload: Uint8Array,
    request: { phase: number; dueMs: number; sentMs: number },
  ) => {
    const { pending } = client;
    const id = byNumber ? String(client.numbers) : idIn(ownId, payload);
    if (pending.size >= pendingMax) pending.delete(pending.keys().next().value!);
    if (id !== null) pending.set(id, request);
  };

  const arrived = (bytes: number, dueAtMs: number, sentMs: number) => {
    const now = nowMs();
    counts.received++;
    counts.receivedBytes += bytes;
    readings.latency.record((now - dueAtMs) * 1000);
    readings.response.record((now - sentMs) * 1000);
  };

  const replied = (client: Client, data: Uint8Array) => {
    const id = pattern.ok ? idIn(pattern.pattern, data) : null;
    const request = id === null ? undefined : client.pending.get(id);
    if (request === undefined) counts.unexpected++;
    else {
      client.pending.delete(id!);
      // After the grace of its phase a reply is lost, as it is after the end of the run.
      if (request.phase === load?.phase) arrived(data.length, request.dueMs, request.sentMs);
    }
  };

  const stampOf = (data: Uint8Array): Stamp | null => {
    if (template === null) {
      const stamp = readStamp(data);
      if (stamp === null || stamp.phase !== load?.phase) return stamp;
      // Cut short or longer than it was sent: not that message.
      return sizeOf(load.sizes, stamp.connection, stamp.sequence) === data.length ? stamp : null;
    }
    const id = pattern.ok ? idIn(pattern.pattern, data) : null;
    return id === null ? null : readStamp(Buffer.from(id, 'latin1'));
  };

  return {
    get nextMs() {
      return sends.nextMs;
    },
    begin(next, clients) {
      load = next;
      endMs = next.endMs;
      sends.clear();
      for (const client of clients) {
        client.sequence = 0;
        client.next.length = 0;
        client.queued = false;
        if (isSender(client) && client.connection !== null) push(client, paceFor(client.index).firstMs);
      }
    },
    joined(client) {
      const now = nowMs();
      if (load === null || now >= endMs || !isSender(client)) return;
      const pace = paceFor(client.index);
      client.sequence = Math.max(client.sequence, dueBefore(pace, now));
      if (!client.queued) push(client, dueMs(pace, client.sequence));
    },
    send() {
      for (let client = sends.pop(nowMs()); client !== null; client = sends.pop(nowMs())) sendOne(client);
    },
    stop(atMs, clients) {
      endMs = Math.min(endMs, atMs);
      // What was due before the end and waits because this process is late is still sent: it is not the target's fault.
      this.send();
      sends.clear();
      let intended = 0;
      let receivers = 0;
      for (const client of clients) {
        client.queued = false;
        if (load === null || !client.known || client.index >= load.connections) continue;
        // What lay in the queue at the last moment may have gone out after the time that was meant.
        if (isSender(client)) intended += Math.max(client.sequence, dueBefore(paceFor(client.index), endMs));
        else receivers++;
      }
      return { intended, receivers };
    },
    received(client, event) {
      if (event.kind !== 'text' && event.kind !== 'binary') return;
      if (mode === 'request') return replied(client, event.data);
      const stamp = stampOf(event.data);
      // After the grace of its phase a message is lost, as it is after the end of the run.
      if (stamp !== null && load !== null && stamp.phase < load.phase) return;
      const from = stamp === null ? -1 : mode === 'echo' ? 0 : stamp.connection;
      const mine = stamp !== null && (mode === 'echo' ? stamp.connection === client.index : from < publishers);
      // What a publisher gets of its own group is neither expected nor a fault: some servers send to all, some to the others.
      if (mine && mode === 'fanout' && client.index < publishers) return;
      const isNew = stamp !== null && stamp.sequence >= (client.next[from] ?? 0);
      const sentMs = (load?.startMs ?? 0) + (stamp?.sentUs ?? 0) / 1000;
      // In fan-out, what others have sent yet is not known here.
      const sentYet = mode !== 'echo' || (stamp !== null && stamp.sequence < client.sequence);
      if (load === null || mode === 'hold' || !mine || !isNew || !sentYet || sentMs > nowMs()) {
        counts.unexpected++;
        return;
      }
      client.next[from] = stamp.sequence + 1;
      arrived(event.data.length, dueMs(paceFor(stamp.connection), stamp.sequence), sentMs);
    },
  };
}

/** The id that a message of this load was given. */
const ownId = /(?<id>[0-9a-f]{24})/;
