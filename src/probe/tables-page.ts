/** The tables of docs/probe.md, each between two comments in the page; scripts/probe-page.mjs puts them there. */
import { knownHops } from '../base/hop.ts';
import { checks } from './checks/run.ts';
import { sections } from './conformance/sections.ts';

const tables: Readonly<Record<string, () => string>> = {
  checks: () =>
    table(
      ['id', 'group', 'what', 'why'],
      checks.map(({ id, group, title, why }) => [`\`${id}\``, group, title, why]),
    ),
  sections: () => {
    const rows = sections.map((section, i) => [
      String(i + 1),
      `\`${section.id}\``,
      section.title,
      String(section.cases.length),
      rfcsOf(section.cases),
    ]);
    const sum = sections.reduce((total, section) => total + section.cases.length, 0);
    return table(['', 'section', 'what', 'cases', 'demanded by'], [...rows, ['', '', 'all', String(sum), '']]);
  },
  hops: () =>
    table(
      ['after', 'probably', 'because'],
      knownHops.flatMap(({ idleTimeoutMs, label, about }) =>
        idleTimeoutMs === null ? [] : [[`${idleTimeoutMs / 1000} s`, label, about]],
      ),
    ),
};

/** The page with every table as the code has it now. Throws for a page that lacks a place for one. */
export function withTables(page: string): string {
  return Object.entries(tables).reduce((text, [name, make]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`the page has no place for the table of ${name}`);
    return `${text.slice(0, from + begin.length)}\n\n${make()}\n\n${text.slice(to)}`;
  }, page);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** `RFC 6455, 5.2` and `RFC 6455, 4.2.1 item 5` are 5.2 and 4.2.1 of RFC 6455. */
function rfcsOf(cases: readonly { readonly rfc: string }[]): string {
  const places = new Map<string, Set<string>>();
  for (const { rfc } of cases) {
    const [name, place] = rfc.split(', ') as [string, string | undefined];
    const set = places.get(name) ?? new Set();
    if (place !== undefined) set.add(place.split(' ')[0]!);
    places.set(name, set);
  }
  return [...places].map(([name, set]) => `${name}: ${[...set].sort(byNumber).join(', ')}`).join('; ');
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
