/**
 * Dialling: name, TCP, proxy, TLS, request, answer; each phase timed, and every failure a value that names its phase.
 */
import { randomBytes } from 'node:crypto';
import zlib from 'node:zlib';
import {
  answerProblems,
  checkAnswer,
  type HandshakeOffer,
  handshakeHeaders,
  keyFrom,
  writeHandshake,
} from '../../ws/client-handshake.ts';
import { createDeflate } from '../../ws/deflate.ts';
import { type DeflateAgreement, deflateName, offerDeflate, readDeflateAnswer } from '../../ws/deflate-offer.ts';
import { type Extension, formatExtensions, parseExtensions } from '../../ws/extension.ts';
import type { AnswerHead } from '../../ws/head.ts';
import { type WrittenHead, writeRequestHead } from '../../ws/head-writer.ts';
import { ClientConnection } from '../connection/connection.ts';
import { defaultMessageBytesMax } from '../connection/options.ts';
import { tap } from '../connection/tap.ts';
import type { ClientWire } from '../connection/wire.ts';
import { readBody, readHead } from './answer.ts';
import type { DialFailure } from './failure.ts';
import { codeOf } from './limit.ts';
import { type DialOptions, defaultTimeouts } from './options.ts';
import type { DialPhaseFacts } from './progress.ts';
import { openWire } from './route.ts';
import { type DialTarget, readTarget } from './target.ts';
import { type DialTimings, startTimings } from './timings.ts';

export type ClientDialResult =
  | { readonly ok: true; readonly connection: ClientConnection; readonly handshake: DialledHandshake }
  | {
      readonly ok: false;
      readonly failure: DialFailure;
      readonly timings: DialTimings;
      /** Null when it did not come to a request. */
      readonly request: Uint8Array | null;
      /** `127.0.0.1:8080`, or the path of a unix socket; null when none was reached. */
      readonly address: string | null;
    };

export interface DialledHandshake {
  readonly timings: DialTimings;
  readonly request: Uint8Array;
  readonly answer: AnswerHead;
  readonly address: string;
  readonly subprotocol: string | null;
  readonly extensions: readonly Extension[];
  /** Null when permessage-deflate was not agreed on. */
  readonly deflate: DeflateAgreement | null;
}

/**
 * Opens a WebSocket to a ws or wss URL. Resolves to a failure for whatever goes wrong on the way, and never rejects for
 * it. Events begin before the promise is resolved when the server's first bytes come with its answer.
 */
export async function dial(url: string, options: DialOptions = {}): Promise<ClientDialResult> {
  const { timings, mark: markTime } = startTimings();
  const mark: Mark = (phase, facts) => {
    markTime(phase);
    if (facts !== undefined) options.onProgress?.({ atMs: timings[phase]!, ...facts() });
  };
  let request: Uint8Array | null = null;
  let address: string | null = null;
  const failed = (failure: DialFailure): ClientDialResult => ({ ok: false, failure, timings, request, address });

  const reading = readTarget(url);
  if (!reading.ok) return failed({ phase: 'url', code: reading.code, detail: reading.detail });
  const offer = offerFor(reading.target, options);
  const written = writeRequest(offer, options);
  if (!written.ok) return failed({ phase: 'request', code: 'unwritable', detail: written.problem });

  const opened = await openWire(reading.target, options, mark);
  if (!opened.ok) return failed(opened.failure);
  const { wire } = opened;
  ({ address } = opened);
  request = written.bytes;
  if (options.onBytes !== undefined) tap(wire.socket, options.onBytes);

  const answered = await exchange(wire, written.bytes, options, mark);
  if (!answered.ok) {
    wire.socket.destroy();
    return failed(answered.failure);
  }
  const { head } = answered;
  const checked = checkAnswer(head, offer);
  const deflate = checked.ok ? agreementOf(checked.extensions, offer) : null;
  if (!checked.ok || deflate === 'wrong') {
    const body = head.status === 101 ? new Uint8Array(0) : await readBody(wire, head, limitOf(options));
    wire.socket.destroy();
    const answer = { answer: head, body };
    if (checked.ok)
      return failed({ phase: 'upgrade', code: 'extension-parameters', detail: wrongParameters, ...answer });
    const { problem } = checked;
    const said = problem === 'status' ? ` but ${head.status} ${head.reason}`.trimEnd() : '';
    return failed({ phase: 'upgrade', code: problem, detail: answerProblems[problem].sentence + said, ...answer });
  }

  const messageBytesMax = options.messageBytesMax ?? defaultMessageBytesMax;
  const pair = deflate && createDeflate({ zlib, agreement: deflate, role: 'client', messageBytesMax });
  const connection = new ClientConnection(wire, options, pair);
  const { subprotocol, extensions } = checked;
  const handshake = { timings, request, answer: head, address, subprotocol, extensions, deflate };
  connection.start();
  return { ok: true, connection, handshake };
}

