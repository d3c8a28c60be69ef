/** The usual games: sends frames and expects an echo, a pong, an end with a code, or the answer to a close frame. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InboxEvent } from '../../client/connection/inbox.ts';
import type { DialOptions } from '../../client/dial/options.ts';
import { closePayload, textOf } from '../../ws/frame.ts';
import { endText, lineEventText, openLine, type ProbeLine, sameBytes, waitFor } from '../line.ts';
import { rawFrame } from '../raw-frame.ts';
import { type Arena, type Case, type CaseOutcome, failed, nonStrict, passed } from './case.ts';

/** What comes back: a message, or the payload of a pong. */
export interface Expected {
  readonly kind: 'text' | 'binary' | 'pong';
  readonly data: Uint8Array;
}

interface PlayOptions {
  readonly rfc: string;
  readonly dial?: DialOptions;
  /** Writes this many bytes at a time, a turn of the event loop apart. Default: all at once. */
  readonly chopBytes?: number;
}

export const textMessage = (data: string | Uint8Array): Expected => ({
  kind: 'text',
  data: Buffer.from(data as string),
});
export const binary = (data: string | Uint8Array): Expected => ({ kind: 'binary', data: Buffer.from(data as string) });
export const pong = (data: string | Uint8Array): Expected => ({ kind: 'pong', data: Buffer.from(data as string) });

/**
 * Everything expected comes back, in this order for messages and in this order for pongs, and the line is still good.
 */
export function comesBack(
  name: string,
  frames: readonly Uint8Array[],
  expected: readonly Expected[],
  options: PlayOptions,
): Case {
  const shown = expected.length === 1 ? `the ${kindText(expected[0]!.kind)}` : `${expected.length} answers`;
  return {
    name,
    rfc: options.rfc,
    expected: `${shown}, and an open connection`,
    play: (arena) =>
      onStage(arena, options.dial, async (line) => {
        await writeAll(line, frames, options.chopBytes);
        const wrong = await readExpected(line, expected, arena.timeoutMs);
        return wrong === null ? await stillGood(line, arena) : failed(wrong);
      }),
  };
}

export interface EndOptions extends PlayOptions {
  /** Something worse than this ends it too strictly to hurt: reading on counts as non-strict. */
  readonly mayReadOn?: boolean;
  /** What is wrong is a close frame: an answer that echoes its code has not looked at it. */
  readonly isClose?: boolean;
  /** Messages in front of the error, which may be echoed before the end. */
  readonly messagesBefore?: number;
  /** They are whole and right: an end without their echoes is non-strict. */
  readonly echoesBefore?: boolean;
  /** What follows would be swallowed by an unfinished frame: nothing is sent after, and silence decides. */
  readonly unfinished?: boolean;
  /** Sent when nothing happened for a while: an end that comes only now is non-strict, because it came late. */
  readonly later?: Uint8Array;
}

/** The server must fail the connection; with one of these codes if it says why. */
export function ends(name: string, frames: readonly Uint8Array[], codes: readonly number[], options: EndOptions): Case {
  return {
    name,
    rfc: options.rfc,
    expected: `closed with ${codes.join(' or ')}`,
    play: (arena) =>
      onStage(arena, options.dial, async (line) => {
        // In one write with what is wrong: bytes that arrive after the end would make a reset of it.
        const alone = options.unfinished || options.later !== undefined || options.isClose;
        const sentinel = alone ? [] : [rawFrame({ opcode: 9, payload: afterwards })];
        await writeAll(line, [Buffer.concat([...frames, ...sentinel])], options.chopBytes);
        const firstWaitMs = options.later === undefined ? arena.timeoutMs : Math.min(arena.timeoutMs, failFastMs);
        let before = options.messagesBefore ?? 0;
        const isReaction = (event: InboxEvent) => event.kind !== 'ping' && !(isMessage(event) && before-- > 0);
        let event = await waitFor(line, isReaction, firstWaitMs);
        let late = false;
        if (event.kind === 'silence' && options.later !== undefined) {
          late = true;
          line.connection.write(Buffer.concat([options.later, rawFrame({ opcode: 9, payload: afterwards })]));
          event = await waitFor(line, isReaction, arena.timeoutMs);
        }
        const outcome = judgeEnd(event, codes, options);
        // It was right and came first: a server answers it, and whoever stands in front of the server lets the answer
        // through.
        if (options.echoesBefore === true && before > 0 && outcome.verdict === 'pass')
          return nonStrict(`${outcome.got}, and the message in front of the error was not echoed`);
        return late && outcome.verdict === 'pass'
          ? nonStrict(`${outcome.got}, but only at the end of the message`)
          : outcome;
      }),
  };
}

/** What a server that fails fast takes at most, on a machine that is busy. */
const failFastMs = 1000;

const afterwards = Buffer.from('afterwards');

