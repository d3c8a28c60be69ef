/**
 * Finds the end of a `*_by_lua_block`. lua-nginx-module counts braces outside of Lua's strings, long brackets and
 * comments (ngx_http_lua_lex.rxx). A quote that is not closed on its line is passed over like any other letter.
 */

/** Offset of the `}` that closes the block whose inside begins at `from`; -1 when the text ends before. */
export function endOfLua(text: string, from: number): number {
  token.lastIndex = from;
  let depth = 1;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const found = match[0];
    if (found === '{') depth++;
    else if (found === '}') {
      depth--;
      if (depth === 0) return match.index;
    } else if (found.endsWith('[')) {
      const close = `]${'='.repeat(found.length - found.indexOf('[') - 2)}]`;
      const end = text.indexOf(close, token.lastIndex);
      if (end < 0) return -1;
      token.lastIndex = end + close.length;
    } else if (found === '--') {
      const end = text.indexOf('\n', token.lastIndex);
      if (end < 0) return -1;
      token.lastIndex = end;
    } else if (found === '"' || found === "'") {
      token.lastIndex = endOfString(text, token.lastIndex, found) ?? token.lastIndex;
    }
  }
  return -1;
}

/** Braces, quotes, the start of a comment, and the start of a long bracket with or without its comment mark. */
const token = /[{}"']|--\[=*\[|--|\[=*\[/g;

function endOfString(text: string, from: number, quote: string): number | null {
  for (let at = from; at < text.length; at++) {
    const letter = text[at];
    if (letter === quote) return at + 1;
    if (letter === '\n') return null;
    if (letter === '\\') at++;
  }
  return null;
}