const wrongParameters = 'the server answered permessage-deflate with parameters that the offer does not allow';

function offerFor(target: DialTarget, options: DialOptions): HandshakeOffer {
  const rawHeaders = [...(options.rawHeaders ?? [])];
  const named = rawHeaders.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'authorization');
  if (target.authorization !== null && !named) rawHeaders.push('Authorization', target.authorization);
  const deflate = options.deflate == null ? null : formatExtensions([offerDeflate(options.deflate)]);
  return {
    host: target.hostHeader,
    target: target.target,
    key: options.tweaks?.key ?? keyFrom(randomBytes(16)),
    origin: options.origin ?? null,
    subprotocols: options.subprotocols ?? [],
    extensions: options.extensions ?? deflate,
    rawHeaders,
  };
}

function writeRequest(offer: HandshakeOffer, options: DialOptions): WrittenHead {
  const { tweaks } = options;
  if (tweaks?.request !== undefined) return { ok: true, bytes: tweaks.request };
  if (tweaks === undefined) return writeHandshake(offer);
  const headers = handshakeHeaders(offer);
  return writeRequestHead({
    method: tweaks.method ?? 'GET',
    target: offer.target,
    httpVersion: tweaks.httpVersion ?? '1.1',
    rawHeaders: tweaks.headers?.(headers) ?? headers,
  });
}

type Mark = (phase: keyof DialTimings, facts?: () => DialPhaseFacts) => void;

type Exchanged =
  | { readonly ok: true; readonly head: AnswerHead }
  | { readonly ok: false; readonly failure: DialFailure };

async function exchange(wire: ClientWire, request: Uint8Array, options: DialOptions, mark: Mark): Promise<Exchanged> {
  let written = false;
  let writeError: string | null = null;
  wire.socket.write(request, (error) => {
    if (error == null) {
      written = true;
      mark('requestMs', () => ({ phase: 'request', request }));
    } else writeError = codeOf(error);
  });
  const outcome = await readHead(wire, { ...limitOf(options), onFirstByte: () => mark('firstByteMs') });
  if (outcome.ok) {
    const answer = outcome.head;
    mark('answerMs', () => ({ phase: 'answer', answer }));
    return outcome;
  }
  const { code, detail, received } = outcome;
  if (!written && received.length === 0)
    return {
      ok: false,
      failure: { phase: 'request', code: writeError ?? code, detail: `the request could not be sent: ${detail}` },
    };
  return { ok: false, failure: { phase: 'answer', code, detail, received } };
}

function limitOf(options: DialOptions): { timeoutMs: number; signal: AbortSignal | undefined } {
  return { timeoutMs: options.timeouts?.answerMs ?? defaultTimeouts.answerMs, signal: options.signal };
}

/** Null without permessage-deflate; `wrong` when the server's parameters do not fit the offer. */
function agreementOf(accepted: readonly Extension[], offer: HandshakeOffer): DeflateAgreement | null | 'wrong' {
  const answers = accepted.filter((extension) => extension.name === deflateName);
  if (answers.length === 0) return null;
  if (answers.length > 1) return 'wrong';
  return readDeflateAnswer(parseExtensions(offer.extensions ?? '') ?? [], answers[0]!) ?? 'wrong';
}
