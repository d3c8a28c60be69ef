/** The Sec-WebSocket-Extensions header (RFC 6455, 9.1): offers in a request, the accepted ones in an answer. */
import { isToken } from './token.ts';

export interface ExtensionParameter {
  readonly name: string;
  /** Null when the parameter stands alone; a quoted value comes without its quotes. */
  readonly value: string | null;
}

export interface Extension {
  readonly name: string;
  readonly parameters: readonly ExtensionParameter[];
}

/** Longest value that is read, in characters. Browsers send fewer than 100; the parser's work must have an end. */
export const extensionHeaderLengthMax = 4096;

/**
 * Most extensions in one header, and most parameters of one: permessage-deflate defines four, clients offer a few
 * variants.
 */
export const extensionsMax = 32;
export const extensionParametersMax = 16;

/**
 * Reads the header's value (several headers joined with a comma read the same). Null when it does not follow the
 * grammar or passes a limit: the receiver must then fail the handshake. An empty value gives an empty list.
 */
export function parseExtensions(value: string): readonly Extension[] | null {
  if (value.length > extensionHeaderLengthMax) return null;
  const extensions: Extension[] = [];
  for (const element of splitOutsideQuotes(value, ',')) {
    const [name, ...rest] = splitOutsideQuotes(element, ';').map((part) => part.trim());
    if (name === '' && rest.length === 0) continue;
    if (!isToken(name!) || rest.length > extensionParametersMax || extensions.length === extensionsMax) return null;
    const parameters: ExtensionParameter[] = [];
    for (const part of rest) {
      const parameter = parseParameter(part);
      if (parameter === null) return null;
      parameters.push(parameter);
    }
    extensions.push({ name: name!, parameters });
  }
  return extensions;
}

/** The header's value. Values are tokens (the grammar demands it even of quoted ones), so that nothing needs quotes. */
export function formatExtensions(extensions: readonly Extension[]): string {
  return extensions
    .map(({ name, parameters }) =>
      [name, ...parameters.map((each) => (each.value === null ? each.name : `${each.name}=${each.value}`))].join('; '),
    )
    .join(', ');
}

function parseParameter(text: string): ExtensionParameter | null {
  const equals = text.indexOf('=');
  if (equals === -1) return isToken(text) ? { name: text, value: null } : null;
  const name = text.slice(0, equals).trimEnd();
  const value = unquoted(text.slice(equals + 1).trimStart());
  return isToken(name) && isToken(value) ? { name, value } : null;
}

/** A malformed quoted string keeps a quote or becomes empty, and is then no token: the caller's check refuses it. */
function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  const inside = /^"((?:[^"\\]|\\.)*)"$/.exec(text);
  return inside === null ? text : inside[1]!.replace(/\\(.)/g, '$1');
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
