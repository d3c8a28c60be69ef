import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Findings } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import type { Spec } from '../../spec/model.ts';
import { readSpec, specFromObject } from '../../spec/read.ts';

export interface SpecFile extends Findings<Spec | null, Code> {
  /** The path as it was given, for messages. */
  readonly file: string;
  /** Directory that the paths in the spec are relative to. */
  readonly directory: string;
  /** The text, for showing lines of it; null for a spec that is a module. */
  readonly text: string | null;
}

/** What `holdline` looks for when no file is named. */
export const defaultSpecFile = 'holdline.yaml';

/** A spec is some kilobytes; anything above this is some other file. */
const fileBytesMax = 4 * 1024 * 1024;

/**
 * Reads a spec from a YAML file, or from a JavaScript or TypeScript module whose default export it is. Throws
 * spec-unreadable-file.
 */
export async function readSpecFile(file: string): Promise<SpecFile> {
  const directory = path.dirname(path.resolve(file));
  if (/\.[cm]?[jt]s$/.test(file)) return { file, directory, text: null, ...specFromObject(await importSpec(file)) };
  const text = await readText(file);
  return { file, directory, text, ...readSpec(text, { file }) };
}

async function readText(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    const facts = await stat(file);
    if (facts.isDirectory())
      throw unreadable(file, 'it is a directory', `name the file in it: ${path.join(file, defaultSpecFile)}`);
    if (facts.size > fileBytesMax)
      throw unreadable(file, 'it is larger than 4 MiB', 'name a spec; this is some other file');
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof HoldlineError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw code === 'ENOENT'
      ? unreadable(
          file,
          'there is no such file',
          'name the file, or begin with holdline up --to http://127.0.0.1:3000, which needs no file',
        )
      : unreadable(file, code === 'EACCES' ? 'permission was denied' : String(error));
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new HoldlineError('spec-unreadable-file', `${file} is not UTF-8 text`, {
      help: 'save it as UTF-8',
      cause: error,
    });
  }
}

/** Runs the module: a spec in TypeScript is the user's own program, and has the user's trust. */
async function importSpec(file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(path.resolve(file)).href)) as { default?: unknown };
    return module.default;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw unreadable(
        file,
        `Node ${process.version} does not run TypeScript by itself`,
        'use Node 22.18 or later, or write the spec as .mjs or YAML',
      );
    throw new HoldlineError(
      'spec-unreadable-file',
      `${file} could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

function unreadable(file: string, reason: string, help?: string): HoldlineError {
  return new HoldlineError(
    'spec-unreadable-file',
    `${file} could not be read: ${reason}`,
    help === undefined ? {} : { help },
  );
}
