/** Reads a scenario file: its text, its YAML, what it says; and where in it everything stands. */
import { readFile, stat } from 'node:fs/promises';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import { readYaml } from '../../spec/yaml/source.ts';
import { scenarioFromObject } from './file.ts';
import { type BenchScenario, readScenario, type ScenarioInput, settingNames } from './scenario.ts';

export interface ScenarioReading {
  readonly value: BenchScenario | null;
  readonly diagnostics: readonly Diagnostic[];
  /** File and text, for showing lines of it. */
  readonly sources: ReadonlyMap<string, string>;
}

/** A scenario is a page of text; anything above this is some other file. */
const fileBytesMax = 262_144;

/** A URL names its scheme; anything else that ends like a YAML file is one. */
export function isScenarioFile(target: string): boolean {
  return !target.includes('://') && /\.ya?ml$/i.test(target);
}

/** `said`: what the command line says, which counts more than the file. Throws bench-unreadable-file. */
export async function readScenarioFile(file: string, said: Partial<ScenarioInput>): Promise<ScenarioReading> {
  const text = await readText(file);
  const sources = new Map([[file, text]]);
  const yaml = readYaml(text, file);
  const words = yaml.diagnostics.map((found) => ({
    ...found,
    message: found.message.replaceAll('the spec', 'the scenario'),
  }));
  if (!yaml.readable) return { value: null, diagnostics: words, sources };
  const locate = (path: readonly (string | number)[], part: 'key' | 'value') => ({
    file,
    range: yaml.rangeOf(path, part),
  });
  const read = scenarioFromObject(yaml.value, locate);
  const diagnostics = [...words, ...read.diagnostics];
  if (read.value === null) return { value: null, diagnostics, sources };
  const { url } = { ...read.value, ...said };
  if (url === undefined) return { value: null, diagnostics: [...diagnostics, noUrl(locate([], 'value'))], sources };
  const backoff = { ...read.value.backoff, ...said.backoff };
  const scenario = readScenario(
    { ...read.value, ...said, url, backoff },
    {
      locate: (path) =>
        Object.hasOwn(said, path[0]!)
          ? undefined
          : locate(
              path.map((name) => settingNames[name] ?? name),
              'value',
            ),
    },
  );
  const all = [...diagnostics, ...scenario.diagnostics];
  return { value: hasErrors(all) ? null : scenario.value, diagnostics: all, sources };
}

function noUrl(where: NonNullable<Diagnostic['where']>): Diagnostic {
  const message = 'the scenario has no url';
  return { code: 'bench-url', severity: 'error', message, where, help: 'write url: ws://host/path, or --url' };
}

async function readText(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > fileBytesMax) throw unreadable(file, 'it is larger than 256 KiB');
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof HoldlineError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw unreadable(file, reasons[code ?? ''] ?? String(error));
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission was denied',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

function unreadable(file: string, why: string): HoldlineError {
  return new HoldlineError('bench-unreadable-file', `${file} could not be read: ${why}`);
}
