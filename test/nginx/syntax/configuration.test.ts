import { describe, expect, test } from 'vitest';
import { type ReadOptions, readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { contextOfText } from '../../../src/nginx/syntax/fragment.ts';
import { globMatches } from '../../../src/nginx/syntax/glob.ts';
import { parse } from '../../../src/nginx/syntax/parser.ts';
import { lineOf } from '../../../src/nginx/syntax/place.ts';
import { type ConfigReader, memoryReader } from '../../../src/nginx/syntax/reader.ts';
import type { Statement } from '../../../src/nginx/syntax/tree.ts';

/** Statements as `name(args)[children]`, and findings as `code file:line`. */
function read(files: Record<string, string>, options: ReadOptions = {}, reader: ConfigReader = memoryReader(files)) {
  const { value, diagnostics } = readConfiguration('/c/nginx.conf', reader, options);
  const shown = ({ directive, children }: Statement): string =>
    directive.name + (children.length > 0 ? `[${children.map(shown).join(' ')}]` : '');
  return {
    value,
    statements: value.statements.map(shown).join(' '),
    found: diagnostics.map(({ code, where }) => `${code} ${where?.file ?? ''}:${where?.range?.start.line ?? ''}`),
  };
}

test.each<[name: string, files: Record<string, string>, statements: string, found: string[]]>([
  ['one file', { '/c/nginx.conf': 'a; b { c; }' }, 'a b[c]', []],
  ['relative to the root file', { '/c/nginx.conf': 'include x.conf; z;', '/c/x.conf': 'y;' }, 'y z', []],
  ['inside a block', { '/c/nginx.conf': 'b { include /x; }', '/x': 'y; w { v; }' }, 'b[y w[v]]', []],
  [
    'a pattern, in the order of bytes',
    {
      '/c/nginx.conf': 'include d/*.conf;',
      '/c/d/b.conf': 'b;',
      '/c/d/B.conf': 'B;',
      '/c/d/a.conf': 'a;',
      '/c/d/.h.conf': 'h;',
    },
    'B a b',
    [],
  ],
  [
    'a pattern without a match',
    { '/c/nginx.conf': 'include d/*.conf; a;' },
    'a',
    ['nginx-include-no-match /c/nginx.conf:1'],
  ],
  ['the way to say that a file is optional', { '/c/nginx.conf': 'include x[.]conf;', '/c/x.conf': 'x;' }, 'x', []],
  ['a missing file', { '/c/nginx.conf': '\ninclude x;' }, '', ['nginx-include-missing /c/nginx.conf:2']],
  ['itself', { '/c/nginx.conf': 'a; include nginx.conf;' }, 'a', ['nginx-include-cycle /c/nginx.conf:1']],
  [
    'each other',
    { '/c/nginx.conf': 'include x;', '/c/x': 'x; include y;', '/c/y': 'y; include x;' },
    'x y',
    ['nginx-include-cycle /c/y:1'],
  ],
  [
    'a file twice, each time where it is wanted',
    { '/c/nginx.conf': 'a { include x; } b { include x; }', '/c/x': 'x;' },
    'a[x] b[x]',
    [],
  ],
  [
    'an include that is an entry of data',
    { '/c/nginx.conf': 'split_clients a $b { include x; }' },
    'split_clients[include]',
    [],
  ],
  ['an include in a map', { '/c/nginx.conf': 'map a $b { include x; }', '/c/x': 'k v;' }, 'map[k]', []],
  ['an include with no argument stays', { '/c/nginx.conf': 'include; a;' }, 'include a', []],
  ['no root file', {}, '', ['nginx-unreadable-file /c/nginx.conf:']],
])('%s', (_name, files, statements, found) => {
  expect(read(files)).toMatchObject({ statements, found });
});

test('statements know the file, the block and the way they came', () => {
  const { value } = read({ '/c/nginx.conf': 'b {\ninclude x;\n}', '/c/x': '\n\ny;' });
  const [y] = value.statements[0]!.children;
  expect(y!.parent).toBe(value.statements[0]);
  expect([y!.directive.file.path, lineOf(y!.directive), y!.through.map(lineOf)]).toEqual(['/c/x', 3, [2]]);
});

test('an own prefix for relative includes', () => {
  expect(read({ '/c/nginx.conf': 'include x;', '/etc/nginx/x': 'y;' }, { prefix: '/etc/nginx' }).statements).toBe('y');
});

test.each(['directory', 'unreadable'] as const)('a %s in place of a file', (problem) => {
  const files = memoryReader({ '/c/nginx.conf': 'include d;' });
  const reader: ConfigReader = {
    glob: files.glob,
    read: (path, max) => (path === '/c/d' ? { ok: false, problem, message: 'EACCES' } : files.read(path, max)),
  };
  expect(read({}, {}, reader).found).toEqual(['nginx-unreadable-file /c/nginx.conf:1']);
});

describe('bounds', () => {
  const stops = (files: Record<string, string>, limits: NonNullable<ReadOptions['limits']>) =>
    read(files, { limits }).found;

  test('an include bomb', () => {
    const files: Record<string, string> = { '/c/nginx.conf': 'include f0;'.repeat(10) };
    for (let level = 0; level < 30; level++) files[`/c/f${level}`] = `include f${level + 1};`.repeat(10);
    files['/c/f30'] = 'a;';
    expect(stops(files, { statementsMax: 1000 })).toEqual([expect.stringMatching(/^nginx-limit-reached/)]);
    expect(stops(files, {})).toHaveLength(1);
  });

  test('includes too deep', () => {
    const files: Record<string, string> = {};
    for (let level = 0; level < 60; level++) files[`/c/f${level}`] = `include f${level + 1};`;
    files['/c/nginx.conf'] = 'include f0;';
    expect(stops(files, {})).toEqual(['nginx-limit-reached /c/f49:1']);
  });

  test('a hundred thousand nested blocks', () => {
    const { value, diagnostics } = readConfiguration(
      '/n',
      memoryReader({ '/n': 'a {'.repeat(100_000) + '}'.repeat(100_000) }),
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['nginx-limit-reached']);
    expect(value.root.text.length).toBe(400_000);
  });

  test('a hundred thousand braces that nobody closes', () => {
    const { diagnostics } = parse('{'.repeat(100_000));
    expect(diagnostics).toHaveLength(1001);
    expect(diagnostics.at(-1)!.code).toBe('nginx-limit-reached');
  });

  test.each([
    ['too many words', 'a b c;'.repeat(10), { nodesMax: 20 }, 'nginx-limit-reached /c/nginx.conf:1'],
    ['too many bytes', 'a;'.repeat(10), { fileBytesMax: 5 }, 'nginx-limit-reached /c/nginx.conf:'],
    ['too many files', 'include x; include y;', { filesMax: 2 }, 'nginx-limit-reached /c/nginx.conf:1'],
  ])('%s', (_name, text, limits, expected) => {
    expect(stops({ '/c/nginx.conf': text, '/c/x': 'x;', '/c/y': 'y;' }, limits)).toEqual([expected]);
  });

  test('what is left unread is still part of the text', () => {
    const { value } = parse('a b;'.repeat(10), { limits: { nodesMax: 5 } });
    expect(value.readUpTo).toBeLessThan(value.text.length);
  });
});

test.each([
  ['*.conf', 'a.conf', true],
  ['*.conf', '.a.conf', false],
  ['.*', '.a', true],
  ['/a/*/c', '/a/b/c', true],
  ['/a/*', '/a/b/c', false],
  ['a?c', 'abc', true],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['x[.]conf', 'x.conf', true],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['[', '[', true],
  ['*a*a*a*a*a*b', 'a'.repeat(200), false],
])('the pattern %s and %s', (pattern, path, expected) => {
  expect(globMatches(pattern, path)).toBe(expected);
});

describe('fragments', () => {
  test.each([
    ['# holdline:context http,server\nlocation / { }', ['http', 'server']],
    ['a;\n#holdline:context http server location', ['http', 'server', 'location']],
    ['# holdline:context nowhere\na;', null],
    ['a "# holdline:context http";', null],
  ])('%j says %j', (text, expected) => {
    expect(contextOfText(parse(text).value)).toEqual(expected);
  });
});
