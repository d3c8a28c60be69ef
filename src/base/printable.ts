/**
 * Text for a terminal or a page: what a file or a peer wrote may hold escape sequences and marks that turn the
 * direction of writing, and must not act on the terminal of whoever reads the message. Each becomes a visible escape.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, escaped);
}

/** Of a message whose further lines are what a program said: for whoever has one line. */
export function firstLineOf(message: string): string {
  return message.split('\n', 1)[0]!;
}

function escaped(character: string): string {
  if (character === '\t') return '\\t';
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * What acts on a terminal and is no line break, tab or other control of ASCII: DEL, the C1 controls, marks of
 * direction, and others without a width.
 */
export const marks = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
