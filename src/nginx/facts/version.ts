import type { Version } from './facts.ts';

/** The newest release whose directives and defaults are in the tables. */
export const newestVersion: Version = [1, 31, 4];

/** Reads `1.22.1` or `1.22`, also inside a longer text such as `nginx/1.22.1 (Debian)`; null when there is none. */
export function parseVersion(text: string): Version | null {
  const match = /(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(text);
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

export function formatVersion(version: Version): string {
  return version.join('.');
}

/** Negative when `a` is the older one, zero when they are the same. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** True when `version` is `from` or newer. Null stands for "always was". */
export function isSince(version: Version, from: Version | null): boolean {
  return from === null || compareVersions(version, from) >= 0;
}
