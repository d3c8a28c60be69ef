/** Past this many different strings the table starts anew: it saves memory, so it must not cost any. */
const stringsMax = 4096;

let strings = new Map<string, string>();

/**
 * One copy of strings that thousands of connections share (host, path, origin, user agent): each comes from its own
 * request as a string of its own, and would live as long as the connection.
 */
export function intern<Text extends string | null>(text: Text): Text {
  if (text === null) return text;
  if (text.length > 512) return apart(text) as Text & string;
  const known = strings.get(text);
  if (known !== undefined) return known as Text;
  if (strings.size >= stringsMax) strings = new Map();
  const own = apart(text) as Text & string;
  strings.set(own, own);
  return own;
}

/** A text that was cut out of a head keeps all of the head alive; through bytes it becomes one of its own. */
function apart(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}
