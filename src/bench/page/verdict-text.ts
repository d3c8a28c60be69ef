import { countText, durationText, rateText, shareText } from '../../base/quantity.ts';
import { type Metric, metrics, type ThresholdVerdict } from '../scenario/thresholds.ts';

const texts = {
  duration: durationText,
  count: countText,
  share: shareText,
  rate: (value: number) => `${rateText(value)}/s`,
};

/** What was measured, in the unit of the threshold: `12.3 ms`, `0`, `0.9998`, `4,000/s`. */
export function measuredText({ text, measured }: ThresholdVerdict): string {
  if (measured === null) return 'nothing was measured';
  const name = text.toLowerCase().match(/^[\w-]+/)?.[0] ?? '';
  return texts[Object.hasOwn(metrics, name) ? metrics[name as Metric].unit : 'count'](measured);
}
