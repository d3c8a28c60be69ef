/** The walk's second half, on an open connection: a ping, a message, the close handshake. */
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { InboxEvent } from '../../client/connection/inbox.ts';
import { textOf } from '../../ws/frame.ts';
import { endText, lineEventText, type ProbeLine, pingLine, waitFor } from '../line.ts';
import { type ProbeOptions, replyTimeoutOf } from '../options.ts';
import type { Failure } from '../report.ts';
import type { Note } from './note.ts';

export interface Talk {
  readonly failure: Failure | null;
  readonly pingMs: number | null;
  readonly echoes: boolean | null;
}

/** How long an echo may come after the pong that was asked for later; servers behind queues take a moment. */
const echoGraceMs = 250;

export async function talk(line: ProbeLine, options: ProbeOptions, note: Note, mark: string): Promise<Talk> {
  const tell = options.onEvent ?? (() => undefined);
  const timeoutMs = replyTimeoutOf(options);
  tell({ kind: 'waiting', what: 'a pong' });
  const ping = await pingLine(line, Buffer.from(`holdline ${mark}`), timeoutMs);
  if (!ping.ok) {
    const failure = silentFailure(ping.event, timeoutMs);
    if (failure.code !== 'probe-no-pong') return { failure, pingMs: null, echoes: null };
    note('ping', 'fail', failure.what, null);
    const { echoes, closed } = await echo(line, options, note, mark, echoGraceMs);
    await close(line, options, note, closed);
    return { failure, pingMs: null, echoes };
  }
  note('ping', 'pass', 'answered with a pong', ping.tookMs);
  const { echoes, closed } = await echo(line, options, note, mark, echoGraceMs + 5 * ping.tookMs);
  await close(line, options, note, closed);
  return { failure: null, pingMs: ping.tookMs, echoes };
}

interface Echo {
  /** True when the server sends a message back as it was; null when nothing was sent. */
  readonly echoes: boolean | null;
  /** The server answered with a close frame. */
  readonly closed: boolean;
}

async function echo(line: ProbeLine, options: ProbeOptions, note: Note, mark: string, graceMs: number): Promise<Echo> {
  const message = options.message === undefined ? `holdline probe ${mark}` : options.message;
  if (message === null) {
    note('echo', 'skip', 'no message was sent, as asked', null);
    return { echoes: null, closed: false };
  }
  options.onEvent?.({ kind: 'waiting', what: 'an echo' });
  const startedMs = performance.now();
  line.connection.send(message);
  // The pong tells that the server has read the message, so that a server that does not echo is not waited for.
  line.connection.ping();
  const isData = (event: InboxEvent) => event.kind === 'text' || event.kind === 'binary' || event.kind === 'close';
  const isPong = (event: InboxEvent) => event.kind === 'pong';
  let event = await waitFor(line, (each) => isData(each) || isPong(each), replyTimeoutOf(options));
  if (isPong(event)) event = await waitFor(line, isData, graceMs);
  const tookMs = performance.now() - startedMs;
  if (event.kind === 'text' && textOf(event.data) === message) {
    note('echo', 'pass', `the server echoes${event.compressed ? ', compressed' : ''}`, tookMs);
    return { echoes: true, closed: false };
  }
  if (event.kind === 'text' || event.kind === 'binary') note('echo', 'skip', `no echo: ${describe(event)}`, tookMs);
  else if (event.kind === 'silence') note('echo', 'skip', 'the message was taken and not echoed', null);
  else note('echo', 'warn', `upon a text message, ${lineEventText(event)}`, tookMs);
  return { echoes: false, closed: event.kind === 'close' };
}

/** How long the end of a connection may take after its close frame has come. */
const endMs = 500;

async function close(line: ProbeLine, options: ProbeOptions, note: Note, closed: boolean): Promise<void> {
  // A close frame that has come already is answered; the end follows it.
  if (closed) await waitFor(line, () => false, endMs);
  const before = line.connection.ended;
  if (before !== null) return note('close', 'warn', `the server closed first: ${endText(before)}`, null);
  options.onEvent?.({ kind: 'waiting', what: 'the close handshake' });
  const startedMs = performance.now();
  const end = await line.connection.close({ code: 1000, reason: '' });
  const tookMs = performance.now() - startedMs;
  if (end.received === null) {
    const how = end.socket.how === 'cut' ? `no close frame came back in ${Math.round(tookMs)} ms` : endText(end);
    return note('close', 'warn', `${how}; ${catalogue['probe-close-unanswered'].remedy}`, tookMs);
  }
  const code = end.received.code ?? 'no code';
  if (end.received.code !== 1000) return note('close', 'warn', `1000 was answered with ${code}`, tookMs);
  const left = end.socket.how === 'cut' ? ', but left the connection open' : '';
  note('close', left === '' ? 'pass' : 'warn', `the server answered 1000${left}`, tookMs);
}

function silentFailure(event: InboxEvent, timeoutMs: number): Failure {
  const make = (code: Failure['code'], what: string, cause: string = catalogue[code].means): Failure => ({
    step: 'ping',
    code,
    what,
    cause,
    certainty: 'likely',
    evidence: [],
    recipes: [],
    remedy: catalogue[code].remedy,
  });
  if (event.kind !== 'end') return make('probe-no-pong', `no pong came within ${timeoutMs} ms`);
  const { end } = event;
  if (end.violation !== null) return make('probe-violation', endText(end));
  if (end.received !== null && (end.received.code === 4406 || /subprotocol/i.test(end.received.reason)))
    return make('probe-subprotocol-wanted', `the server let the client in and closed: ${endText(end)}`);
  return make(
    'probe-closed-at-once',
    `the server ended the connection before it answered a ping: ${endText(end)}`,
    closedCause(end),
  );
}

/** What libraries mean by codes of their own: graphql-ws, and those that follow it. */
const knownCodes: Readonly<Record<number, string>> = {
  4400: 'the server did not understand what it was sent (graphql-ws: a bad message)',
  4401: 'the server wants the client to sign in first (graphql-ws: connection_init did not come before)',
  4403: 'the server forbids this client',
  4408: 'the server waited for an opening message that did not come (graphql-ws: connection_init); --first sends one',
  4409: 'there is a subscription of this name already',
  4429: 'the server got too many opening messages or attempts',
};

const closedCauses: Readonly<Record<number, string>> = {
  1002: 'the server found a protocol error in what something on the way made of the ping',
  1008: 'the server does not want this client: it accepted the handshake, looked at it, and threw it out',
  1011: 'the server failed while it set up the connection',
  1012: 'the server, or the edge in front of it, is restarting',
  1013: 'the server, or the edge in front of it, is overloaded',
  1014: 'the edge in front could not reach the server behind it',
};

function closedCause(end: Extract<InboxEvent, { kind: 'end' }>['end']): string | undefined {
  if (end.received === null)
    return end.socket.how === 'fin' || end.socket.how === 'error'
      ? 'the server, or a proxy on the way, dropped the connection right after the upgrade; a crash behind a proxy looks like this'
      : undefined;
  const { code } = end.received;
  if (code !== null && knownCodes[code] !== undefined) return knownCodes[code];
  if (code !== null && code >= 4000) return `the application refused the connection with its own code ${code}`;
  return code === null ? undefined : closedCauses[code];
}

function describe(event: Extract<InboxEvent, { kind: 'text' | 'binary' }>): string {
  if (event.kind === 'binary') return `the server sent ${event.data.length} bytes`;
  const text = textOf(event.data.subarray(0, 400));
  return `the server said “${text.length > 60 ? `${text.slice(0, 59)}…` : text}”`;
}
