/** Numbers and times as people read them. */

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Small rates with a decimal, so that one in five seconds is not shown as none. */
export function rate(value: number): string {
  return value > 0 && value < 10 ? value.toFixed(1).replace(/\.0$/, '') : count(value);
}

export function bytes(value: number): string {
  if (value < 1000) return `${Math.round(value)} B`;
  for (const [unit, size] of [
    ['kB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
  ] as const) {
    if (value < size * 1000 || unit === 'GB') return `${(value / size).toFixed(value < size * 10 ? 1 : 0)} ${unit}`;
  }
  return '';
}

/** One unit, rounded down. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6000) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 360_000) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function clock(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB');
}

export function moment(atMs: number): string {
  return new Date(atMs).toLocaleString('en-GB');
}
