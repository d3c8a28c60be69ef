/**
 * Durations, sizes and rates as nginx writes them: `25s`, `7m`, `1h 30m`, `64k`, `1m`, `20/s`, `10r/m`.
 * nginx's own reader is ngx_parse_time and ngx_parse_size (src/core/ngx_parse.c).
 */

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: string };

const millisecondsPerUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const bytesPerUnit = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const;
const millisecondsPerPeriod = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Longest duration that is accepted: 10 years. Longer is a slip of the pen, and would not fit a timer. */
const durationMsMax = 315_360_000_000;

const durationPart = /^(\d+)(ms|[smhdw])$/;

/** Reads `25s`, `1h 30m`, `1h30m`, `500ms`; a bare number is seconds, as in nginx. Returns milliseconds. */
export function parseDuration(text: string): Parsed<number> {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return inRange(Number(trimmed) * 1000, text);
  const parts = trimmed.match(/\d+(?:ms|[smhdw])|\S+/g) ?? [];
  let totalMs = 0;
  for (const part of parts) {
    const match = durationPart.exec(part);
    if (match === null) return durationProblem(text);
    totalMs += Number(match[1]) * millisecondsPerUnit[match[2] as keyof typeof millisecondsPerUnit];
  }
  return parts.length === 0 ? durationProblem(text) : inRange(totalMs, text);
}

/** Reads `512`, `64k`, `1m`, `8g` (powers of 1024, either case). Returns bytes. */
export function parseSize(text: string): Parsed<number> {
  const match = /^(\d+)([kmg]?)b?$/.exec(text.trim().toLowerCase());
  if (match === null) return { ok: false, problem: `"${text}" is not a size; write it as 512, 64k, 1m or 8g` };
  const bytes = Number(match[1]) * bytesPerUnit[match[2] as keyof typeof bytesPerUnit];
  return Number.isSafeInteger(bytes)
    ? { ok: true, value: bytes }
    : { ok: false, problem: `"${text}" is larger than any machine can hold` };
}

/** Reads `20/s`, `100/m`, `5/h`, and nginx's `20r/s`. Returns events per second. */
export function parseRate(text: string): Parsed<number> {
  const match = /^(\d+(?:\.\d+)?)r?\/([smh])$/.exec(text.trim());
  if (match === null) return { ok: false, problem: `"${text}" is not a rate; write it as 20/s or 100/m` };
  return {
    ok: true,
    value: (Number(match[1]) * 1000) / millisecondsPerPeriod[match[2] as keyof typeof millisecondsPerPeriod],
  };
}

/** The shortest exact form: 420000 becomes `7m`, 1500 becomes `1500ms`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = millisecondsPerUnit[unit];
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

/** The shortest exact form: 65536 becomes `64k`; a number that is no multiple of 1024 stays bytes. */
export function formatSize(bytes: number): string {
  for (const unit of ['g', 'm', 'k'] as const) {
    const size = bytesPerUnit[unit];
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

function durationProblem(text: string): Parsed<number> {
  return { ok: false, problem: `"${text}" is not a duration; write it as 500ms, 25s, 7m, 24h or 1h 30m` };
}

function inRange(ms: number, text: string): Parsed<number> {
  return ms <= durationMsMax ? { ok: true, value: ms } : { ok: false, problem: `"${text}" is longer than ten years` };
}
