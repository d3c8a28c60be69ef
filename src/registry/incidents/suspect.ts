import { commonest } from './cluster.ts';
import type { Ended } from './incident.ts';
import { type Attribute, attributes, type Survivors, type Suspect } from './population.ts';

/** Most of those that ended: what they share is not chance. */
export const mostOf = 0.8;

/**
 * The value of an attribute that most of the ended share, when those with it fared worse than those without. That
 * everybody uses the same browser or comes through the same proxy explains nothing when others with it stayed.
 */
export function suspectOf(rows: readonly Ended[], attribute: Attribute, survivors: Survivors): Suspect | null {
  const common = commonest<Ended>(rows, attributes[attribute]);
  if (common === null || common.share < mostOf) return null;
  const stayed = survivors[attribute][common.value] ?? 0;
  const allStayed = Object.values(survivors[attribute]).reduce((sum, count) => sum + count, 0);
  const lost = common.count / (common.count + stayed);
  const others = { ended: rows.length - common.count, stayed: allStayed - stayed };
  const lostOfOthers = others.ended + others.stayed === 0 ? null : others.ended / (others.ended + others.stayed);
  return { ...common, lost, lostOfOthers };
}

/** Lost at least so much of its own, and at least three times the share that others lost. */
export function stands(
  suspect: Suspect | null,
  lostMin: number,
  options: { readonly needsOthers: boolean },
): suspect is Suspect {
  if (suspect === null || suspect.lost < lostMin) return false;
  if (suspect.lostOfOthers === null) return !options.needsOthers;
  return suspect.lost >= 3 * suspect.lostOfOthers;
}

export function fared({ lost, lostOfOthers }: Suspect, own: string): string {
  const others = lostOfOthers === null ? '' : `; of all others ${percent(lostOfOthers)}`;
  return `${percent(lost)} of the connections ${own} ended${others}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
