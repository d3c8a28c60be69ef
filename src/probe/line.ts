/** One connection with its inbox: to send something and look at what comes of it. */
import type { ClientConnection } from '../client/connection/connection.ts';
import { createInbox, type Inbox, type InboxEvent } from '../client/connection/inbox.ts';
import { type ClientDialResult, type DialledHandshake, dial } from '../client/dial/dial.ts';
import type { DialOptions } from '../client/dial/options.ts';
import { answersOpening, type Opening } from '../client/opening.ts';

export interface ProbeLine {
  readonly connection: ClientConnection;
  readonly handshake: DialledHandshake;
  readonly inbox: Inbox;
  /** What came of the opening exchange; null when there was none. */
  readonly opened: { readonly ok: boolean; readonly said: string; readonly tookMs: number } | null;
}

export interface LineOptions extends DialOptions {
  readonly opening?: Opening | null;
}

export type LineResult = { readonly ok: true; readonly line: ProbeLine } | Extract<ClientDialResult, { ok: false }>;

/** Longest wait for what the opening exchange expects. */
const openingMs = 5000;

export async function openLine(url: string, { opening = null, ...options }: LineOptions): Promise<LineResult> {
  const inbox = createInbox();
  const result = await dial(url, { ...options, onEvent: inbox.onEvent, onEnd: inbox.onEnd });
  if (!result.ok) return result;
  const { connection, handshake } = result;
  const line: ProbeLine = { connection, handshake, inbox, opened: null };
  if (opening === null) return { ok: true, line };
  const startedMs = performance.now();
  if (opening.send !== null) connection.send(opening.send);
  if (opening.expect === null) return { ok: true, line: { ...line, opened: { ok: true, said: 'sent', tookMs: 0 } } };
  const event = await waitFor(line, (each) => answersOpening(each, opening) || each.kind === 'close', openingMs);
  const outcome = { ok: answersOpening(event, opening), said: lineEventText(event) };
  return { ok: true, line: { ...line, opened: { ...outcome, tookMs: performance.now() - startedMs } } };
}

/** Opens a line, hands it to `use`, and cuts it afterwards, whatever happened. */
export async function withLine<Result>(
  url: string,
  options: LineOptions,
  use: (line: ProbeLine) => Promise<Result>,
  refused: (result: Extract<ClientDialResult, { ok: false }>) => Result,
): Promise<Result> {
  const opened = await openLine(url, options);
  if (!opened.ok) return refused(opened);
  try {
    return await use(opened.line);
  } finally {
    opened.line.connection.cut();
  }
}

/** How often it is looked whether the other side has broken the protocol, which is no event. */
const lookMs = 100;

/**
 * The first event that is wanted, the end, or silence when none came in time. What is not wanted is dropped; the time
 * is one for all of them, so that a server that never stops talking does not keep us.
 */
export async function waitFor(
  line: ProbeLine,
  wanted: (event: InboxEvent) => boolean,
  timeoutMs: number,
): Promise<InboxEvent> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return { kind: 'silence' };
    const event = await line.inbox.next({ timeoutMs: Math.min(leftMs, lookMs) });
    if (event.kind === 'silence' && performance.now() < deadline) {
      // Nothing is read after a violation: whatever was wanted cannot come any more, and the end is all there is to
      // see.
      if (line.connection.violation !== null) line.connection.cut();
      continue;
    }
    if (event.kind === 'end' || event.kind === 'silence' || wanted(event)) return event;
  }
}

export type PingOutcome =
  | { readonly ok: true; readonly tookMs: number }
  | { readonly ok: false; readonly event: InboxEvent };

/** Sends a ping and waits for the pong that carries the same bytes. */
export async function pingLine(line: ProbeLine, payload: Uint8Array, timeoutMs: number): Promise<PingOutcome> {
  const startedMs = performance.now();
  line.connection.ping(payload);
  const event = await waitFor(line, (each) => each.kind === 'pong' && sameBytes(each.data, payload), timeoutMs);
  return event.kind === 'pong' ? { ok: true, tookMs: performance.now() - startedMs } : { ok: false, event };
}

/** What was seen in place of an answer, as half a sentence. */
export function lineEventText(event: InboxEvent): string {
  switch (event.kind) {
    case 'silence':
      return 'nothing came';
    case 'text':
    case 'binary':
      return `a ${event.kind} message of ${event.data.length} bytes came`;
    case 'ping':
    case 'pong':
      return `a ${event.kind} came`;
    case 'close':
      return `a close frame came: ${event.code ?? 'no code'}${event.reason === '' ? '' : ` “${event.reason}”`}`;
    case 'end':
      return endText(event.end);
  }
}

type End = Extract<InboxEvent, { kind: 'end' }>['end'];

/** How a connection ended, as half a sentence. */
export function endText(end: End): string {
  if (end.violation !== null) return `the server broke the protocol (${end.violation})`;
  if (end.received !== null) {
    const { code, reason } = end.received;
    return `closed with ${code ?? 'no code'}${reason === '' ? '' : ` “${reason}”`}`;
  }
  if (end.socket.how === 'error')
    return end.socket.code === 'ECONNRESET' ? 'reset without a close frame' : `broke with ${end.socket.code}`;
  return end.socket.how === 'fin' ? 'ended without a close frame (FIN)' : 'given up by this side';
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
