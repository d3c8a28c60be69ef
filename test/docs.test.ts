/**
 * What ARCHITECTURE.md, CONTRIBUTING.md and SECURITY.md name is there, what is in src/ has its place in the map, and
 * the numbers that pages give are those of the code.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { claims } from '../src/nginx/knowledge/claims.ts';
import { rules } from '../src/nginx/lint/rules.ts';
import { sections } from '../src/probe/conformance/sections.ts';

const root = path.resolve(import.meta.dirname, '..');
const page = (name: string) => readFileSync(path.join(root, name), 'utf8');
const rooms = ['benchmarks', 'docs', 'schema', 'scripts', 'src', 'test'];

/** `/src/a/b.ts`, `/src/a/`, and files also without their `.ts`: a page may leave out what goes without saying. */
const there = [...rooms.flatMap((room) => entriesOf(room)), ...entriesIn('.', false)].flatMap((entry) => [
  `/${entry}`,
  `/${entry.replace(/(\.ts|\/)$/, '')}`,
]);

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'])(
  '%s names no file and no folder that is gone',
  (name) => {
    const named = [...new Set(pathsIn(page(name)))];
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((each) => !there.some((entry) => entry.endsWith(`/${each}`)))).toEqual([]);
  },
);

test('each folder of src/, and each folder in one, stands in the first column of the map', () => {
  const column = page('ARCHITECTURE.md').matchAll(/^\| (`[^|]+) \|/gm);
  const rows = [...column].flatMap(([, cell]) => pathsIn(cell!)).map((each) => each.replace(/\/$/, ''));
  const folders = entriesIn('src', true).filter((entry) => /^src\/[^/]+\/([^/]+\/)?$/.test(entry));
  const isNamed = (folder: string) => rows.some((row) => row === folder || row.startsWith(`${folder}/`));
  const missing = folders.map((folder) => folder.slice('src/'.length, -1)).filter((folder) => !isNamed(folder));
  expect(folders.length).toBeGreaterThan(50);
  expect(missing).toEqual([]);
});

test.each([
  ['README.md', /(\d+) rules about WebSockets/g, rules.length],
  ['README.md', /tests (\d+) pieces of common advice/g, claims.length],
  ['docs/probe.md', /(\d+) cases of RFC|\d+ of (\d+) pass/g, sections.flatMap(({ cases }) => cases).length],
])('%s counts as the code does: %s', (name, pattern, count) => {
  const told = [...page(name).matchAll(pattern)].map(([, ...numbers]) => Number(numbers.find((each) => each)));
  expect(told.length).toBeGreaterThan(0);
  expect(told.filter((each) => each !== count)).toEqual([]);
});

function entriesOf(room: string): string[] {
  return [`${room}/`, ...entriesIn(room, true)];
}

function entriesIn(folder: string, recursive: boolean): string[] {
  return readdirSync(path.join(root, folder), { recursive, withFileTypes: true }).map((entry) => {
    const name = path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
    return entry.isDirectory() ? `${name}/` : name;
  });
}

/**
 * Words in code that have the form of a path (`a/b.ts`, `a/{b,c}/`, `b.ts`, `a/`), and files of a room that stand in
 * plain text.
 */
function pathsIn(text: string): string[] {
  const code = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, words]) => words!.split(' ')).flatMap(withoutBraces);
  const plain = [...text.matchAll(new RegExp(`(?<![\\w./])(?:${rooms.join('|')})/[\\w/-]+(?:\\.\\w+)+`, 'g'))];
  // An export of the package is no file, what is built may not be there, and a recipe leaves NAME to its reader.
  const isPath = /^(?!holdline\/|dist\/)(?!.*NAME)([\w.-]+\/)+([\w.-]+)?$|^[\w-]+\.(ts|mjs|md)$/;
  return [
    ...code.filter((word) => isPath.test(word)),
    ...plain.map(([word]) => word).filter((word) => isPath.test(word)),
  ];
}

/** `a/{b,c}` stands for `a/b` and `a/c`, as in a shell. */
function withoutBraces(word: string): string[] {
  const [, before, list, after] = /^(.*?)\{(.*?)\}(.*)$/.exec(word) ?? [];
  return list === undefined ? [word] : list.split(',').flatMap((each) => withoutBraces(`${before}${each}${after}`));
}
