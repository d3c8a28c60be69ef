/** Reads a configuration from text for the tests of what it means. */
import { findVersion, type NginxVersion } from '../../../src/base/nginx-version.ts';
import { effective } from '../../../src/nginx/effective/effective.ts';
import type { Effective, Location } from '../../../src/nginx/effective/model.ts';
import { type ReadOptions, readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';

export interface ModelOptions extends ReadOptions {
  readonly target?: string;
  /** Further files, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

export function modelOf(text: string, { target = '1.22.1', files = {}, ...read }: ModelOptions = {}): Effective {
  const reader = memoryReader({ '/etc/nginx/nginx.conf': text, ...files });
  const { value } = readConfiguration('/etc/nginx/nginx.conf', reader, read);
  return effective(value, { target: findVersion(target) as NginxVersion });
}

/** A whole configuration around the inside of http. */
export function http(inside: string): string {
  return `events {}\nhttp {\n${inside}\n}\n`;
}

/** A whole configuration around the inside of one server. */
export function server(inside: string): string {
  return http(`server {\n${inside}\n}`);
}

/** The location of that label, such as `location /ws/`. */
export function locationAt(model: Effective, label: string): Location {
  const found = model.locations.find((location) => location.label === label);
  if (found === undefined) throw new Error(`no ${label} among ${model.locations.map((each) => each.label).join(', ')}`);
  return found;
}