function judgeEnd(event: InboxEvent, codes: readonly number[], options: EndOptions): CaseOutcome {
  const readOn = options.mayReadOn ? nonStrict : failed;
  if (event.kind === 'close') {
    const said = `closed with ${event.code ?? 'no code'}`;
    if (event.code !== null && codes.includes(event.code)) return passed(said);
    // A close frame that was wrong, and is answered as if it were right, was not looked at.
    return options.isClose && event.code !== 1002 && event.code !== 1007 ? failed(said) : nonStrict(said);
  }
  if (event.kind === 'end')
    return event.end.violation === null ? nonStrict(endText(event.end)) : failed(endText(event.end));
  if (event.kind === 'silence') return (options.mayReadOn ? nonStrict : failed)('nothing happened');
  return readOn(`read on: ${lineEventText(event)}`);
}

function isMessage(event: InboxEvent): boolean {
  return event.kind === 'text' || event.kind === 'binary';
}

/** A close frame is answered: with the same code, or, where nothing can be the same, with one of `codes`. */
export function answersClose(
  name: string,
  frames: readonly Uint8Array[],
  code: number | null,
  options: PlayOptions,
): Case {
  const shown = code === null ? 'no code' : String(code);
  return {
    name,
    rfc: options.rfc,
    expected: `answered with ${shown}, then the end of the connection`,
    play: (arena) =>
      onStage(arena, { ...options.dial, replies: { close: false } }, async (line) => {
        await writeAll(line, frames, options.chopBytes);
        const event = await waitFor(line, (each) => each.kind === 'close' || isMessage(each), arena.timeoutMs);
        if (event.kind === 'end')
          return event.end.violation === null ? nonStrict(endText(event.end)) : failed(endText(event.end));
        if (event.kind !== 'close') return failed(lineEventText(event));
        const end = await waitFor(line, () => false, arena.timeoutMs);
        if (end.kind !== 'end') return nonStrict(`${lineEventText(event)}, and the connection was left open`);
        if (end.end.violation !== null) return failed(`${lineEventText(event)}; then ${endText(end.end)}`);
        return event.code === code ? passed(lineEventText(event)) : nonStrict(lineEventText(event));
      }),
  };
}

/** Opens a line for a case; a case that gets none has failed. */
export async function onStage(
  arena: Arena,
  change: DialOptions | undefined,
  play: (line: ProbeLine) => Promise<CaseOutcome>,
): Promise<CaseOutcome> {
  const opened = await openLine(arena.url, { ...arena.dial, ...change });
  if (!opened.ok) return failed(`no connection: ${opened.failure.detail}`);
  try {
    return await play(opened.line);
  } finally {
    opened.line.connection.cut();
  }
}

export async function writeAll(line: ProbeLine, frames: readonly Uint8Array[], chopBytes?: number): Promise<void> {
  const bytes = Buffer.concat(frames);
  if (chopBytes === undefined) {
    line.connection.write(bytes);
    return;
  }
  for (let at = 0; at < bytes.length && line.connection.ended === null; at += chopBytes) {
    line.connection.write(bytes.subarray(at, at + chopBytes));
    await nextTurn();
  }
}

/** Null when all came; otherwise what came instead. Pongs and messages may overtake each other. */
export async function readExpected(
  line: ProbeLine,
  expected: readonly Expected[],
  timeoutMs: number,
): Promise<string | null> {
  const queues = {
    pong: expected.filter((each) => each.kind === 'pong'),
    message: expected.filter((each) => each.kind !== 'pong'),
  };
  const deadline = performance.now() + timeoutMs;
  while (queues.pong.length + queues.message.length > 0) {
    const event = await line.inbox.next({ timeoutMs: Math.max(1, deadline - performance.now()) });
    if (event.kind === 'ping') continue;
    if (event.kind !== 'text' && event.kind !== 'binary' && event.kind !== 'pong') return lineEventText(event);
    const wanted = (event.kind === 'pong' ? queues.pong : queues.message).shift();
    if (wanted === undefined) return `one more ${kindText(event.kind)} than expected`;
    if (wanted.kind !== event.kind) return `a ${event.kind} message instead of ${wanted.kind}`;
    if (!sameBytes(wanted.data, event.data))
      return `a ${kindText(event.kind)} with other bytes: ${excerpt(event.data)}`;
  }
  return null;
}

/** After a good case the line must be good: a close frame is answered, and nothing else comes. */
async function stillGood(line: ProbeLine, arena: Arena): Promise<CaseOutcome> {
  line.connection.write(rawFrame({ opcode: 8, payload: closePayload(1000, '') }));
  const event = await waitFor(line, (each) => each.kind !== 'ping', arena.timeoutMs);
  if (event.kind === 'close') return passed('as expected');
  if (event.kind === 'end' && event.end.violation === null)
    return nonStrict(`as expected; then ${endText(event.end)} instead of an answer to a close frame`);
  return failed(`as expected; but then, after a close frame, ${lineEventText(event)}`);
}

function kindText(kind: Expected['kind']): string {
  return kind === 'pong' ? 'pong' : `${kind} message`;
}

function excerpt(data: Uint8Array): string {
  return data.length > 40 ? `${data.length} bytes` : JSON.stringify(textOf(data));
}
