/**
 * Reads the head of a request that may be a handshake, when it is as plain as those of all clients that mean well: a
 * GET in HTTP/1.1 with headers that RFC 9112 has no word against. It reads less than node:http does, never more:
 * whatever it does not take is node:http's to read and to answer, from the first byte on, so that there are no two
 * opinions about one request.
 */
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

const requestLine = /^GET (\/[\x21-\x7e]*) HTTP\/1\.1$/;
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;
/** These change where a message ends, which is nothing to be quick about. */
const framing = /^(?:content-length|transfer-encoding|expect|trailer)$/i;

/** `text` is the head up to its empty line and without it, one character for each byte; null when it is not plain. */
export function readRequestHead(text: string): RequestHead | null {
  const lines = text.split('\r\n');
  const target = requestLine.exec(lines[0]!)?.[1];
  if (target === undefined || lines.length > headersMax + 1) return null;
  const rawHeaders: string[] = [];
  for (let i = 1; i < lines.length; i++) {
    const match = headerLine.exec(lines[i]!);
    if (match === null || framing.test(match[1]!)) return null;
    rawHeaders.push(match[1]!, trimmed(match[2]!));
  }
  return { method: 'GET', url: target, httpVersion: '1.1', rawHeaders };
}
