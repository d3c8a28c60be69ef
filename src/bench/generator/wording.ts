/** What the messages of a load look like, and how one is known again when it comes back. */
import { sizeOf } from '../scenario/sizes.ts';
import {
  defaultReply,
  hasPlaceholder,
  idIn,
  readMessageTemplate,
  readReply,
  writeMessage,
} from '../scenario/template.ts';
import type { Client } from './client.ts';
import type { LoadSettings, PhaseLoad } from './messages.ts';
import { createPayload, readStamp, type Stamp, writeStamp } from './payload.ts';

/** The id that a message of this load was given. */
const ownId = /(?<id>[0-9a-f]{24})/;

export class Wording {
  readonly #settings: LoadSettings;
  readonly #template: Parameters<typeof writeMessage>[0] | null;
  readonly #reply: RegExp | null;
  /** Requests that carry no id of ours are told apart by their number. */
  readonly #byNumber: boolean;
  readonly #payloads = new Map<number, Uint8Array>();

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    const reading = settings.message === null ? null : readMessageTemplate(settings.message);
    this.#template = reading?.ok === true ? reading.template : null;
    const reply = readReply(settings.reply ?? defaultReply);
    this.#reply = reply.ok ? reply.pattern : null;
    this.#byNumber = this.#template !== null && !hasPlaceholder(this.#template, 'id');
  }

  /** The client's next message. The bytes are valid until the next call. */
  write(client: Client, load: PhaseLoad, nowMs: number): Uint8Array {
    const { index: connection, sequence } = client;
    const bytes = sizeOf(load.sizes, connection, sequence);
    const sentUs = Math.max(0, Math.floor((nowMs - load.startMs) * 1000));
    const stamp = { phase: load.phase, sequence, connection, sentUs };
    if (this.#template !== null)
      return writeMessage(this.#template, { ...stamp, bytes, number: client.numbers + 1, timeMs: Date.now() });
    const payload = this.#payloadOf(bytes);
    writeStamp(payload, stamp);
    return payload;
  }

  /** What the reply to a request that was just sent is known by. */
  requestId(client: Client, payload: Uint8Array): string | null {
    return this.#byNumber ? String(client.numbers) : idIn(ownId, payload);
  }

  replyId(data: Uint8Array): string | null {
    return this.#reply === null ? null : idIn(this.#reply, data);
  }

  /** null: not a message of this load. */
  stampOf(data: Uint8Array, load: PhaseLoad | null): Stamp | null {
    if (this.#template !== null) {
      const id = this.replyId(data);
      return id === null ? null : readStamp(Buffer.from(id, 'latin1'));
    }
    const stamp = readStamp(data);
    if (stamp === null || load === null || stamp.phase !== load.phase) return stamp;
    // Cut short or longer than it was sent: not that message.
    return sizeOf(load.sizes, stamp.connection, stamp.sequence) === data.length ? stamp : null;
  }

  #payloadOf(bytes: number): Uint8Array {
    let payload = this.#payloads.get(bytes);
    if (payload === undefined) {
      payload = createPayload(bytes, this.#settings.compress ? 'words' : 'dots');
      this.#payloads.set(bytes, payload);
    }
    return payload;
  }
}
