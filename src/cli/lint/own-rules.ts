/**
 * Rules of the user's own: a module whose default export is a rule or a list of them (docs/lint.md has the interface).
 */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { HoldlineError } from '../../base/error.ts';
import { stripsTypes } from '../../gateway/hooks/loader.ts';
import type { Rule } from '../../nginx/lint/rule.ts';
import { ruleNamed } from '../../nginx/lint/rules.ts';

/** Throws lint-rule-unusable. */
export async function readRules(files: readonly string[]): Promise<readonly Rule[]> {
  const found: Rule[] = [];
  for (const file of files) {
    const { default: exported } = await load(file);
    for (const rule of Array.isArray(exported) ? exported : [exported]) {
      const problem = problemOf(rule, found);
      if (problem !== null) throw unusable(file, problem);
      found.push(rule as Rule);
    }
  }
  return found;
}

async function load(file: string): Promise<{ readonly default?: unknown }> {
  const absolute = path.resolve(file);
  try {
    if (!/\.[cm]?ts$/.test(file) || stripsTypes)
      return (await import(pathToFileURL(absolute).href)) as { default?: unknown };
    // For Nodes that do not strip types. Only types are imported, so that the module needs no place of its own.
    const { transpile } = await import('../../gateway/hooks/typescript.ts');
    const { code } = await transpile(absolute, await readFile(absolute, 'utf8'));
    return (await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)) as {
      default?: unknown;
    };
  } catch (error) {
    throw unusable(file, error instanceof Error ? error.message : String(error));
  }
}

const texts = ['title', 'why', 'evidence', 'help'] as const;

function problemOf(rule: unknown, others: readonly Rule[]): string | null {
  if (typeof rule !== 'object' || rule === null) return 'its default export is neither a rule nor a list of rules';
  const { id, severity, check } = rule as Partial<Rule>;
  if (typeof id !== 'string' || !/^[a-z][a-z0-9-]+$/.test(id)) return 'a rule needs an id such as no-public-admin';
  if (ruleNamed(id) !== undefined || others.some((other) => other.id === id)) return `there is a rule ${id} already`;
  if (severity !== 'error' && severity !== 'warning' && severity !== 'info')
    return `severity of ${id} has to be error, warning or info`;
  const missing = texts.find((name) => typeof (rule as Partial<Rule>)[name] !== 'string');
  if (missing !== undefined) return `${id} has no ${missing}`;
  return typeof check === 'function' ? null : `${id} has no check(context)`;
}

function unusable(file: string, what: string): HoldlineError {
  return new HoldlineError('lint-rule-unusable', `${file}: ${what}`);
}
