/**
 * Reads the head of a request that may be a handshake, when it is as plain as those of all clients that mean well: a
 * GET in HTTP/1.1 with headers that RFC 9112 has no word against. It reads less than node:http does, never more:
 * whatever it does not take is node:http's to read and to answer, from the first byte on, so that there are no two
 * opinions about one request.
 */
import { tokenName } from '../base/header-name.ts';
import { trimmed } from './token.ts';

/**
 * The head of a request; node:http's IncomingMessage is one. Whoever settles its target writes it back
 * (`settleTarget`).
 */
export interface RequestHead {
  readonly method?: string | undefined;
  /** The target as it stands in the request line. */
  url?: string | undefined;
  /** `1.1`. */
  readonly httpVersion: string;
  /** Name, value, name, value … as they came, one character for each byte. */
  readonly rawHeaders: string[];
}

/** More headers than this and it is node:http's: browsers send 10 to 20. */
const headersMax = 100;

const requestLine = /^GET \/[\x21-\x7e]* HTTP\/1\.1$/;
/** What no line may hold, line breaks that are none included. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point.
const illegal = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
/** These change where a message ends, which is nothing to be quick about. */
const framing: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'expect', 'trailer']);

/** `text` is the head up to its empty line and without it, one character for each byte; null when it is not plain. */
export function readRequestHead(text: string): RequestHead | null {
  if (illegal.test(text)) return null;
  let end = lineEnd(text, 0);
  const line = text.slice(0, end);
  if (!requestLine.test(line)) return null;
  const rawHeaders: string[] = [];
  while (end < text.length) {
    const start = end + 2;
    end = lineEnd(text, start);
    const colon = text.indexOf(':', start);
    if (colon === -1 || colon > end || rawHeaders.length === headersMax * 2) return null;
    const name = tokenName(text.slice(start, colon));
    if (name === null || framing.has(name.lower)) return null;
    rawHeaders.push(name.written, trimmed(text.slice(colon + 1, end)));
  }
  return { method: 'GET', url: line.slice('GET '.length, -' HTTP/1.1'.length), httpVersion: '1.1', rawHeaders };
}

function lineEnd(text: string, start: number): number {
  const at = text.indexOf('\r\n', start);
  return at === -1 ? text.length : at;
}
