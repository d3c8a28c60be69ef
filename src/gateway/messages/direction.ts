import { textOf } from '../../ws/frame.ts';
import { opcodes } from '../../ws/opcode.ts';
import type { MessageResult } from '../hooks/results.ts';
import type { Half, HalfOwner } from '../tunnel/half.ts';
import type { Wire } from '../tunnel/wire.ts';
import type { MessageDirectionOptions } from './direction-options.ts';
import { type Message, MessageQueue, type Queued } from './queue.ts';
import { type Arrived, MessageReader } from './reader.ts';
import { MessageWriter } from './writer.ts';

/**
 * One half of a connection in message mode: whole messages from the source, one after the other, to the hook and from there to the
 * target. Pings and pongs pass at once; a close frame, and the source's end, come behind the messages before them.
 */
export class MessageDirection implements Half {
  readonly from: 'client' | 'server';
  readonly source: Wire;
  readonly target: Wire;
  open = true;
  sourceEnded = false;
  lag: Half['lag'] = null;
  closeSeen = false;
  /** What is written are whole frames. */
  readonly atFrameBoundary = true;

  readonly #options: MessageDirectionOptions;
  readonly #owner: HalfOwner;
  readonly #reader: MessageReader;
  readonly #writer: MessageWriter;
  readonly #queue = new MessageQueue();
  #opposite: MessageDirection | null = null;
  #violated = false;
  #reading = false;
  /** The source's end, which comes behind what is still unread. */
  #last: Queued[] = [];
  #closeReported = false;
  #blocked = false;
  #throttled = false;
  /** The question that is under way; its answer counts while it is the current one. */
  #question: object | null = null;
  /** An answer for the source that waits until the source has read what it has been sent. */
  #heldAnswer: Uint8Array | string | null = null;

  constructor(options: MessageDirectionOptions) {
    const { owner, from, source, target, rules, inflater, deflater } = options;
    this.#options = options;
    this.#owner = owner;
    this.from = from;
    this.source = source;
    this.target = target;
    this.#reader = new MessageReader({ from, messageBytesMax: rules.messageBytesMax, inflater });
    this.#writer = new MessageWriter({ target, masked: from === 'client', deflater });
  }

  static pair(a: MessageDirection, b: MessageDirection): void {
    a.#opposite = b;
    b.#opposite = a;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  get queuedBytes(): number {
    return this.target.queuedBytes + this.#queue.bytes + this.#reader.unreadBytes;
  }

  get finished(): boolean {
    return this.closeSeen || this.#violated || this.sourceEnded;
  }

  get insideFrame(): boolean {
    return this.#reader.insideFrame;
  }

  insertControl(bytes: Uint8Array): boolean {
    return this.insertMessage(bytes) !== 'full';
  }

  insertMessage(bytes: Uint8Array): 'sent' | 'full' {
    if (!this.open || this.target.queuedBytes + bytes.length > this.#options.bufferBytesMax) return 'full';
    this.target.write(bytes);
    return 'sent';
  }

  insertClose(bytes: Uint8Array): void {
    if (!this.open) return;
    this.target.write(bytes);
    this.#stop();
    this.#owner.onCloseInserted(this);
  }

  throttle(on: boolean): void {
    this.#throttled = on;
    this.#updateReading();
  }

  onBytes(chunk: Buffer): void {
    this.#reader.add(chunk);
    this.#read();
  }

  onDrain(): void {
    this.#opposite?.setBlocked(false);
  }

  onEnd(): void {
    this.#last.push({ kind: 'end' });
    this.#read();
  }

  onClosed(error: Error | null): void {
    const opposite = this.#opposite!;
    // Both sockets are gone: the last to say so ends the connection, and the other half may still have it in its queue.
    if (this.target.closed && !opposite.#closeReported) {
      opposite.#loseTarget();
      return;
    }
    this.#last.push({ kind: 'closed', error });
    this.#read();
    opposite.#loseTarget();
  }

  /** The target's socket is gone: nothing that still waits can be delivered. */
  #loseTarget(): void {
    this.#writer.release();
    if (this.open) this.#stop();
  }

