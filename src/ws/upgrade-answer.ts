/** A server's 101 on its way to the client. */
import { lowerName } from '../base/header-name.ts';
import { hopHeaders, nominatedBy } from '../base/hop-headers.ts';
import type { AnswerReading } from './client-handshake.ts';
import { type DeflateAgreement, deflateName, readDeflateAnswer } from './deflate-offer.ts';
import { type Extension, formatExtensions, parseExtensions } from './extension.ts';
import type { AnswerHead } from './head.ts';

/**
 * The answer's bytes without what belongs to the server's own hop, and without a length or a coding: a 101 has no body,
 * and some clients (.NET among them) fail at one that says otherwise (RFC 9110, 8.6 and 15.2). `written` is given back
 * when there is nothing to take out.
 */
export function passableUpgrade(head: AnswerHead, written: Buffer): Buffer {
  const { rawHeaders } = head;
  const nominated = nominatedBy(rawHeaders);
  const passes = (at: number) => {
    const lower = lowerName(rawHeaders[at]!);
    return lower !== 'content-length' && (!hopHeaders.has(lower) || ofUpgrade.has(lower)) && !nominated?.has(lower);
  };
  let usual = true;
  for (let i = 0; i + 1 < rawHeaders.length && usual; i += 2)
    usual = passes(i) && (lowerName(rawHeaders[i]!) !== 'connection' || isUpgrade(rawHeaders[i + 1]!));
  if (usual) return written;
  const kept: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) if (passes(i)) kept.push(rawHeaders[i]!, rawHeaders[i + 1]!);
  let text = `HTTP/1.1 101 ${head.reason}\r\n`;
  for (let i = 0; i + 1 < kept.length; i += 2) {
    const value = lowerName(kept[i]!) === 'connection' ? 'Upgrade' : kept[i + 1]!;
    text += `${kept[i]}: ${value}\r\n`;
  }
  return Buffer.from(`${text}\r\n`, 'latin1');
}

function isUpgrade(value: string): boolean {
  return value.toLowerCase() === 'upgrade';
}

/** The same bytes with more headers behind the server's. Name, value, name, value … */
export function withHeaders(answer: Buffer, headers: readonly string[]): Buffer {
  if (headers.length === 0) return answer;
  let text = '';
  for (let i = 0; i + 1 < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  // Behind the last header's line break, in front of the empty line.
  return Buffer.concat([answer.subarray(0, -2), Buffer.from(`${text}\r\n`, 'latin1')]);
}

/** What was agreed on for compression; null for none, or for terms that were not offered. */
export function deflateAgreed(offered: string | null, answer: readonly Extension[]): DeflateAgreement | null {
  const found = answer.find((extension) => extension.name === deflateName);
  return found === undefined ? null : readDeflateAnswer(parseExtensions(offered ?? '') ?? [], found);
}

/**
 * A client's offers with `server_no_context_takeover` (RFC 7692, 7.1.1.1): each message of the server's can then be
 * read without those before.
 */
export function withoutServerContext(offered: string): string {
  return formatExtensions(
    (parseExtensions(offered) ?? []).map((offer) => withFlag(offer, 'server_no_context_takeover')),
  );
}

function withFlag(extension: Extension, flag: string): Extension {
  const { name, parameters } = extension;
  if (name !== deflateName || parameters.some((parameter) => parameter.name === flag)) return extension;
  return { name, parameters: [...parameters, { name: flag, value: null }] };
}

/**
 * The answer with `client_no_context_takeover`, whatever the server said of that: a server may ask for it unasked (RFC
 * 7692, 7.1.1.2), and one that is ready for a client that keeps a context understands a client that keeps none.
 */
export function keepsNoContext(answer: Buffer): Buffer {
  const header = /^sec-websocket-extensions[ \t]*:(.*)\r\n/gim;
  const text = answer.toString('latin1');
  const written = [...text.matchAll(header)].map((match) => match[1]!.trim()).join(', ');
  const extensions = parseExtensions(written) ?? [];
  const changed = extensions.map((extension) => withFlag(extension, 'client_no_context_takeover'));
  const line = `Sec-WebSocket-Extensions: ${formatExtensions(changed)}\r\n`;
  return Buffer.from(text.replace(header, '').replace(/\r\n\r\n$/, `\r\n${line}\r\n`), 'latin1');
}

/**
 * False when the answer accepts compression on terms that RFC 7692, 7.1 or the offer rules out: client and server would
 * not understand each other.
 */
export function deflateAgrees(reading: Extract<AnswerReading, { ok: true }>, offered: string | null): boolean {
  const answers = reading.extensions.filter((extension) => extension.name === deflateName);
  if (answers.length === 0) return true;
  return answers.length === 1 && readDeflateAnswer(parseExtensions(offered ?? '') ?? [], answers[0]!) !== null;
}

const ofUpgrade: ReadonlySet<string> = new Set(['connection', 'upgrade']);
