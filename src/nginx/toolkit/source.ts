/** What the library's functions are given: a text, or a root file and somebody who reads it and what it includes. */
import type { NginxVersion } from '../../base/nginx-version.ts';
import { effective } from '../effective/effective.ts';
import type { Effective } from '../effective/model.ts';
import { readAround } from '../lint/guess-context.ts';
import { placesIn } from '../lint/letters.ts';
import { type ReadConfiguration, type ReadOptions, readConfiguration } from '../syntax/configuration.ts';
import { type ConfigReader, memoryReader } from '../syntax/reader.ts';

/** A string is one file without others beside it, `nginx.conf`. */
export type NginxSource = string | NginxFiles;

export interface NginxFiles extends ReadOptions {
  /** Path of the file to begin with, as the reader knows it. */
  readonly root: string;
  /** `diskReader()` for files of this machine, `memoryReader({ … })` for texts. */
  readonly reader: ConfigReader;
}

const textPath = 'nginx.conf';

/**
 * Reads a configuration with everything it includes. Never throws: a file that cannot be read is a finding. A part that
 * belongs in an `http` or `server` block is recognised unless `context` or a comment in it says where it belongs.
 */
export function readNginx(source: NginxSource): ReadConfiguration {
  const { value, diagnostics } = readBytes(source);
  return { value, diagnostics: diagnostics.map(placesIn(value.files.values()).diagnostic) };
}

/** What each location really gets, after includes, inheritance and jumps. Never throws. */
export function effectiveOf(source: NginxSource, options: { readonly target?: NginxVersion } = {}): Effective {
  return effective(readBytes(source).value, options);
}

/** With places as the core counts them. `reading`: along which branch of a template's conditions. */
export function readBytes(source: NginxSource, reading?: number): ReadConfiguration {
  const { root, reader, ...given } = filesOf(source);
  const options = reading === undefined ? given : { ...given, reading };
  const read = (context: readonly string[] | null) =>
    readConfiguration(root, reader, context === null ? options : { ...options, context });
  return readAround(options.context ?? null, read).read;
}

export function filesOf(source: NginxSource): NginxFiles {
  return typeof source === 'string' ? { root: textPath, reader: memoryReader({ [textPath]: source }) } : source;
}
