/** A server that gives a different reason each time must not fill the memory; the rest is counted as "other". */
export const reasonsMax = 20;

export function countReason(reasons: Record<string, number>, reason: string, by = 1): void {
  const known = Object.hasOwn(reasons, reason) || Object.keys(reasons).length < reasonsMax;
  const name = known ? reason : 'other';
  reasons[name] = (reasons[name] ?? 0) + by;
}
