import type { MessageDirectionOptions } from './direction-options.ts';
import { type Message, MessageQueue, type Queued } from './queue.ts';
import { MessageReader, type Reading } from './reader.ts';
import type { MessageStore, StoreWaiter } from './store.ts';

type InboxOptions = Pick<MessageDirectionOptions, 'store' | 'from' | 'rules' | 'inflater'>;

/**
 * What came from one source and waits: its bytes, then its messages in order, then its end. The worker's store knows
 * what all that holds.
 */
export class MessageInbox {
  readonly #reader: MessageReader;
  readonly #queue = new MessageQueue();
  readonly #store: MessageStore;
  /** The source's end, which comes behind what is still unread. */
  #last: Queued[] = [];
  /** What the store has been told. */
  #storedBytes = 0;

  constructor({ store, from, rules, inflater }: InboxOptions) {
    const { messageBytesMax, strict = true } = rules;
    this.#store = store;
    this.#reader = new MessageReader({ from, messageBytesMax, inflater, strict });
  }

  /** Bytes of the messages that wait. */
  get messageBytes(): number {
    return this.#queue.bytes;
  }

  get unreadBytes(): number {
    return this.#reader.unreadBytes;
  }

  get bytesToHeader(): number | null {
    return this.#reader.bytesToHeader;
  }

  get insideFrame(): boolean {
    return this.#reader.insideFrame;
  }

  get tooBigBytes(): number | null {
    return this.#reader.tooBigBytes;
  }

  /** No byte of a message waits here, whole or half. */
  get isBetweenMessages(): boolean {
    return this.#queue.bytes === 0 && this.#reader.heldBytes === 0 && !this.#reader.insideMessage;
  }

  /** Nothing waits here at all, no end either. */
  get isEmpty(): boolean {
    return this.isBetweenMessages && this.#queue.isEmpty && this.#last.length === 0;
  }

  add(chunk: Buffer): void {
    this.#reader.add(chunk);
  }

  addEnd(end: Queued): void {
    this.#last.push(end);
  }

  queue(arrived: Queued): void {
    this.#queue.add(arrived);
  }

  /** What is to be passed on next. */
  take(): Queued | null {
    return this.#queue.take();
  }

  /** A hook is looking at this message: it goes on counting. */
  hold(message: Message): void {
    this.#queue.hold(message);
  }

  /** The hook has answered. */
  release(): void {
    this.#queue.release();
  }

  /** Nobody is there any more to pass messages on to. */
  dropMessages(): void {
    this.#queue.dropMessages();
  }

  /** When everything has been read: lets the source's end into the queue. True when there was one. */
  admitEnd(): boolean {
    if (this.#last.length === 0) return false;
    for (const last of this.#last.splice(0)) this.#queue.add(last);
    return true;
  }

  /** Is there room in the worker for what is read next? What began earlier goes on in any case. */
  admits(waiter: StoreWaiter): boolean {
    return this.#reader.insideMessage || this.#store.admits(waiter);
  }

  /** Reads up to the next message. Must not be called when nothing is unread. */
  read(): Reading {
    return this.#reader.next();
  }

  /** The source is gone, and will not go on with a message. */
  sourceGone(): void {
    this.#reader.release();
  }

  /** Tells the worker's store what is held here now. */
  account(): void {
    const bytes = this.#queue.bytes + this.#reader.heldBytes;
    this.#store.change(bytes - this.#storedBytes);
    this.#storedBytes = bytes;
  }
}
