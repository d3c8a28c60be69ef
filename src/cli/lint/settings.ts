/** What a team has agreed on: .holdlinerc.yaml in the working directory. What the command line says counts more. */

import { existsSync, readFileSync } from 'node:fs';
import { HoldlineError } from '../../base/error.ts';
import { nearest } from '../../base/nearest.ts';
import { findVersion } from '../../base/nginx-version.ts';
import { parseDuration } from '../../base/units.ts';
import type { LintOptions, RuleLevel } from '../../nginx/lint/rule.ts';
import { ruleNamed, rules } from '../../nginx/lint/rules.ts';
import type { PathRoot } from '../../nginx/syntax/configuration.ts';

export interface LintSettings {
  readonly options: LintOptions;
  readonly roots: readonly PathRoot[];
  readonly ruleFiles: readonly string[];
  readonly failOn: 'error' | 'warning' | 'info' | null;
}

export const settingsFile = '.holdlinerc.yaml';

export const noSettings: LintSettings = { options: {}, roots: [], ruleFiles: [], failOn: null };

/** Throws lint-settings-invalid, with the key that is wrong. */
export async function readSettings(file = settingsFile): Promise<LintSettings> {
  if (!existsSync(file)) return noSettings;
  // Loaded only where somebody has settings: a quarter of a second on a slow machine.
  const { parse } = await import('yaml');
  const written = parsed(file, () => parse(readFileSync(file, 'utf8'), { maxAliasCount: 10 }) as unknown);
  if (written === null) return noSettings;
  return settingsFrom(written, file);
}

/** Both, where the second counts more. */
export function joinedSettings(first: LintSettings, second: LintSettings): LintSettings {
  const levels = new Map([...(first.options.levels ?? []), ...(second.options.levels ?? [])]);
  return {
    options: { ...first.options, ...second.options, levels },
    roots: [...second.roots, ...first.roots],
    ruleFiles: [...first.ruleFiles, ...second.ruleFiles],
    failOn: second.failOn ?? first.failOn,
  };
}

function parsed(file: string, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw invalid(file, `it is no YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
}

const keys = ['target', 'heartbeat', 'connections', 'roots', 'rules', 'ruleFiles', 'failOn'];

export function settingsFrom(written: unknown, file: string): LintSettings {
  const fail = (what: string) => invalid(file, what);
  const map = mapping(written, () => fail('it has to be keys with values'));
  for (const key of Object.keys(map)) {
    if (keys.includes(key)) continue;
    const near = nearest(key, keys);
    throw fail(`there is no key "${key}"${near === undefined ? '' : `; did you mean "${near}"?`}`);
  }
  const target = map.target === undefined ? undefined : findVersion(String(map.target));
  if (target === null) throw fail('target is a version of nginx, such as 1.22.1');
  const heartbeat = map.heartbeat === undefined ? undefined : parseDuration(String(map.heartbeat));
  if (heartbeat !== undefined && (!heartbeat.ok || heartbeat.value <= 0))
    throw fail('heartbeat is a time, such as 25s');
  const { connections } = map;
  if (connections !== undefined && !(Number.isInteger(connections) && Number(connections) > 0))
    throw fail('connections is a number, such as 20000');
  const failOn = map.failOn === undefined ? null : severities[String(map.failOn)];
  if (failOn === undefined) throw fail('failOn is error, warning or note');
  const roots = Object.entries(mapping(map.roots ?? {}, () => fail('roots says of directories where they are here')));
  const ruleFiles = map.ruleFiles ?? [];
  if (!Array.isArray(ruleFiles)) throw fail('ruleFiles is a list of files');
  return {
    options: {
      levels: levelsFrom(map.rules ?? {}, fail),
      ...(target !== undefined && { target }),
      ...(heartbeat?.ok === true && { heartbeatMs: heartbeat.value }),
      ...(connections !== undefined && { connections: Number(connections) }),
    },
    roots: roots.map(([from, to]) => ({ from: from.replace(/\/+$/, ''), to: String(to).replace(/\/+$/, '') || '.' })),
    ruleFiles: ruleFiles.map(String),
    failOn,
  };
}

/** The output and the settings say note; SARIF and the library say info. */
export const severities: Readonly<Record<string, 'error' | 'warning' | 'info'>> = {
  error: 'error',
  warning: 'warning',
  note: 'info',
  info: 'info',
};

const levels: Readonly<Record<string, RuleLevel>> = {
  ...severities,
  off: 'off',
  on: 'on',
  // YAML reads these words as truth values.
  false: 'off',
  true: 'on',
};

function levelsFrom(written: unknown, fail: (what: string) => HoldlineError): ReadonlyMap<string, RuleLevel> {
  const rows = Object.entries(mapping(written, () => fail('rules says of rules off, on, error, warning or note')));
  return new Map(
    rows.map(([name, level]) => {
      const rule = ruleNamed(name);
      if (rule === undefined && /^ws\d/.test(name)) {
        const near = nearest(
          name,
          rules.map(({ id }) => id),
        );
        throw fail(`there is no rule "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`);
      }
      const known = levels[String(level)];
      if (known === undefined) throw fail(`${name} can be off, on, error, warning or note`);
      return [rule?.id ?? name, known];
    }),
  );
}

function mapping(written: unknown, problem: () => HoldlineError): Readonly<Record<string, unknown>> {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) throw problem();
  return written as Readonly<Record<string, unknown>>;
}

function invalid(file: string, what: string): HoldlineError {
  return new HoldlineError('lint-settings-invalid', `${file}: ${what}`);
}
