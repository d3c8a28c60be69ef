import { readFileSync } from 'node:fs';

/** Holdline's own version, as npm knows it. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
