import { STATUS_CODES } from 'node:http';
import { isOfHop, nominatedBy } from '../../base/hop-headers.ts';
import { isFieldText } from '../../ws/head-writer.ts';
import { isToken, trimmed } from '../../ws/token.ts';

export interface ServerAnswer {
  readonly status: number;
  readonly reason: string;
  /** Name, value, name, value … one character for each byte. */
  readonly rawHeaders: readonly string[];
}

export type PassableAnswer =
  | { readonly ok: true; readonly answer: ServerAnswer }
  /** What cannot be passed on, for the log. */
  | { readonly ok: false; readonly problem: string };

/**
 * A server's answer as the client may get it: without the headers of the hop, with one length at the most, and with
 * nothing that node:http would throw at. What is merely odd is put right; what could be read in two ways makes the
 * answer none.
 */
export function passableAnswer(answer: ServerAnswer): PassableAnswer {
  const { status, rawHeaders } = answer;
  // RFC 9110, 15: three digits; what is below 200 was no final answer, and what is above 599 some servers do send.
  if (!Number.isInteger(status) || status < 200 || status > 999)
    return { ok: false, problem: `the server answered with the status ${String(status).slice(0, 8)}` };
  const nominated = nominatedBy(rawHeaders);
  const headers: string[] = [];
  const lengths: string[] = [];
  let framed = false;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    const value = rawHeaders[i + 1]!;
    if (!isToken(name) || !isFieldText(value))
      return { ok: false, problem: 'the server answered with a header that cannot be written' };
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding') framed = true;
    if (lower === 'content-length') lengths.push(trimmed(value));
    else if (!isOfHop(lower, nominated)) headers.push(name, value);
  }
  if (lengths.length > 1 || (lengths.length === 1 && !/^\d{1,15}$/.test(lengths[0]!)))
    return { ok: false, problem: 'the server answered with a Content-Length that is not one number' };
  if (lengths.length === 1 && framed)
    return { ok: false, problem: 'the server answered with both Content-Length and Transfer-Encoding' };
  if (lengths.length === 1 && status !== 204) headers.push('Content-Length', lengths[0]!);
  return { ok: true, answer: { status, reason: reasonFor(answer), rawHeaders: headers } };
}

/** Nobody reads it but people; one that is no text is replaced (RFC 9112, 4). */
function reasonFor({ status, reason }: ServerAnswer): string {
  return isFieldText(reason) ? reason : (STATUS_CODES[status] ?? '');
}
