/** Messages of the user's own making, and how what comes back is known by them. */
import { nearest } from '../../base/nearest.ts';
import { createPayload, stampBytes, words, writeStamp } from '../generator/payload.ts';

/** What stands between braces in a message, and what it becomes. */
export const placeholders = {
  id: 'an id that no other message has, 24 characters of 0-9a-f',
  number: 'the number of the message on its connection, from 1',
  connection: 'the number of the connection, from 0',
  time: 'milliseconds since 1970',
  filler: 'as much text as the message lacks of its size',
} as const;
type Placeholder = keyof typeof placeholders;

/** Longer ones belong into a program of their own. */
export const templateLengthMax = 65_536;

/** What of a reply the pattern is held against: its time grows with the text, and the text is somebody else's. */
export const replyBytesMax = 65_536;

/** Finds an id of this load anywhere in a text. */
export const defaultReply = '(?<id>[0-9a-f]{24})';

/** Texts and placeholders in turn. */
export type Template = readonly (string | { readonly is: Placeholder })[];

export type TemplateReading =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly problem: string; readonly help: string };

export function readMessageTemplate(text: string): TemplateReading {
  const help = `known are ${Object.keys(placeholders)
    .map((name) => `{${name}}`)
    .join(', ')}`;
  if (text.length > templateLengthMax)
    return { ok: false, problem: `the message has more than ${templateLengthMax} characters`, help };
  const parts: (string | { is: Placeholder })[] = [];
  let at = 0;
  // JSON has no braces around a bare word, so whatever looks like a placeholder was meant as one.
  for (const match of text.matchAll(/\{([A-Za-z]+)\}/g)) {
    const name = match[1]!;
    if (!isPlaceholder(name)) {
      const meant = nearest(name, Object.keys(placeholders));
      return {
        ok: false,
        problem: `the message has no placeholder ${match[0].slice(0, 50)}`,
        help: meant === undefined ? help : `did you mean {${meant}}?`,
      };
    }
    parts.push(text.slice(at, match.index), { is: name });
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  const has = (name: Placeholder) => parts.some((part) => typeof part === 'object' && part.is === name);
  if (!has('id') && !has('number'))
    return {
      ok: false,
      problem: 'the message has neither {id} nor {number}, so that no reply could be known by it',
      help: 'put one of them where the server takes an id: {"id":"{id}"} or {"id":{number}}',
    };
  return { ok: true, template: parts.filter((part) => part !== '') };
}

export function hasPlaceholder(template: Template, name: Placeholder): boolean {
  return template.some((part) => typeof part === 'object' && part.is === name);
}

export type ReplyReading =
  | { readonly ok: true; readonly pattern: RegExp }
  | { readonly ok: false; readonly problem: string; readonly help: string };

/** A pattern in JavaScript's language, with a group named id: `"id":"(?<id>[0-9a-f]+)"`. */
export function readReply(text: string): ReplyReading {
  const help = 'write a regular expression with a group named id: "id":"(?<id>[0-9a-f]+)"';
  if (!text.includes('(?<id>')) return { ok: false, problem: 'the pattern of the reply has no group named id', help };
  try {
    return { ok: true, pattern: new RegExp(text.slice(0, 4096), 's') };
  } catch (error) {
    return { ok: false, problem: `the pattern of the reply cannot be read: ${(error as Error).message}`, help };
  }
}

export interface MessageFacts {
  readonly phase: number;
  readonly sequence: number;
  readonly connection: number;
  readonly sentUs: number;
  /** Of its connection, from 1. */
  readonly number: number;
  /** Wall clock. */
  readonly timeMs: number;
  readonly bytes: number;
}

export function writeMessage(template: Template, facts: MessageFacts): Buffer {
  const stamp = createPayload(stampBytes, 'dots');
  writeStamp(stamp, facts);
  const values: Record<Exclude<Placeholder, 'filler'>, string> = {
    id: Buffer.from(stamp).toString('latin1'),
    number: String(facts.number),
    connection: String(facts.connection),
    time: String(Math.floor(facts.timeMs)),
  };
  const write = (filler: string) =>
    Buffer.from(
      template
        .map((part) => (typeof part === 'string' ? part : part.is === 'filler' ? filler : values[part.is]))
        .join(''),
      'utf8',
    );
  const bare = write('');
  if (!hasPlaceholder(template, 'filler') || bare.length >= facts.bytes) return bare;
  const fillers = template.filter((part) => typeof part === 'object' && part.is === 'filler').length;
  return write(words(Math.floor((facts.bytes - bare.length) / fillers)));
}

/** The id that a reply names; null when it names none. */
export function idIn(pattern: RegExp, data: Uint8Array): string | null {
  const text = Buffer.from(data.buffer, data.byteOffset, Math.min(data.length, replyBytesMax)).toString('utf8');
  const id = pattern.exec(text)?.groups?.id;
  return id === undefined || id.length > 64 ? null : id;
}

function isPlaceholder(name: string): name is Placeholder {
  return Object.hasOwn(placeholders, name);
}
