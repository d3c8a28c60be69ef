/** Why a dial failed: one closed union that names the phase. `detail` is a sentence for people. */
import type { AnswerProblem } from '../../ws/client-handshake.ts';
import type { AnswerHead, HeadViolation } from '../../ws/head.ts';
import type { UrlProblem } from './target.ts';
import type { TlsFacts } from './tls-facts.ts';

export type DialFailure =
  | { readonly phase: 'url'; readonly code: UrlProblem; readonly detail: string }
  | { readonly phase: 'dns'; readonly code: SystemCode; readonly detail: string }
  /** `attempts`: every address that was tried, in order. */
  | {
      readonly phase: 'tcp';
      readonly code: SystemCode;
      readonly detail: string;
      readonly attempts: readonly TcpAttempt[];
    }
  /** `answer`: what the proxy said to CONNECT, when it said anything. */
  | {
      readonly phase: 'proxy';
      readonly code: SystemCode | AnswerEnd | 'proxy-url' | 'refused';
      readonly detail: string;
      readonly answer: AnswerHead | null;
    }
  /**
   * `facts`: what was agreed and the certificate, when it came so far. The code is OpenSSL's, such as CERT_HAS_EXPIRED.
   */
  | { readonly phase: 'tls'; readonly code: SystemCode; readonly detail: string; readonly facts: TlsFacts | null }
  | { readonly phase: 'request'; readonly code: SystemCode | 'unwritable'; readonly detail: string }
  /** `received`: the first bytes of what came in place of an answer, at most receivedBytesMax. */
  | {
      readonly phase: 'answer';
      readonly code: SystemCode | AnswerEnd;
      readonly detail: string;
      readonly received: Uint8Array;
    }
  /** There was an answer, and it is no 101 or a wrong one. `body`: its first bytes, at most bodyBytesMax. */
  | {
      readonly phase: 'upgrade';
      readonly code: AnswerProblem | 'extension-parameters';
      readonly detail: string;
      readonly answer: AnswerHead;
      readonly body: Uint8Array;
    };

/** `timeout`, `aborted`, or the system's own code (ECONNREFUSED, ENOTFOUND, CERT_HAS_EXPIRED …). */
export type SystemCode = string;

/** `closed`: the other side ended the connection before its answer was complete. */
export type AnswerEnd = 'closed' | HeadViolation;

export interface TcpAttempt {
  readonly address: string;
  readonly code: SystemCode;
}

/** Enough to see what a server speaks that does not speak HTTP. */
export const receivedBytesMax = 1024;

/** Error pages of servers and proxies are some kilobytes; their first lines are what is shown. */
export const bodyBytesMax = 65_536;
