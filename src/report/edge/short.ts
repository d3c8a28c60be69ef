/** Numbers and times that fit into a column. */

/** One unit, rounded down: what matters is how long about. */
export function shortTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 100) return `${seconds}s`;
  if (seconds < 100 * 60) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 100 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export function shortCount(count: number): string {
  if (count < 10_000) return String(Math.round(count * 10) / 10);
  if (count < 10_000_000) return `${Math.floor(count / 1000)}k`;
  return `${Math.floor(count / 1_000_000)}M`;
}

export function shortBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)}B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)}kB`;
  if (bytes < 1e9) return `${Math.round(bytes / 1e6)}MB`;
  return `${(bytes / 1e9).toFixed(1)}GB`;
}

export function whole(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** Of this machine's clock: `2026-11-26 14:03:07`. */
export function localTime(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
