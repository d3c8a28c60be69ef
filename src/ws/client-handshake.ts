/** The client's side of the opening handshake (RFC 6455, 4.1): the request, and what its answer must be. */
import { type Extension, parseExtensions } from './extension.ts';
import { acceptFor } from './handshake.ts';
import { type AnswerHead, firstValue, headerValues } from './head.ts';
import { type WrittenHead, writeRequestHead } from './head-writer.ts';
import { isToken, listNames } from './token.ts';

export interface HandshakeOffer {
  /** As in the Host header: `example.com` or `example.com:8080`. */
  readonly host: string;
  /** Path and query: `/chat?room=1`. */
  readonly target: string;
  readonly key: string;
  readonly origin?: string | null;
  readonly subprotocols?: readonly string[];
  /** The value of Sec-WebSocket-Extensions; null or absent for none. */
  readonly extensions?: string | null;
  /** More headers (name, value, name, value …), behind the handshake's own. */
  readonly rawHeaders?: readonly string[];
}

/** A key from 16 random bytes, which the caller brings. */
export function keyFrom(random: Uint8Array): string {
  if (random.length !== 16) throw new RangeError(`a key is made of 16 bytes, not of ${random.length}`);
  return Buffer.from(random.buffer, random.byteOffset, random.length).toString('base64');
}

/** The request's bytes; not ok when a header, the target or a subprotocol holds what cannot be written. */
export function writeHandshake(offer: HandshakeOffer): WrittenHead {
  const wrong = offer.subprotocols?.find((each) => !isToken(each));
  if (wrong !== undefined) return { ok: false, problem: `${JSON.stringify(wrong)} is not a subprotocol's name` };
  return writeRequestHead({ method: 'GET', target: offer.target, rawHeaders: handshakeHeaders(offer) });
}

/** The headers that writeHandshake writes, for whoever wants to change them first. */
export function handshakeHeaders(offer: HandshakeOffer): string[] {
  const headers = ['Host', offer.host, 'Upgrade', 'websocket', 'Connection', 'Upgrade'];
  headers.push('Sec-WebSocket-Key', offer.key, 'Sec-WebSocket-Version', '13');
  if (offer.origin != null) headers.push('Origin', offer.origin);
  if (offer.subprotocols !== undefined && offer.subprotocols.length > 0)
    headers.push('Sec-WebSocket-Protocol', offer.subprotocols.join(', '));
  if (offer.extensions != null) headers.push('Sec-WebSocket-Extensions', offer.extensions);
  if (offer.rawHeaders !== undefined) headers.push(...offer.rawHeaders);
  return headers;
}

export interface AnswerProblemFacts {
  readonly section: string;
  readonly sentence: string;
}

export const answerProblems = {
  status: { section: 'RFC 6455, 4.1', sentence: 'the server did not answer 101 Switching Protocols' },
  'http-version': { section: 'RFC 6455, 4.2.2', sentence: 'the server answered 101 in HTTP/1.0, which has no upgrade' },
  upgrade: { section: 'RFC 6455, 4.1', sentence: 'the 101 carries no "Upgrade: websocket"' },
  'upgrade-repeated': { section: 'RFC 6455, 4.1', sentence: 'the 101 carries Upgrade more than once' },
  connection: { section: 'RFC 6455, 4.1', sentence: 'the Connection header of the 101 does not name "upgrade"' },
  'accept-missing': { section: 'RFC 6455, 4.1', sentence: 'the 101 carries no Sec-WebSocket-Accept' },
  'accept-repeated': { section: 'RFC 6455, 11.3.3', sentence: 'the 101 carries Sec-WebSocket-Accept more than once' },
  accept: { section: 'RFC 6455, 4.1', sentence: 'the Sec-WebSocket-Accept does not belong to the key that was sent' },
  'subprotocol-repeated': {
    section: 'RFC 6455, 11.3.4',
    sentence: 'the 101 carries Sec-WebSocket-Protocol more than once',
  },
  'subprotocol-unoffered': {
    section: 'RFC 6455, 4.1',
    sentence: 'the server chose a subprotocol that was not offered',
  },
  'extensions-malformed': {
    section: 'RFC 6455, 9.1',
    sentence: 'the Sec-WebSocket-Extensions header of the 101 does not follow its grammar',
  },
  'extension-unoffered': {
    section: 'RFC 6455, 4.1',
    sentence: 'the server accepted an extension that was not offered',
  },
} as const satisfies Record<string, AnswerProblemFacts>;

export type AnswerProblem = keyof typeof answerProblems;

export type AnswerReading =
  | { readonly ok: true; readonly subprotocol: string | null; readonly extensions: readonly Extension[] }
  | { readonly ok: false; readonly problem: AnswerProblem };

/** What was offered, as far as the answer is held against it. */
export interface AnswerExpectation extends Pick<HandshakeOffer, 'key' | 'subprotocols' | 'extensions'> {
  /** False lets a subprotocol pass that was not offered. Default: true. */
  readonly strict?: boolean;
}

/** Checks everything that RFC 6455, 4.1 demands of an answer; the parameters of an extension are its own matter. */
export function checkAnswer(head: AnswerHead, offer: AnswerExpectation): AnswerReading {
  const { rawHeaders } = head;
  if (head.status !== 101) return refused('status');
  if (head.httpVersion !== '1.1') return refused('http-version');
  const upgrades = headerValues(rawHeaders, 'upgrade');
  const upgrade = (upgrades.length === 1 ? upgrades[0]! : upgrades.join(',')).toLowerCase();
  if (upgrade !== 'websocket')
    return refused(/^websocket(?:,\s*websocket)+$/.test(upgrade) ? 'upgrade-repeated' : 'upgrade');
  if (!headerValues(rawHeaders, 'connection').some((value) => listNames(value, 'upgrade')))
    return refused('connection');

  const accepts = headerValues(rawHeaders, 'sec-websocket-accept');
  if (accepts.length === 0) return refused('accept-missing');
  if (accepts.length > 1) return refused('accept-repeated');
  if (accepts[0] !== acceptFor(offer.key)) return refused('accept');

  const chosen = headerValues(rawHeaders, 'sec-websocket-protocol');
  if (chosen.length > 1) return refused('subprotocol-repeated');
  const subprotocol = chosen[0] ?? null;
  const unoffered = subprotocol !== null && !(offer.subprotocols ?? []).includes(subprotocol);
  if (unoffered && offer.strict !== false) return refused('subprotocol-unoffered');

  const extensions = extensionsOf(rawHeaders);
  if (extensions === null) return refused('extensions-malformed');
  if (extensions.length > 0) {
    const offered = new Set((parseExtensions(offer.extensions ?? '') ?? []).map((extension) => extension.name));
    if (extensions.some((extension) => !offered.has(extension.name))) return refused('extension-unoffered');
  }
  return { ok: true, subprotocol, extensions };
}

function extensionsOf(rawHeaders: readonly string[]): readonly Extension[] | null {
  if (firstValue(rawHeaders, 'sec-websocket-extensions') === null) return none;
  return parseExtensions(headerValues(rawHeaders, 'sec-websocket-extensions').join(','));
}

const none: readonly Extension[] = Object.freeze([]);

function refused(problem: AnswerProblem): AnswerReading {
  return { ok: false, problem };
}
