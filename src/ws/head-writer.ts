/**
 * Writes the head of an HTTP/1.1 message. Whatever comes from outside passes the checks here, so that a line break
 * in a header's name or value can never begin a header, or a second message, of its own.
 */
import { isToken } from './token.ts';

export type WrittenHead =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** A sentence that quotes what cannot be written. */
  | { readonly ok: false; readonly problem: string };

/** `target` in origin form (`/chat?room=1`), or `host:port` for CONNECT. `rawHeaders`: name, value, name, value … */
export function writeRequestHead(request: {
  readonly method: string;
  readonly target: string;
  readonly httpVersion?: string;
  readonly rawHeaders: readonly string[];
}): WrittenHead {
  const { method, target, httpVersion = '1.1', rawHeaders } = request;
  if (!isToken(method)) return unwritable('the method', method);
  if (!/^[\x21-\x7e]+$/.test(target)) return unwritable('the request target', target);
  if (!/^\d\.\d$/.test(httpVersion)) return unwritable('the HTTP version', httpVersion);
  return writeHead(`${method} ${target} HTTP/${httpVersion}`, rawHeaders);
}

/** `status` from 100 to 999. */
export function writeAnswerHead(answer: {
  readonly status: number;
  readonly reason: string;
  readonly rawHeaders: readonly string[];
}): WrittenHead {
  const { status, reason, rawHeaders } = answer;
  if (!Number.isInteger(status) || status < 100 || status > 999) return unwritable('the status', String(status));
  if (!isFieldText(reason)) return unwritable('the reason phrase', reason);
  return writeHead(`HTTP/1.1 ${status} ${reason}`, rawHeaders);
}

/** True for text that may stand in a header's value: visible characters, spaces, tabs, and the bytes 0x80 to 0xff. */
export function isFieldText(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

function writeHead(startLine: string, rawHeaders: readonly string[]): WrittenHead {
  let text = `${startLine}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    const value = rawHeaders[i + 1]!;
    if (!isToken(name)) return unwritable('the header name', name);
    if (!isFieldText(value)) return unwritable(`the value of the header ${name}`, value);
    text += `${name}: ${value}\r\n`;
  }
  // One byte for each character: that is how HTTP's readers, node:http among them, turn bytes into strings.
  return { ok: true, bytes: Buffer.from(`${text}\r\n`, 'latin1') };
}

function unwritable(what: string, text: string): WrittenHead {
  return { ok: false, problem: `${what} cannot be written in an HTTP head: ${JSON.stringify(text.slice(0, 80))}` };
}
