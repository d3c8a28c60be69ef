/**
 * What hooks returned, held against what they may return: whatever else comes is the hook's failure, with a sentence
 * for its author.
 */

import { isSendableCloseCode } from '../../base/close-code.ts';
import { hopHeaders } from '../../base/hop-headers.ts';
import { isFieldValue } from '../../policy/admission/authorize.ts';
import { tagProblem, tagsMax } from '../../policy/admission/tags.ts';
import { isToken } from '../../ws/token.ts';

export type HookName = 'onHandshake' | 'onOpen' | 'onClose' | 'onMessage';

export type HandshakeResult =
  | {
      readonly kind: 'allow';
      readonly upstream: string | null;
      readonly server: string | null;
      /** Path, with a query or without. */
      readonly path: string | null;
      /** Of the request to the server; null takes the client's away. */
      readonly headers: readonly (readonly [name: string, value: string | null])[];
      readonly tags: Readonly<Record<string, string>>;
      readonly compression: 'pass' | 'off' | null;
    }
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: Uint8Array | null;
    };

export type MessageResult =
  | { readonly kind: 'pass' | 'drop' }
  | { readonly kind: 'replace' | 'answer'; readonly data: string | Uint8Array }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

export interface HookResults {
  onHandshake: HandshakeResult;
  onOpen: null;
  onClose: null;
  onMessage: MessageResult;
}

export const hookNames = [
  'onHandshake',
  'onOpen',
  'onClose',
  'onMessage',
] as const satisfies readonly (keyof HookResults)[];

/** A page, or a few words of JSON; what is larger belongs on a server. */
export const refusalBodyBytesMax = 65_536;
/** Servers take a head of 8 to 16 KiB, which the client's own headers have to fit into as well. */
const headersBytesMax = 8_192;

/** Each throws TypeError for what its hook may not return. */
export const resultReaders: { readonly [Name in HookName]: (returned: unknown) => HookResults[Name] } = {
  onHandshake: readHandshakeResult,
  onOpen: () => null,
  onClose: () => null,
  onMessage: readMessageResult,
};

const plainAllow: HandshakeResult = {
  kind: 'allow',
  upstream: null,
  server: null,
  path: null,
  headers: [],
  tags: {},
  compression: null,
};

function readHandshakeResult(returned: unknown): HandshakeResult {
  if (returned === undefined || returned === null) return plainAllow;
  const result = block(returned, 'onHandshake returned', [
    'refuse',
    'upstream',
    'server',
    'path',
    'headers',
    'tags',
    'compression',
  ]);
  if (result.refuse !== undefined) return readRefusal(result.refuse);
  return {
    kind: 'allow',
    upstream: optionalText(result.upstream, 'upstream'),
    server: optionalText(result.server, 'server'),
    path: readPath(result.path),
    headers: readHeaders(result.headers, { removable: true }),
    tags: readTags(result.tags),
    compression: readCompression(result.compression),
  };
}

function readCompression(value: unknown): 'pass' | 'off' | null {
  if (value === undefined) return null;
  if (value !== 'pass' && value !== 'off') wrong(`compression is 'pass' or 'off', not ${shown(value)}`);
  return value;
}

function readRefusal(value: unknown): HandshakeResult {
  const { status, body, headers } = block(value, 'onHandshake returned as refuse', ['status', 'body', 'headers']);
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 300 || status > 599)
    wrong(`a refusal’s status is 300 to 599, not ${shown(status)}`);
  if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array))
    wrong(`a refusal’s body is a string or a Uint8Array, not ${shown(body)}`);
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : (body ?? null);
  if (bytes !== null && bytes.length > refusalBodyBytesMax)
    wrong(`a refusal’s body has at most ${refusalBodyBytesMax} bytes`);
  return {
    kind: 'refuse',
    status,
    headers: readHeaders(headers, { removable: false }) as [string, string][],
    body: bytes,
  };
}

