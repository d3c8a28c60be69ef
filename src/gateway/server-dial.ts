import net from 'node:net';
import tls from 'node:tls';
import { type AnswerExpectation, type AnswerReading, answerProblems, checkAnswer } from '../ws/client-handshake.ts';
import { type AnswerHead, createHeadReader, headViolations } from '../ws/head.ts';

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
  /** Cuts the attempt: the handshake's deadline, or the client that left. */
  readonly signal: AbortSignal;
}

export type DialOutcome =
  /** `answer` is the 101 as it came, `rest` what came behind it: frames. The socket is paused. */
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

/** Connects, sends the handshake and reads the answer's head. Never rejects. */
export function dialServer(request: DialRequest): Promise<DialOutcome> {
  return new Promise((resolve) => {
    const { server, signal } = request;
    if (signal.aborted) {
      resolve({ kind: 'aborted' });
      return;
    }
    const socket = connect(server);
    const reader = createHeadReader();
    let before: Buffer[] = [];
    let answered = false;

    const settle = (outcome: DialOutcome) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
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
    const onData = (chunk: Buffer) => {
      answered = true;
      const step = reader.push(chunk);
      if (step.state === 'more') {
        before.push(chunk);
        return;
      }
      if (step.state === 'violation') {
        settle({ kind: 'nonsense', detail: headViolations[step.violation] });
        return;
      }
      const rest = chunk.subarray(step.bodyAt);
      if (step.head.status !== 101) {
        settle({ kind: 'refused', socket, head: step.head, rest });
        return;
      }
      const reading = checkAnswer(step.head, request.expected);
      if (!reading.ok) {
        settle({ kind: 'nonsense', detail: answerProblems[reading.problem].sentence });
        return;
      }
      before.push(chunk.subarray(0, step.bodyAt));
      const answer = before.length === 1 ? before[0]! : Buffer.concat(before);
      before = [];
      settle({ kind: 'upgraded', socket, answer, rest, reading });
    };

    const timer = setTimeout(
      () => settle({ kind: 'unreachable', detail: `no connection within ${connectTimeoutMs} ms` }),
      connectTimeoutMs,
    );
    signal.addEventListener('abort', onAbort);
    socket.on('error', onError);
    socket.on('end', onGone);
    socket.on('close', onGone);
    socket.on('data', onData);
    socket.once(server.tls ? 'secureConnect' : 'connect', () => clearTimeout(timer));
    socket.write(request.head);
  });
}

function connect(server: ServerAddress): net.Socket {
  const { host, port } = server;
  // Half-open: the peer's FIN must not end our side while a close frame of ours is still to be sent.
  const options = { host, port, noDelay: true, allowHalfOpen: true, autoSelectFamily: true };
  if (!server.tls) return net.connect(options);
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  return tls.connect({ ...options, ...servername, rejectUnauthorized: server.verifyTls, ALPNProtocols: ['http/1.1'] });
}
