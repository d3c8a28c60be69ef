import { stringify } from 'yaml';
import { givenBy, type QuickSpecOptions } from './quick.ts';
import { type QuickSetting, quickSettings } from './settings.ts';

/** Where the notes begin, when the setting leaves room for them. */
const noteColumn = 46;

/**
 * The spec that options amount to, as a file to go on from: what was said, and what else is wanted most as comments. It
 * reads as the options do. The token is left out, which belongs into no file that is passed around.
 */
export function quickSpecText(options: QuickSpecOptions): string {
  const given = givenBy({ ...options, token: undefined });
  const settings = quickSettings.filter((setting) => (given(setting) ?? setting.otherwise) !== undefined);
  const shown = settings.filter(
    // An address that is written in one way needs no example of another.
    (setting) =>
      given(setting) !== undefined || !settings.some((other) => sameAt(other, setting) && given(other) !== undefined),
  );
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const setting of shown) {
    const block = setting.at.slice(0, -1);
    for (let depth = 1; depth <= block.length; depth++) {
      const at = block.slice(0, depth);
      if (at.every((name, index) => open[index] === name)) continue;
      const isSaid = shown.some(
        (other) => given(other) !== undefined && at.every((name, index) => other.at[index] === name),
      );
      lines.push(`${indent(at)}${isSaid ? '' : '# '}${at.at(-1)}:`);
    }
    open = block;
    const value = given(setting);
    const text = `${indent(setting.at)}${value === undefined ? '# ' : ''}${setting.at.at(-1)}: ${inline(value ?? setting.otherwise)}`;
    lines.push(`${text.padEnd(noteColumn)} # ${setting.note}`);
  }
  return [
    '# Lines that begin with # are not in force. To use one, take away its # and the space after it.',
    '# Every setting with its default and reason: docs/spec.md. holdline check FILE reads this one.',
    ...asOneRoute(lines),
    '',
  ].join('\n');
}

function sameAt(a: QuickSetting, b: QuickSetting): boolean {
  return a !== b && a.at.join() === b.at.join();
}

/** Within `routes` everything stands in the one entry of a list. */
function indent(at: readonly string[]): string {
  const depth = at.length - 1;
  return '  '.repeat(at[0] === 'routes' && depth > 0 ? depth + 1 : depth);
}

/** The first setting of a route carries the dash of its entry. */
function asOneRoute(lines: readonly string[]): string[] {
  const first = lines.indexOf('routes:') + 1;
  return lines.map((line, index) => (index === first ? line.replace(/^ {4}/, '  - ') : line));
}

function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}
