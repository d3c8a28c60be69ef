import net from 'node:net';
import tls from 'node:tls';
import { type AnswerExpectation, type AnswerReading, answerProblems, checkAnswer } from '../../ws/client-handshake.ts';
import { type AnswerHead, createHeadReader, headViolations } from '../../ws/head.ts';
import { deflateAgrees, passableUpgrade } from '../../ws/upgrade-answer.ts';
import type { Patience } from './patience.ts';

/** Where a server listens, taken apart once. */
export interface ServerAddress {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly verifyTls: boolean;
}

export interface DialRequest {
  readonly server: ServerAddress;
  /** The request as it goes on the wire. */
  readonly head: Uint8Array;
  readonly expected: AnswerExpectation;
  /** Cuts the attempt when it is lost. */
  readonly patience: Patience;
}

export type DialOutcome =
  /** `answer` is the 101 as the client may get it, `rest` what came behind it: frames. The socket is paused. */
  | {
      readonly kind: 'upgraded';
      readonly socket: net.Socket;
      readonly answer: Buffer;
      readonly rest: Buffer;
      readonly reading: Extract<AnswerReading, { ok: true }>;
    }
  /** Any other answer; `rest` is the beginning of its body. The socket is paused. */
  | { readonly kind: 'refused'; readonly socket: net.Socket; readonly head: AnswerHead; readonly rest: Buffer }
  /** Nothing came back: the next server may be asked. */
  | { readonly kind: 'unreachable'; readonly detail: string }
  /** Something came back that is no answer to a handshake. */
  | { readonly kind: 'nonsense'; readonly detail: string }
  | { readonly kind: 'aborted' };

/**
 * A server on the same network answers a SYN within milliseconds; the kernel repeats a lost one after a second. Three seconds
 * allow for one repeat and still leave time for the next server within the default handshake timeout of ten.
 */
const connectTimeoutMs = 3000;

/** Servers send one of them, with early hints or to say that they are still at it; a stream of them must end. */
const interimMax = 8;

/** Connects, sends the handshake and reads the answer's head. Never rejects. */
export function dialServer(request: DialRequest): Promise<DialOutcome> {
  return new Promise((resolve) => {
    const { server, patience } = request;
    if (patience.lost !== null) {
      resolve({ kind: 'aborted' });
      return;
    }
    const socket = connect(server);
    let reader = createHeadReader();
    let interim = 0;
    let before: Buffer[] = [];
    let answered = false;

    const settle = (outcome: DialOutcome) => {
      clearTimeout(timer);
      patience.listen(null);
      socket.removeListener('data', onData);
      socket.removeListener('end', onGone);
      socket.removeListener('close', onGone);
      if (outcome.kind === 'upgraded' || outcome.kind === 'refused') {
        socket.pause();
        socket.removeListener('error', onError);
      } else {
        socket.destroy();
      }
      resolve(outcome);
    };
    const onAbort = () => settle({ kind: 'aborted' });
    const onError = (error: Error) =>
      settle(answered ? { kind: 'nonsense', detail: error.message } : { kind: 'unreachable', detail: error.message });
    const onGone = () => {
      const detail = answered
        ? 'the connection ended within the answer’s head'
        : 'the connection ended before an answer';
      settle({ kind: answered ? 'nonsense' : 'unreachable', detail });
    };
    const onData = (received: Buffer) => {
      let chunk = received;
      answered = true;
      let step = reader.push(chunk);
      while (step.state === 'done' && isInterim(step.head) && ++interim <= interimMax) {
        before = [];
        chunk = chunk.subarray(step.bodyAt);
        reader = createHeadReader();
        step = reader.push(chunk);
      }
      if (step.state === 'more') {
        before.push(chunk);
        return;
      }
      if (step.state === 'violation') {
        settle({ kind: 'nonsense', detail: headViolations[step.violation] });
        return;
      }
      const rest = chunk.subarray(step.bodyAt);
      if (isInterim(step.head)) {
        settle({ kind: 'nonsense', detail: `more than ${interimMax} interim answers came` });
        return;
      }
      if (step.head.status !== 101) {
        settle({ kind: 'refused', socket, head: step.head, rest });
        return;
      }
      const reading = checkAnswer(step.head, request.expected);
      if (!reading.ok) {
        settle({ kind: 'nonsense', detail: answerProblems[reading.problem].sentence });
        return;
      }
      if (!deflateAgrees(reading, request.expected.extensions ?? null)) {
        settle({ kind: 'nonsense', detail: 'the server accepted permessage-deflate on terms that were not offered' });
        return;
      }
      before.push(chunk.subarray(0, step.bodyAt));
      const answer = passableUpgrade(step.head, before.length === 1 ? before[0]! : Buffer.concat(before));
      before = [];
      settle({ kind: 'upgraded', socket, answer, rest, reading });
    };

    const timer = setTimeout(
      () => settle({ kind: 'unreachable', detail: `no connection within ${connectTimeoutMs} ms` }),
      connectTimeoutMs,
    );
    patience.listen(onAbort);
    socket.on('error', onError);
    socket.on('end', onGone);
    socket.on('close', onGone);
    socket.on('data', onData);
    socket.once(server.tls ? 'secureConnect' : 'connect', () => clearTimeout(timer));
    socket.write(request.head);
  });
}

/** An answer that another one follows (RFC 9110, 15.2): it is for this hop, and says nothing about the handshake. */
function isInterim(head: AnswerHead): boolean {
  return head.status < 200 && head.status !== 101;
}

function connect(server: ServerAddress): net.Socket {
  const { host, port } = server;
  // Half-open: the peer's FIN must not end our side while a close frame of ours is still to be sent.
  const options = { host, port, noDelay: true, allowHalfOpen: true, autoSelectFamily: true };
  if (!server.tls) return net.connect(options);
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  return tls.connect({ ...options, ...servername, rejectUnauthorized: server.verifyTls, ALPNProtocols: ['http/1.1'] });
}
