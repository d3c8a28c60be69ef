import { textOf } from '../../ws/frame.ts';
import { opcodes } from '../../ws/opcode.ts';
import type { MessageResult } from '../hooks/results.ts';
import type { Message } from './queue.ts';
import type { AskAboutMessage } from './treatment.ts';

/** What the hook said about a message. */
export interface Answered {
  readonly message: Message;
  readonly result: MessageResult;
}

/** The one question that a direction may have under way, and its answer until somebody takes it. */
export class HookQuestion {
  readonly #put: AskAboutMessage;
  readonly #onAnswer: () => void;
  /** The message that is asked about, as an object of its own: an answer counts while it is the current one. */
  #asked: { readonly message: Message } | null = null;
  #answered: Answered | null = null;

  constructor(put: AskAboutMessage, onAnswer: () => void) {
    this.#put = put;
    this.#onAnswer = onAnswer;
  }

  get isOpen(): boolean {
    return this.#asked !== null || this.#answered !== null;
  }

  /** The answer, when no hook has to be asked for it; null when it has to be waited for. */
  ask(from: 'client' | 'server', message: Message): MessageResult | null {
    const { opcode, data } = message;
    const asked = { message };
    this.#asked = asked;
    const result = this.#put(from, {
      // A copy of bytes: they may share memory with the chunk, all of which would travel to the thread.
      data: () => (opcode === opcodes.text ? textOf(data) : new Uint8Array(data)),
      isWanted: () => this.#asked === asked,
    });
    if (!(result instanceof Promise)) {
      this.#asked = null;
      return result;
    }
    void result.then((answer) => {
      if (this.#asked !== asked) return;
      this.#asked = null;
      this.#answered = { message, result: answer };
      this.#onAnswer();
    });
    return null;
  }

  take(): Answered | null {
    const answered = this.#answered;
    this.#answered = null;
    return answered;
  }

  /** Nobody waits for the answer any more. */
  forget(): void {
    this.#asked = null;
    this.#answered = null;
  }
}
