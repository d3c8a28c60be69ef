import { type AnswerExpectation, type AnswerReading, answerProblems, checkAnswer } from '../../ws/client-handshake.ts';
import { type AnswerHead, createHeadReader, headViolations } from '../../ws/head.ts';
import { deflateAgrees, passableUpgrade } from '../../ws/upgrade-answer.ts';
import type { Wire, WireListener } from '../tunnel/wire.ts';
import type { Patience } from './patience.ts';
import { type Connecting, connectWire, type ServerAddress } from './server-wire.ts';

export interface DialRequest {
  readonly server: ServerAddress;
  /** The request as it goes on the wire. */
  readonly head: Uint8Array;
  readonly expected: AnswerExpectation;
  /** Cuts the attempt when it is lost. */
  readonly patience: Patience;
  readonly usesHandles: boolean;
}

export type DialOutcome =
  /** `answer` is the 101 as the client may get it, `rest` what has come behind it: frames. */
  | {
      readonly kind: 'upgraded';
      readonly wire: Wire;
      readonly answer: Buffer;
      rest: Buffer;
      readonly reading: Extract<AnswerReading, { ok: true }>;
    }
  /** Any other answer; `rest` is the beginning of its body. */
  | { readonly kind: 'refused'; readonly wire: Wire; readonly head: AnswerHead; rest: Buffer }
  /** Nothing came back: the next server may be asked. */
  | { readonly kind: 'unreachable'; readonly detail: string }
  /** Something came back that is no answer to a handshake. */
  | { readonly kind: 'nonsense'; readonly detail: string }
  | { readonly kind: 'aborted' };

/**
 * A server on the same network answers a SYN within milliseconds; the kernel repeats a lost one after a second. Three
 * seconds allow for one repeat and still leave time for the next server within the default handshake timeout of ten.
 */
const connectTimeoutMs = 3000;

/** Servers send one of them, with early hints or to say that they are still at it; a stream of them must end. */
const interimMax = 8;

/** Connects, sends the handshake and reads the answer's head. Never rejects. */
export function dialServer(request: DialRequest): Promise<DialOutcome> {
  if (request.patience.lost !== null) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => new Dial(request, resolve).begin());
}

/**
 * One attempt: the listener of its wire until it has been settled, and the keeper of what comes before somebody else
 * listens.
 */
class Dial implements WireListener {
  readonly borrows = true as const;
  readonly #request: DialRequest;
  readonly #resolve: (outcome: DialOutcome) => void;
  #connecting: Connecting | null = null;
  #timer: NodeJS.Timeout | null = null;
  #wire: Wire | null = null;
  #reader = createHeadReader();
  #interim = 0;
  /** What has come of the answer's head; null for nothing. */
  #before: Buffer[] | null = null;
  #answered = false;
  #outcome: DialOutcome | null = null;

  constructor(request: DialRequest, resolve: (outcome: DialOutcome) => void) {
    this.#request = request;
    this.#resolve = resolve;
  }

  begin(): void {
    const { server, patience, usesHandles } = this.#request;
    this.#timer = setTimeout(giveUp, connectTimeoutMs, this);
    patience.listen(() => this.#settle({ kind: 'aborted' }));
    this.#connecting = connectWire(server, usesHandles, (connected) => {
      if (typeof connected === 'string') this.#settle({ kind: 'unreachable', detail: connected });
      else this.#connected(connected);
    });
  }

  onBytes(received: Buffer): void {
    const outcome = this.#outcome;
    if (outcome !== null) {
      if ('rest' in outcome) outcome.rest = Buffer.concat([outcome.rest, received]);
      return;
    }
    this.#answered = true;
    let chunk = received;
    let step = this.#reader.push(chunk);
    while (step.state === 'done' && isInterim(step.head) && ++this.#interim <= interimMax) {
      this.#before = null;
      chunk = chunk.subarray(step.bodyAt);
      this.#reader = createHeadReader();
      step = this.#reader.push(chunk);
    }
    if (step.state === 'more') this.#before = [...(this.#before ?? []), Buffer.from(chunk)];
    else if (step.state === 'violation') this.#settle({ kind: 'nonsense', detail: headViolations[step.violation] });
    else this.#take(step.head, chunk, step.bodyAt);
  }

  onDrain(): void {
    // The request is a few hundred bytes; nothing comes behind it.
  }

  onEnd(): void {
    const detail = this.#answered
      ? 'the connection ended within the answer’s head'
      : 'the connection ended before an answer';
    this.#settle({ kind: this.#answered ? 'nonsense' : 'unreachable', detail });
  }

  onClosed(error: Error | null): void {
    if (error === null) this.onEnd();
    else this.#settle({ kind: this.#answered ? 'nonsense' : 'unreachable', detail: error.message });
  }

  /** Nobody has answered the SYN. */
  giveUp(): void {
    this.#settle({ kind: 'unreachable', detail: `no connection within ${connectTimeoutMs} ms` });
  }

  #connected(wire: Wire): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#wire = wire;
    wire.start(this, null);
    wire.write(this.#request.head);
  }

  #take(head: AnswerHead, chunk: Buffer, bodyAt: number): void {
    const rest = bodyAt === chunk.length ? nothing : Buffer.from(chunk.subarray(bodyAt));
    const wire = this.#wire!;
    if (isInterim(head)) {
      this.#settle({ kind: 'nonsense', detail: `more than ${interimMax} interim answers came` });
      return;
    }
    if (head.status !== 101) {
      this.#settle({ kind: 'refused', wire, head, rest });
      return;
    }
    const reading = checkAnswer(head, this.#request.expected);
    if (!reading.ok) {
      this.#settle({ kind: 'nonsense', detail: answerProblems[reading.problem].sentence });
      return;
    }
    if (!deflateAgrees(reading, this.#request.expected.extensions ?? null)) {
      const detail = 'the server accepted permessage-deflate on terms that were not offered';
      this.#settle({ kind: 'nonsense', detail });
      return;
    }
    const last = chunk.subarray(0, bodyAt);
    const written = this.#before === null ? Buffer.from(last) : Buffer.concat([...this.#before, last]);
    const answer = passableUpgrade(head, written);
    this.#before = null;
    this.#settle({ kind: 'upgraded', wire, answer, rest, reading });
  }

  #settle(outcome: DialOutcome): void {
    if (this.#outcome !== null) return;
    this.#outcome = outcome;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#request.patience.listen(null);
    if (!('wire' in outcome)) {
      this.#connecting?.abandon();
      this.#wire?.destroy();
    }
    this.#resolve(outcome);
  }
}

const nothing = Buffer.alloc(0);

function giveUp(dial: Dial): void {
  dial.giveUp();
}

/** An answer that another one follows (RFC 9110, 15.2): it is for this hop, and says nothing about the handshake. */
function isInterim(head: AnswerHead): boolean {
  return head.status < 200 && head.status !== 101;
}