  /** Nothing goes to the target any more, and no answer of a hook is waited for. */
  #stop(): void {
    this.open = false;
    this.#question = null;
    this.#heldAnswer = null;
    this.#queue.dropMessages();
    this.#opposite!.#sendHeldAnswer();
    this.#read();
    this.#pump();
  }

  /** Reads what has come as far as the buffer has room for it. */
  #read(): void {
    // What is passed on may come back here; the loop that is running already sees the new state.
    if (this.#reading) return;
    this.#reading = true;
    while (!this.open || !this.#full) {
      const reading = this.#reader.next();
      if (reading === null) break;
      this.#owner.onTraffic(this, reading.bytes, reading.messages, reading.hasData);
      for (const arrived of reading.arrived) this.#take(arrived);
    }
    this.#reading = false;
    if (this.#reader.unreadBytes === 0) for (const last of this.#last.splice(0)) this.#enqueue(last);
    this.#updateReading();
  }

  #take(arrived: Arrived): void {
    if (arrived.kind !== 'control') {
      if (arrived.kind !== 'message' || this.open) this.#enqueue(arrived);
    } else if (!this.#owner.takesOut(this, arrived.frame)) {
      this.#send(() => this.#writer.control(arrived.frame));
    }
  }

  #enqueue(queued: Queued): void {
    this.#queue.add(queued);
    this.#pump();
  }

  /** Passes on what has arrived, in order, until a hook has to be waited for or the target is behind. */
  #pump(): void {
    while (!this.open || (this.#question === null && !this.#blocked)) {
      const next = this.#queue.take();
      if (next === null) break;
      if (next.kind === 'message') this.#ask(next);
      else this.#pass(next);
    }
  }

  #ask(message: Message): void {
    if (!this.open) return;
    const { opcode, data } = message;
    const text = opcode === opcodes.text;
    // A copy of bytes: they may share memory with the chunk, all of which would travel to the thread.
    const result = this.#options.ask(this.from, () => (text ? textOf(data) : new Uint8Array(data)));
    if (!(result instanceof Promise)) {
      this.#obey(result, message);
      return;
    }
    const question = {};
    this.#question = question;
    this.#queue.hold(message);
    void result.then((answer) => {
      if (this.#question !== question) return;
      this.#question = null;
      this.#queue.release();
      this.#obey(answer, message);
      this.#pump();
      this.#read();
    });
  }

  #obey(result: MessageResult, message: Message): void {
    switch (result.kind) {
      case 'pass':
        this.#send(() => this.#writer.message(message.opcode, message.data));
        break;
      case 'replace':
        this.sendData(result.data);
        break;
      case 'answer':
        this.#answer(result.data);
        break;
      case 'close':
        this.#owner.onHookClose(this, result);
        break;
      case 'drop':
        break;
    }
  }

  /** Sends to the source. When it is behind with reading, its next message waits until it is not. */
  #answer(data: string | Uint8Array): void {
    const opposite = this.#opposite!;
    if (opposite.blocked && opposite.open) {
      this.#heldAnswer = data;
      this.#question = {};
    } else {
      opposite.sendData(data);
    }
  }

  #pass(arrived: Exclude<Queued, Message>): void {
    switch (arrived.kind) {
      case 'close':
        if (this.open) this.#writer.control(arrived.frame);
        this.closeSeen = true;
        this.#owner.onCloseFrame(this, arrived.frame);
        break;
      case 'violation':
        this.#violated = true;
        this.#owner.onViolation(this, arrived.violation);
        break;
      case 'end':
        this.sourceEnded = true;
        this.#owner.onSourceEnd(this);
        break;
      case 'closed':
        this.sourceEnded = true;
        this.#closeReported = true;
        this.#reader.release();
        this.#owner.onSourceClosed(this, arrived.error);
        break;
    }
  }

  /** For the other half, too: an answer goes this way. */
  sendData(data: string | Uint8Array): void {
    this.#send(() => this.#writer.data(data));
  }

  #send(write: () => void): void {
    if (!this.open) return;
    write();
    if (this.target.queuedBytes > this.#options.bufferBytesMax) this.setBlocked(true);
  }

  /** The target is behind, or has caught up. */
  setBlocked(blocked: boolean): void {
    if (this.#blocked === blocked) return;
    this.#blocked = blocked;
    this.#owner.onBlockedChange(this);
    if (!blocked) {
      this.#pump();
      this.#read();
      this.#opposite!.#sendHeldAnswer();
    }
    this.#updateReading();
  }

  #sendHeldAnswer(): void {
    const data = this.#heldAnswer;
    if (data === null || (this.#opposite!.blocked && this.#opposite!.open)) return;
    this.#heldAnswer = null;
    this.#question = null;
    this.#opposite!.sendData(data);
    this.#pump();
    this.#read();
  }

  #updateReading(): void {
    if (this.open && (this.#full || this.#throttled || this.#reader.unreadBytes > 0)) this.source.pause();
    else this.source.resume();
  }

  /** What waits ends by an answer of the hook or by the target's reading, and either comes back to `#read`. */
  get #full(): boolean {
    return this.#blocked || this.#queue.bytes + this.target.queuedBytes > this.#options.bufferBytesMax;
  }
}
