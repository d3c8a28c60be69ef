import { type Code, catalogue } from '../base/catalogue/catalogue.ts';
import type { Diagnostic, Range, Related, Where } from '../base/diagnostic.ts';

/** A place in the spec as a value: keys and list indexes from the top. */
export type SpecPath = readonly (string | number)[];

/** Turns a path into what a diagnostic points at. */
export type Locate = (path: SpecPath, part: 'key' | 'value') => Where;

export interface FindingDetails {
  readonly where: Where;
  readonly why?: string;
  readonly help?: string;
  readonly related?: readonly Related[];
}

/** A diagnostic with the severity of the catalogue, and its remedy unless there is a better one. */
export function finding(code: Code, message: string, details: FindingDetails): Diagnostic<Code> {
  return {
    code,
    severity: catalogue[code].severity,
    message: plain(message),
    help: catalogue[code].remedy,
    ...details,
  };
}

/** For specs that are objects: there is no text, only the path. */
export const locateByPath: Locate = (path) => ({ path: formatPath(path) });

/** For specs that are text. */
export function locateInFile(file: string, rangeOf: (path: SpecPath, part: 'key' | 'value') => Range): Locate {
  return (path, part) => ({ file, range: rangeOf(path, part), path: formatPath(path) });
}

/** `routes[0].match.path`; the spec itself is `the spec`. */
export function formatPath(path: SpecPath): string {
  if (path.length === 0) return 'the spec';
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const shown = /^[\w-]{1,64}$/.test(part) ? part : JSON.stringify(part.slice(0, 64));
      return index === 0 ? shown : `.${shown}`;
    })
    .join('');
}

/** Longer is not read any more; a value of a megabyte would otherwise be repeated in full. */
const messageLengthMax = 600;

/** What the user wrote stands in messages; control characters and marks of direction in it become visible escapes. */
function plain(message: string): string {
  const short = message.length > messageLengthMax ? `${message.slice(0, messageLengthMax)}…` : message;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
  return short.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) =>
    character === '\t' ? '\\t' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
