import { marks } from './printable.ts';

/**
 * JSON for a terminal or a log: JSON.stringify writes DEL, the C1 controls and the marks that turn the direction of
 * writing as they are, and a terminal may obey them. Escaped, they mean the same to every reader of JSON.
 */
export function jsonText(value: unknown, indent = 0): string {
  return escapedJson(JSON.stringify(value, null, indent));
}

/** The same for text that is JSON already: such characters stand in its strings alone. */
export function escapedJson(json: string): string {
  return json.replace(marks, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
