import type { StayCause } from '../../base/stay-cause.ts';
import type { MessageResult } from '../hooks/results.ts';
import type { Half, HalfOwner, HalfState } from '../tunnel/half.ts';
import type { Wire } from '../tunnel/wire.ts';
import type { MessageDirectionOptions } from './direction-options.ts';
import { MessageInbox } from './inbox.ts';
import { Obedience, type Obedient } from './obedience.ts';
import type { Message, Queued } from './queue.ts';
import type { Arrived } from './reader.ts';
import type { StoreWaiter } from './store.ts';
import type { Stepper } from './turns.ts';
import { MessageWriter } from './writer.ts';

/**
 * One half of a connection in message mode: whole messages from the source, one after the other, to the hook and from there to the
 * target. Pings and pongs pass at once; a close frame, and the source's end, come behind the messages before them. Everything is done in
 * steps, in turns with all other connections.
 */
export class MessageDirection implements Half, Stepper, StoreWaiter, Obedient {
  readonly from: 'client' | 'server';
  readonly source: Wire;
  readonly target: Wire;
  open = true;
  sourceEnded = false;
  lag: Half['lag'] = null;
  closeSeen = false;
  waiting = false;
  waitsForStore = false;
  /** What is written are whole frames. */
  readonly atFrameBoundary = true;

  readonly #options: MessageDirectionOptions;
  readonly #owner: HalfOwner;
  readonly #inbox: MessageInbox;
  readonly #writer: MessageWriter;
  readonly #hook: Obedience;
  #opposite: MessageDirection | null = null;
  #violated = false;
  #closeReported = false;
  #blocked = false;
  #throttled = false;

  constructor(options: MessageDirectionOptions) {
    const { owner, from, source, target, bufferBytesMax, deflater } = options;
    this.#options = options;
    this.#owner = owner;
    this.from = from;
    this.source = source;
    this.target = target;
    this.#inbox = new MessageInbox(options);
    this.#writer = new MessageWriter({ target, masked: from === 'client', bufferBytesMax, deflater });
    this.#hook = new Obedience(this, options.ask, () => this.#wake());
  }

  static pair(a: MessageDirection, b: MessageDirection): void {
    a.#opposite = b;
    b.#opposite = a;
  }

  get bytesToHeader(): number | null {
    return this.#inbox.bytesToHeader;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  get queuedBytes(): number {
    return this.target.queuedBytes + this.#inbox.messageBytes + this.#inbox.unreadBytes;
  }

  get finished(): boolean {
    return this.closeSeen || this.#violated || this.sourceEnded;
  }

  get atMessageBoundary(): boolean {
    return !this.#hook.isBusy && this.#inbox.isBetweenMessages;
  }

  get insideFrame(): boolean {
    return this.#inbox.insideFrame;
  }

  get listening(): boolean {
    return !this.#holdsBack;
  }

  get tooBigBytes(): number | null {
    return this.#inbox.tooBigBytes;
  }

  insertControl(bytes: Uint8Array): boolean {
    return this.insertMessage(bytes) !== 'full';
  }

  insertMessage(bytes: Uint8Array): 'sent' | 'full' {
    return this.open ? this.#writer.insert(bytes) : 'full';
  }

  insertClose(bytes: Uint8Array): void {
    if (!this.open) return;
    this.target.write(bytes);
    this.#stop();
    this.#owner.onCloseInserted(this);
  }

  throttle(on: boolean): void {
    this.#throttled = on;
    this.#wake();
  }

  snapshot(): HalfState | StayCause {
    if (!this.open || this.finished) return 'closing';
    if (this.#blocked) return 'behind';
    return !this.#hook.isBusy && this.#inbox.isEmpty ? { scanner: null, waiting: [] } : 'hook';
  }

  restore(): void {
    // One that stands still knows nothing that its options do not say.
  }

  onBytes(chunk: Buffer): void {
    this.#inbox.add(chunk);
    this.#wake();
    // When its step has to wait, the socket must not bring more meanwhile.
    this.#updateReading();
  }

  onDrain(): void {
    this.#opposite?.setBlocked(false);
  }

  onEnd(): void {
    this.#inbox.addEnd({ kind: 'end' });
    this.#wake();
  }

  onClosed(error: Error | null): void {
    const opposite = this.#opposite!;
    // Both sockets are gone: the last to say so ends the connection, and the other half may still have it in its queue.
    if (this.target.closed && !opposite.#closeReported) {
      opposite.#loseTarget();
      return;
    }
    this.#inbox.addEnd({ kind: 'closed', error });
    this.#wake();
    opposite.#loseTarget();
  }

  onRoom(): void {
    this.#wake();
  }

  /** A little of what there is to do: obeys one answer, or passes on what waits, or reads up to the next message. */
  step(): boolean {
    // What a step writes leaves in one system call: a thousand pongs would otherwise be a thousand of them.
    this.target.cork();
    const more = this.#obeyAnswer() || this.#pump() || this.#read();
    this.target.uncork();
    this.#inbox.account();
    if (this.#writer.isBehind) this.setBlocked(true);
    this.#updateReading();
    return more;
  }

  cut(fault: Error): void {
    this.source.destroy(fault);
    this.target.destroy(fault);
  }

  #wake(): void {
    this.#options.turns.request(this);
  }

  /** The target's socket is gone: nothing that still waits can be delivered. */
  #loseTarget(): void {
    this.#writer.release();
    if (this.open) this.#stop();
  }

