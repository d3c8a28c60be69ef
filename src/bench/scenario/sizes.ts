/** How large each message is: one size, or a mix in given shares, the same in every process without asking. */
import type { Parsed } from '../../base/units.ts';
import { parseSize } from '../../base/units.ts';

export interface SizeShare {
  readonly bytes: number;
  /** Of all messages, above 0 to 1; the shares of a mix add up to 1. */
  readonly share: number;
}

/** More sizes than a mix of real messages is described with. */
export const sizesMax = 16;

/** Reads `64`, `4k`, or `64:80%,4096:20%`; without any share, all sizes are as frequent as each other. */
export function parseSizes(text: string): Parsed<readonly SizeShare[]> {
  const entries = text.slice(0, 1000).split(',');
  if (entries.length > sizesMax) return { ok: false, problem: `a mix has at most ${sizesMax} sizes` };
  const sizes: { bytes: number; share: number | null }[] = [];
  for (const entry of entries) {
    const [sizeText = '', shareText, ...rest] = entry.split(':');
    const size = parseSize(sizeText);
    if (!size.ok) return size;
    const share = shareText === undefined ? null : readShare(shareText.trim());
    if (Number.isNaN(share) || rest.length > 0)
      return { ok: false, problem: `"${entry.trim()}" is not a size with its share; write 64:80%,4096:20%` };
    sizes.push({ bytes: size.value, share });
  }
  if (sizes.every(({ share }) => share === null))
    return { ok: true, value: sizes.map(({ bytes }) => ({ bytes, share: 1 / sizes.length })) };
  if (sizes.some(({ share }) => share === null))
    return { ok: false, problem: `"${text}": give every size a share, or none` };
  const sum = sizes.reduce((total, { share }) => total + share!, 0);
  if (Math.abs(sum - 1) > 0.001)
    return { ok: false, problem: `"${text}": the shares add up to ${Number((sum * 100).toFixed(1))} %, not to 100 %` };
  return { ok: true, value: sizes.map(({ bytes, share }) => ({ bytes, share: share! })) };
}

function readShare(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  if (match === null) return Number.NaN;
  const share = match[2] === '%' ? Number(match[1]) / 100 : Number(match[1]);
  return share > 0 && share <= 1 ? share : Number.NaN;
}

/**
 * The golden ratio's fraction: multiples of it fall evenly over 0 to 1, so that any stretch of messages has the mix.
 */
const step = 0.618_033_988_749_895;
/** Not a multiple of the other, so that connections do not follow one another through the mix in step. */
const connectionStep = Math.SQRT2 - 1;

/** The same answer wherever it is asked: what a receiver may expect of a sender in another process. */
export function sizeOf(sizes: readonly SizeShare[], connection: number, sequence: number): number {
  if (sizes.length === 1) return sizes[0]!.bytes;
  const place = ((sequence + 1) * step + connection * connectionStep) % 1;
  let sum = 0;
  for (const { bytes, share } of sizes) {
    sum += share;
    if (place < sum) return bytes;
  }
  return sizes.at(-1)!.bytes;
}
