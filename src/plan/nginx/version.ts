/** nginx versions as numbers that can be compared. */

export type NginxVersion = readonly [major: number, minor: number, patch: number];

/** The span that the constants table and the version gates cover. */
export const versionFirst: NginxVersion = [1, 18, 0];
export const versionLast: NginxVersion = [1, 31, 99];

/** What is planned for when nobody names a version and no nginx is installed: the stable branch with today's defaults. */
export const versionDefault: NginxVersion = [1, 30, 0];

/** Reads `1.22.1`, `1.22` (its first release, so that nothing newer is assumed) and `nginx/1.22.1`; null outside the span. */
export function parseVersion(text: string): NginxVersion | null {
  const match = /^(?:nginx\/)?(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?$/.exec(text.trim());
  if (match === null) return null;
  const version: NginxVersion = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  return !atLeast(version, versionFirst) || !atLeast(versionLast, version) ? null : version;
}

export function atLeast(version: NginxVersion, wanted: NginxVersion): boolean {
  for (const [index, part] of version.entries()) {
    const difference = part - wanted[index]!;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

export function formatVersion(version: NginxVersion): string {
  return version.join('.');
}