  /** Nothing goes to the target any more, and no answer of a hook is waited for. */
  #stop(): void {
    this.open = false;
    this.#hook.forget();
    this.#inbox.dropMessages();
    this.#opposite!.#sendHeldAnswer();
    this.#wake();
  }

  #obeyAnswer(): boolean {
    if (!this.#hook.obeyAnswer()) return false;
    this.#inbox.release();
    return true;
  }

  /** Passes on what has arrived, in order, until a hook has to be waited for or the target is behind. True when something went. */
  #pump(): boolean {
    if (this.open && (this.#hook.isBusy || this.#blocked)) return false;
    const next = this.#inbox.take();
    if (next === null) return false;
    if (next.kind === 'message') this.#ask(next);
    else this.#pass(next);
    return true;
  }

  /** Reads up to the next message as far as there is room for it. True when there may be more. */
  #read(): boolean {
    if (this.#inbox.unreadBytes === 0) return this.#inbox.admitEnd();
    if (this.open && (this.#holdsBack || !this.#inbox.admits(this))) return false;
    const reading = this.#inbox.read();
    this.#owner.onTraffic(this, reading.bytes, reading);
    for (const arrived of reading.arrived) this.#take(arrived);
    return true;
  }

  #take(arrived: Arrived): void {
    if (arrived.kind !== 'control') {
      if (arrived.kind !== 'message' || this.open) this.#inbox.queue(arrived);
    } else if (!this.#owner.takesOut(this, arrived.frame) && this.open) {
      this.#writer.control(arrived.frame);
    }
  }

  #ask(message: Message): void {
    if (this.open && !this.#hook.ask(message)) this.#inbox.hold(message);
  }

  passOn(message: Message): void {
    if (this.open) this.#writer.message(message.opcode, message.data);
  }

  get sourceIsBehind(): boolean {
    return this.#opposite!.blocked && this.#opposite!.open;
  }

  answerSource(data: string | Uint8Array): void {
    this.#opposite!.sendData(data);
  }

  closeForHook(close: Extract<MessageResult, { kind: 'close' }>): void {
    this.#owner.onHookClose(this, close);
  }

  #pass(arrived: Exclude<Queued, Message>): void {
    switch (arrived.kind) {
      case 'close': {
        const keeps = this.#owner.takesOut(this, arrived.frame);
        if (this.open && !keeps) this.#writer.control(arrived.frame);
        this.closeSeen = true;
        this.#owner.onCloseFrame(this, arrived.frame);
        break;
      }
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
        this.#inbox.sourceGone();
        this.#owner.onSourceClosed(this, arrived.error);
        break;
    }
  }

  /** For the other half, too: an answer goes this way. */
  sendData(data: string | Uint8Array): void {
    if (!this.open) return;
    this.#writer.data(data);
    if (this.#writer.isBehind) this.setBlocked(true);
  }

  /** The target is behind, or has caught up. */
  setBlocked(blocked: boolean): void {
    if (this.#blocked === blocked) return;
    this.#blocked = blocked;
    this.#owner.onBlockedChange(this);
    if (!blocked) this.#opposite!.#sendHeldAnswer();
    this.#wake();
  }

  #sendHeldAnswer(): void {
    if (this.#hook.sendHeldAnswer()) this.#wake();
  }

  #updateReading(): void {
    if (this.open && (this.#holdsBack || this.waitsForStore || this.#inbox.unreadBytes > 0)) this.source.pause();
    else this.source.resume();
  }

  /** What waits ends by an answer of the hook, by the target's reading or by the clock, and each of them wakes this half. */
  get #holdsBack(): boolean {
    const bytes = this.#inbox.messageBytes + this.target.queuedBytes;
    return this.#blocked || this.#throttled || bytes > this.#options.bufferBytesMax;
  }
}
