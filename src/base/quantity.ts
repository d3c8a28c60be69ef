/** Measured quantities as people read them: the same words in the summary, on the live screen and on the page. */

const durationUnits = [
  { unit: 'µs', us: 1 },
  { unit: 'ms', us: 1000 },
  { unit: 's', us: 1_000_000 },
] as const;

/** Microseconds: `850 µs`, `1.25 ms`, `12.3 ms`, `1.05 s`; three digits count, more than 999 s stay whole. */
export function durationText(us: number): string {
  const rounded = Number(us.toPrecision(3));
  const { unit, us: size } = durationUnits.findLast((each) => rounded >= each.us) ?? durationUnits[0];
  if (unit === 'µs') return `${Math.round(us)} µs`;
  return `${threeDigits(us / size)} ${unit}`;
}

/** For the marks of an axis: `10 ms` and not `10.0 ms`. */
export function durationTick(us: number): string {
  return durationText(us).replace(/\.(\d*?)0+ /, (_, digits) => (digits === '' ? ' ' : `.${digits} `));
}

/** `1,234,567`; fractions keep up to five digits. */
export function countText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 5 });
}

/** Events per second: `12,345`, `3.2` where it is small. */
export function rateText(perSecond: number): string {
  return perSecond > 0 && perSecond < 10 ? String(Number(perSecond.toFixed(1))) : countText(Math.round(perSecond));
}

/** Decimal units, as in memory per connection: `8.7 kB`, `152 MB`. */
export function bytesText(bytes: number): string {
  const size = Math.abs(Number(bytes.toPrecision(3)));
  if (size < 1000) return `${Math.round(bytes)} B`;
  if (size < 1e6) return `${threeDigits(bytes / 1e3)} kB`;
  if (size < 1e9) return `${threeDigits(bytes / 1e6)} MB`;
  return `${threeDigits(bytes / 1e9)} GB`;
}

/** Never rounded up to 1: a reach of 99.999 % is not everybody. */
export function shareText(value: number): string {
  if (value >= 1) return countText(value);
  // The twelve digits undo what 0.29 * 100,000 is too small by in binary.
  return String(Math.min(99_999, Math.floor(Number((value * 100_000).toPrecision(12)))) / 100_000);
}

/** How long something lasted, in milliseconds: `1.5 s`, `20 s`, `2 min 5 s`, `1 h 40 min`. */
export function spanText(ms: number): string {
  const tenths = Math.round(ms / 100) / 10;
  if (tenths < 10) return `${tenths} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const parts = [
    [hours, 'h'],
    [minutes, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const said = parts.filter(([value]) => value > 0).slice(0, 2);
  return said.map(([value, unit]) => `${value} ${unit}`).join(' ');
}

/** Milliseconds on the way through a run: `45 s`, `2:05`, `1:00:07`. */
export function clockText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function threeDigits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  const size = Math.abs(rounded);
  if (size >= 100) return countText(Math.round(value));
  return rounded.toFixed(size >= 10 ? 1 : 2);
}
