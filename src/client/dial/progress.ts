/** What a phase of a dial found out, told while the next one begins: for whoever shows a dial as it happens. */
import type { AnswerHead } from '../../ws/head.ts';
import type { TlsFacts } from './tls-facts.ts';

export type DialProgress = {
  /** Milliseconds since dial was called. */
  readonly atMs: number;
} & DialPhaseFacts;

export type DialPhaseFacts =
  | { readonly phase: 'dns'; readonly addresses: readonly string[] }
  /** `127.0.0.1:8080`, or the path of a unix socket. */
  | { readonly phase: 'tcp'; readonly address: string }
  | { readonly phase: 'proxy' }
  | { readonly phase: 'tls'; readonly facts: TlsFacts }
  | { readonly phase: 'request'; readonly request: Uint8Array }
  | { readonly phase: 'answer'; readonly answer: AnswerHead };
