import type { MessageResult } from '../hooks/results.ts';
import { HookQuestion } from './question.ts';
import type { Message } from './queue.ts';
import type { AskAboutMessage } from './treatment.ts';

/** The direction that obeys, as far as a hook's word concerns it. */
export interface Obedient {
  readonly from: 'client' | 'server';
  /** To the target, as it came. */
  passOn(message: Message): void;
  /** To the target, in its place. */
  sendData(data: string | Uint8Array): void;
  /** The source has not read what it has been sent: an answer has to wait. */
  readonly sourceIsBehind: boolean;
  answerSource(data: string | Uint8Array): void;
  closeForHook(close: Extract<MessageResult, { kind: 'close' }>): void;
}

/** Puts one message at a time to the hook, and does what it says. */
export class Obedience {
  readonly #direction: Obedient;
  readonly #question: HookQuestion;
  /** An answer for the source that waits until the source has read what it has been sent. */
  #heldAnswer: Uint8Array | string | null = null;

  constructor(direction: Obedient, ask: AskAboutMessage, onAnswer: () => void) {
    this.#direction = direction;
    this.#question = new HookQuestion(ask, onAnswer);
  }

  /** The next message has to wait. */
  get isBusy(): boolean {
    return this.#question.isOpen || this.#heldAnswer !== null;
  }

  /** False when the hook has to be waited for. */
  ask(message: Message): boolean {
    const result = this.#question.ask(this.#direction.from, message);
    if (result !== null) this.#obey(result, message);
    return result !== null;
  }

  /** Does what the hook has answered; false when it has not. */
  obeyAnswer(): boolean {
    const answered = this.#question.take();
    if (answered === null) return false;
    this.#obey(answered.result, answered.message);
    return true;
  }

  /** The source may have caught up. True when an answer went. */
  sendHeldAnswer(): boolean {
    const data = this.#heldAnswer;
    if (data === null || this.#direction.sourceIsBehind) return false;
    this.#heldAnswer = null;
    this.#direction.answerSource(data);
    return true;
  }

  forget(): void {
    this.#question.forget();
    this.#heldAnswer = null;
  }

  #obey(result: MessageResult, message: Message): void {
    switch (result.kind) {
      case 'pass':
        this.#direction.passOn(message);
        break;
      case 'replace':
        this.#direction.sendData(result.data);
        break;
      case 'answer':
        this.#heldAnswer = result.data;
        this.sendHeldAnswer();
        break;
      case 'close':
        this.#direction.closeForHook(result);
        break;
      case 'drop':
        break;
    }
  }
}
