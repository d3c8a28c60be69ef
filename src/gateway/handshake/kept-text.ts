import { intern } from '../intern.ts';

/**
 * What is kept, logged and shown of the words that a client chose, in characters: enough to tell clients apart. A head
 * may hold 64 KiB and more, and each connection would keep that for as long as it lives.
 */
const kept = {
  /** A name has 253 at most (RFC 1035, 2.3.4), and a port stands behind it. */
  host: 260,
  path: 1024,
  origin: 300,
  userAgent: 400,
  subprotocol: 128,
} as const;

/** The text, cut where it is longer than what is kept; the cut shows as `…`. Equal texts share their memory. */
export function keptText<Text extends string | null>(name: keyof typeof kept, text: Text): Text {
  const most = kept[name];
  if (text === null || text.length <= most) return intern(text);
  // Through bytes: a slice would keep all of the long text alive.
  return intern(`${Buffer.from(text.slice(0, most - 1), 'utf8').toString('utf8')}…`) as Text;
}
