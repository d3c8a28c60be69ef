/** Reading what a server, or a proxy, answers: the head, and the beginning of a refusal's body. */
import { bodyLength, createBodyReader } from '../../ws/body.ts';
import { type AnswerHead, createHeadReader, headViolations } from '../../ws/head.ts';
import type { ClientWire } from '../connection/wire.ts';
import { type AnswerEnd, bodyBytesMax, receivedBytesMax } from './failure.ts';
import { within } from './limit.ts';

interface Limit {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export type HeadOutcome =
  | { readonly ok: true; readonly head: AnswerHead }
  | {
      readonly ok: false;
      readonly code: AnswerEnd | 'timeout' | 'aborted' | (string & {});
      readonly detail: string;
      readonly received: Uint8Array;
    };

/** Most interim answers (100, 103 …) before the real one; servers send one or two. */
const interimMax = 8;

/** Leaves the wire without a reader, at the first byte behind the head. */
export function readHead(wire: ClientWire, limit: Limit & { readonly onFirstByte?: () => void }): Promise<HeadOutcome> {
  let received: Buffer = Buffer.alloc(0);
  let anything = false;
  return within<HeadOutcome>(
    limit,
    (done) => {
      let reader = createHeadReader();
      let interim = 0;
      const data = (chunk: Buffer): void => {
        if (!anything) limit.onFirstByte?.();
        anything = true;
        if (received.length < receivedBytesMax)
          received = Buffer.concat([received, chunk.subarray(0, receivedBytesMax - received.length)]);
        const step = reader.push(chunk);
        if (step.state === 'more') return;
        if (step.state === 'violation') {
          done({ ok: false, code: step.violation, detail: headViolations[step.violation], received });
          return;
        }
        const rest = chunk.subarray(step.bodyAt);
        if (step.head.status < 200 && step.head.status !== 101 && interim++ < interimMax) {
          reader = createHeadReader();
          if (rest.length > 0) data(rest);
          return;
        }
        wire.detach(rest);
        done({ ok: true, head: step.head });
      };
      wire.read({
        data,
        end: (end) => {
          const code = end.how === 'error' ? end.code : 'closed';
          const when = anything ? 'in the middle of its answer' : 'without an answer';
          const how = end.how === 'error' ? `the connection broke (${end.code})` : 'the connection was ended';
          done({ ok: false, code, detail: `${how} ${when}`, received });
        },
      });
      return () => undefined;
    },
    (why) => {
      wire.detach();
      const waited = `no ${anything ? 'complete ' : ''}answer came within ${limit.timeoutMs} ms`;
      return { ok: false, code: why, detail: why === 'timeout' ? waited : 'the dial was aborted', received };
    },
  );
}

/** The first bytes of the body, up to its end, bodyBytesMax, the end of the connection or of the time. */
export function readBody(wire: ClientWire, head: AnswerHead, limit: Limit): Promise<Uint8Array> {
  const length = bodyLength(head);
  if (length.kind === 'violation') return Promise.resolve(new Uint8Array(0));
  const pieces: Uint8Array[] = [];
  let bytesLeft = bodyBytesMax;
  const all = () => Buffer.concat(pieces);
  return within<Uint8Array>(
    limit,
    (done) => {
      const reader = createBodyReader(length);
      const data = (chunk: Buffer) => {
        const step = reader.push(chunk, (bytes) => {
          // Copied: a chunked body may come in a thousand pieces that would each hold their chunk.
          if (bytesLeft > 0) pieces.push(new Uint8Array(bytes.subarray(0, bytesLeft)));
          bytesLeft -= bytes.length;
        });
        if (step.state !== 'more' || bytesLeft <= 0) done(all());
      };
      data(Buffer.alloc(0));
      wire.read({ data, end: () => done(all()) });
      return () => wire.detach();
    },
    all,
  );
}
