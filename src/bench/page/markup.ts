/** HTML from text that others wrote: everything put into a template is escaped, unless it is markup itself. */
import { printable } from '../../base/printable.ts';

/** Text that is HTML already. Only `html` makes it. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | readonly Markup[];

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, string, index) => text + textOf(parts[index - 1]!) + string));
}

export const nothing = new Markup('');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For the text of an element and for attributes in quotes. Control characters and lone surrogates become visible. */
export function escapeHtml(text: string): string {
  return printable(text)
    .replace(/[&<>"']/g, (character) => entities[character]!)
    .replace(/\p{Cs}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

/**
 * JSON for a script element: nothing in it can end the element or begin a comment, and U+2028 and U+2029 are written
 * as escapes, so that it would be JavaScript too.
 */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map((each) => each.text).join('');
  return escapeHtml(String(part));
}
