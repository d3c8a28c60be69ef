import { countText } from '../../base/quantity.ts';
import type { SearchReport } from '../run/report-parts.ts';

/** What the search found, in one sentence or two. */
export function bestText({ of, best, limitedByGenerator }: SearchReport): string {
  const unit = of === 'rate' ? 'messages per second' : 'connections';
  const found =
    best === null
      ? `Not even the least number of ${unit} held every threshold.`
      : `${countText(best)} ${unit} are the most that held every threshold.`;
  return limitedByGenerator ? `${found} The generator ended the search: the target may carry more.` : found;
}
