/**
 * Between the bytes of a file and the text the lexer works on: one unit per byte (Latin-1), so that nothing is lost
 * whatever the encoding, and an offset in the text is an offset in the file.
 */

export function textOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The way back. Units above 255, which no file brings in but a caller may, are written as UTF-8. */
export function bytesOfText(text: string): Uint8Array {
  if (!aboveLatin1.test(text)) return Buffer.from(text, 'latin1');
  return Buffer.concat(Array.from(text, (letter) => Buffer.from(letter, letter > '\u00ff' ? 'utf8' : 'latin1')));
}

/** What a person should see: UTF-8 where it is that, and bytes that print nothing as `\x00`. Cut after `lettersMax`. */
export function readable(text: string, lettersMax = 60): string {
  const cut = text.length > lettersMax ? `${text.slice(0, lettersMax)}…` : text;
  const shown = cut.includes('…') ? `${decoded(cut.slice(0, -1))}…` : decoded(cut);
  return shown.replace(unprintable, (letter) => escapeOf(letter));
}

const aboveLatin1 = /[\u0100-\uffff]/;
const beyondAscii = /[\u0080-\u00ff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the letters that must not reach a terminal.
const unprintable = /[\u0000-\u001f\u007f-\u00a0\u200b-\u200f\u2028-\u202f\u2060\ufeff]/g;

function decoded(text: string): string {
  if (!beyondAscii.test(text) || aboveLatin1.test(text)) return text;
  const unicode = Buffer.from(text, 'latin1').toString('utf8');
  return unicode.includes('\ufffd') ? text : unicode;
}

const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOf(letter: string): string {
  const code = letter.codePointAt(0)!;
  return short[letter] ?? (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
}
