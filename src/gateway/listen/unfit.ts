/** What a listener refuses by itself, before anybody has asked what is wanted. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Refusal } from '../handshake/refusal.ts';
import { hasCertificate, type ServerTls } from './tls-options.ts';

/**
 * node:http goes on without a word and without the headers behind its thousandth, while it still frames the body by
 * them: what nobody has read must not be passed on. Browsers send 10 to 20.
 */
const headersMax = 1000;

/** As nginx (its own 400 and 496 are one): the connection is what is wrong, and the same request would be no better. */
const certificateNeeded: Refusal = {
  status: 400,
  sentence: 'a client certificate that can be verified is needed here',
};

const tooManyHeaders: Refusal = { status: 431, sentence: `the request has ${headersMax} headers or more` };

/** Why a request that could be read is not looked at any further; null when it is. */
export function unfitRequest(request: IncomingMessage, tls: ServerTls | null): Refusal | null {
  if (tls?.clientsNeedOne === true && !hasCertificate(request.socket as Socket)) return certificateNeeded;
  return request.rawHeaders.length >= 2 * headersMax ? tooManyHeaders : null;
}

/** What is said to bytes that node:http could make no request of, by the code of its error. */
export function unreadableRequest(code: string | undefined, headBytesMax: number): Refusal {
  switch (code) {
    case 'HPE_INVALID_URL':
      return { status: 400, sentence: 'the request target holds a byte that must be percent-encoded (RFC 3986)' };
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, sentence: `the request head is larger than ${headBytesMax} bytes (limits.head)` };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, sentence: 'the request head did not arrive in time' };
    default:
      return { status: 400, sentence: 'the bytes are not an HTTP request' };
  }
}
