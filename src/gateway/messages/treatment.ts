import type { Deflater, Inflater } from '../../ws/deflate.ts';
import type { DeflateAgreement } from '../../ws/deflate-offer.ts';
import type { MessageResult } from '../hooks/results.ts';
import type { HookMessage } from '../hooks/types.ts';
import type { MessageStore } from './store.ts';
import type { Turns } from './turns.ts';

/** How the messages of one connection are treated. */
export interface MessageMode {
  /** For the client's side, where compression was agreed on; the server is offered none. */
  readonly codec: {
    readonly deflater: Deflater;
    readonly inflater: Inflater;
    readonly agreement: DeflateAgreement;
  } | null;
  readonly ask: AskAboutMessage;
  readonly turns: Turns;
  readonly store: MessageStore;
}

/** What is to become of a message. Answers at once where no hook has to be asked; a promise never rejects. */
export type AskAboutMessage = (
  from: HookMessage['from'],
  message: {
    /** Made when the hook's turn has come: until then the message is held once. */
    readonly data: () => HookMessage['data'];
    /** False once nobody waits for the answer. */
    readonly isWanted: () => boolean;
  },
) => MessageResult | Promise<MessageResult>;
