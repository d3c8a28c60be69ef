/** nginx versions as numbers that can be compared, and the span that Holdline knows. */

export type NginxVersion = readonly [major: number, minor: number, patch: number];

/** The oldest version that the tables, the constants of the plan and the version gates cover. */
export const versionFirst: NginxVersion = [1, 18, 0];

/** The newest release whose directives and defaults are in the tables. */
export const versionNewest: NginxVersion = [1, 31, 4];

/**
 * What is planned for when nobody names a version and no nginx is installed: the stable branch with today's defaults.
 */
export const versionDefault: NginxVersion = [1, 30, 0];

/**
 * Reads `1.22.1`, `1.22` (its first release, so that nothing newer is assumed) and `nginx/1.22.1`; null for anything
 * else.
 */
export function readVersion(text: string): NginxVersion | null {
  const match = /^(?:nginx\/)?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?$/.exec(text.trim());
  return match === null ? null : versionOf(match);
}

/** The first version inside a longer text such as `nginx/1.22.1 (Debian)`; null when there is none. */
export function findVersion(text: string): NginxVersion | null {
  const match = /(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(text);
  return match === null ? null : versionOf(match);
}

/** True for a version that a plan can be made for: later releases of the newest branch are taken for its newest. */
export function isPlanned(version: NginxVersion): boolean {
  const [major, minor] = versionNewest;
  return isSince(version, versionFirst) && (version[0] < major || (version[0] === major && version[1] <= minor));
}

export function formatVersion(version: NginxVersion): string {
  return version.join('.');
}

/** Negative when `a` is the older one, zero when they are the same. */
export function compareVersions(a: NginxVersion, b: NginxVersion): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** True when `version` is `from` or newer. Null stands for "always was". */
export function isSince(version: NginxVersion, from: NginxVersion | null): boolean {
  return from === null || compareVersions(version, from) >= 0;
}

function versionOf(match: RegExpExecArray): NginxVersion {
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}