const messagePass: MessageResult = { kind: 'pass' };
const messageDrop: MessageResult = { kind: 'drop' };

function readMessageResult(returned: unknown): MessageResult {
  if (returned === undefined || returned === null) return messagePass;
  if (returned === 'drop') return messageDrop;
  const result = block(returned, 'onMessage returned', ['replace', 'answer', 'close']);
  const [kind, ...more] = Object.keys(result);
  if (kind === undefined || more.length > 0) wrong('onMessage returns one of replace, answer and close');
  if (kind === 'close') return readClose(result.close);
  const data = result[kind];
  if (typeof data !== 'string' && !(data instanceof Uint8Array))
    wrong(`${kind} is a string (a text message) or a Uint8Array (a binary one), not ${shown(data)}`);
  // A view of a larger piece of memory, as Node's Buffers are, would take all of it along to the worker.
  return { kind: kind as 'replace' | 'answer', data: typeof data === 'string' ? data : new Uint8Array(data) };
}

function readClose(value: unknown): MessageResult {
  const { code, reason = '' } = block(value, 'onMessage returned as close', ['code', 'reason']);
  if (typeof code !== 'number' || !isSendableCloseCode(code))
    wrong(`${shown(code)} is not a close code that may be sent`);
  if (typeof reason !== 'string') wrong(`a close’s reason is a string, not ${shown(reason)}`);
  return { kind: 'close', code, reason };
}

/** Of one hop, of the upgrade, or about a body: changing them would break the handshake and not route it. */
function isUntouchable(name: string): boolean {
  return hopHeaders.has(name) || name === 'content-length' || name.startsWith('sec-websocket-');
}

function readHeaders(value: unknown, { removable }: { removable: boolean }): (readonly [string, string | null])[] {
  if (value === undefined) return [];
  let bytes = 0;
  return Object.entries(block(value, 'headers are', null)).map(([name, text]) => {
    const lower = name.toLowerCase();
    if (!isToken(name)) wrong(`${shown(name)} is not a header name`);
    if (isUntouchable(lower)) wrong(`the header ${name} belongs to the handshake itself`);
    if (removable && text === null) return [name, null];
    if (typeof text !== 'string' || !isFieldValue(text)) wrong(`the header ${name} has no value that can be sent`);
    bytes += name.length + text.length;
    if (bytes > headersBytesMax) wrong(`the headers have more than ${headersBytesMax} bytes`);
    return [name, text];
  });
}

function readTags(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  const tags = Object.entries(block(value, 'tags are', null));
  if (tags.length > tagsMax) wrong(`a connection has ${tagsMax} tags at the most`);
  for (const [name, text] of tags) {
    const problem = typeof text === 'string' ? tagProblem(name, text) : `tag "${name}": the value is not a string`;
    if (problem !== null) wrong(problem);
  }
  return Object.fromEntries(tags) as Record<string, string>;
}

/** What may stand in a request line (RFC 9112, 3.2.1). */
function readPath(value: unknown): string | null {
  const path = optionalText(value, 'path');
  if (path !== null && !/^\/[\x21\x22\x24-\x7e]{0,8191}$/.test(path))
    wrong(`${shown(path)} is not a path: a path begins with a slash and is percent-encoded`);
  return path;
}

function optionalText(value: unknown, name: string): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string') wrong(`${name} is a string, not ${shown(value)}`);
  return value;
}

/** A plain object whose keys are all known (`null`: any are). */
function block(value: unknown, what: string, keys: readonly string[] | null): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    wrong(`${what} ${shown(value)}, which is not an object`);
  const stray = keys === null ? undefined : Object.keys(value).find((key) => !keys.includes(key));
  if (stray !== undefined) wrong(`${what} an object with ${shown(stray)}; it may have ${keys!.join(', ')}`);
  return value as Record<string, unknown>;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : Array.isArray(value) ? 'a list' : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function wrong(sentence: string): never {
  throw new TypeError(sentence);
}
