import { headerValues } from '../../ws/head.ts';
import { trimmed } from '../../ws/token.ts';

/**
 * How the body of a request is framed. What the server gets is framed anew from this alone, whatever else the head
 * says.
 */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' };

export type FramingReading =
  | { readonly ok: true; readonly framing: Framing }
  | { readonly ok: false; readonly sentence: string };

const none: FramingReading = { ok: true, framing: { kind: 'none' } };

/**
 * Strict, because where two readers disagree on the end of a body, its rest is a request of somebody else's (RFC 9112,
 * 6.3 and 11.2).
 */
export function readFraming(request: {
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
}): FramingReading {
  const codings = headerValues(request.rawHeaders, 'transfer-encoding');
  const lengths = headerValues(request.rawHeaders, 'content-length');
  if (codings.length > 0) {
    if (codings.length > 1 || trimmed(codings[0]!).toLowerCase() !== 'chunked')
      return wrong('the only Transfer-Encoding that is taken is chunked, once');
    if (lengths.length > 0) return wrong('the request carries both Content-Length and Transfer-Encoding');
    if (request.httpVersion !== '1.1') return wrong('there is no Transfer-Encoding in HTTP/1.0');
    return { ok: true, framing: { kind: 'chunked' } };
  }
  if (lengths.length === 0) return none;
  // 15 digits are the longest that a number holds exactly, whatever they are.
  if (lengths.length > 1 || !/^\d{1,15}$/.test(trimmed(lengths[0]!)))
    return wrong('the Content-Length is not one number');
  return { ok: true, framing: { kind: 'length', bytes: Number(lengths[0]) } };
}

function wrong(sentence: string): FramingReading {
  return { ok: false, sentence };
}
