/** The library's way into the linter: places in UTF-16 units, whatever is given, and fixes that fit the text. */
import { describe, expect, test } from 'vitest';
import { applyEdits, fix, lint, memoryReader, type NginxSource, parse, read } from '../../src/nginx.ts';

const before = `# "üü€🙂"
events {}
http {
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    location /üü/ { proxy_set_header X-Ü "üü€🙂"; `;
const fault = 'proxy_pass ws://127.0.0.1:9000';
const text = `${before}${fault}; } # é
  }
}
`;
const name = 'nginx.conf';
const files = (content: string | Uint8Array, path = name): NginxSource => ({
  root: path,
  reader: memoryReader({ [path]: content }),
});

const included: NginxSource = {
  root: 'nginx.conf',
  reader: memoryReader({
    'nginx.conf': 'events {}\nhttp { include a.conf; }\n',
    'a.conf': text.split('http {')[1]!.replace(/\}\s*$/, ''),
  }),
};

const lineOf = (offset: number) => text.slice(0, offset).split('\n');

describe.each<[string, NginxSource]>([
  ['a text', text],
  ['a file in memory as text', files(text)],
  ['a file in memory as bytes', files(Buffer.from(text, 'utf8'))],
])('%s', (_title, source) => {
  const report = lint(source);

  test('is shown as the text that was given', () => {
    expect(report.sources.get(name)).toBe(text);
  });

  test('has its findings where an editor has them', () => {
    const found = report.diagnostics.find(({ code, where }) => code.startsWith('ws036') && where?.range !== undefined);
    const { start, end } = found!.where!.range!;
    expect(text.slice(start.offset, end.offset)).toBe(fault);
    expect(start).toEqual({
      line: lineOf(start.offset).length,
      column: before.split('\n').at(-1)!.length + 1,
      offset: before.length,
    });
  });

  test('has every place, of findings, suppressions and edits, between letters and not within one', () => {
    for (const { where, fix: mending, related = [] } of report.diagnostics) {
      for (const place of [where, ...related.map((each) => each.where)]) {
        const { range } = place!;
        if (range === undefined) continue;
        for (const { line, column, offset } of [range.start, range.end]) {
          const lines = lineOf(offset);
          expect({ line, column }).toEqual({ line: lines.length, column: lines.at(-1)!.length + 1 });
        }
      }
      for (const edit of mending?.edits ?? []) {
        const edited = applyEdits(text, [edit]);
        expect(edited.diagnostics).toEqual([]);
        expect(edited.value).toContain('# "üü€🙂"');
        expect(parse(edited.value).diagnostics).toEqual([]);
      }
    }
    expect(report.diagnostics.some(({ fix: mending }) => mending !== undefined)).toBe(true);
  });

  test('is mended, and every other letter stays', () => {
    const { changed, applied } = fix(source, { which: 'all' });
    expect(applied.length).toBeGreaterThan(0);
    expect(changed.map(({ path }) => path)).toEqual([name]);
    const [{ text: mended, bytes }] = changed as [(typeof changed)[number]];
    expect(Buffer.from(bytes).toString('utf8')).toBe(mended);
    expect(mended.startsWith('# "üü€🙂"\n')).toBe(true);
    expect(mended).toContain('"üü€🙂"');
    expect(mended).toContain('# é\n');
  });
});

test('places in an included file are those of that file', () => {
  const { diagnostics, sources } = lint(included);
  const found = diagnostics.find(({ code }) => code.startsWith('ws036'))!;
  const { start, end } = found.where!.range!;
  expect(sources.get(found.where!.file!)!.slice(start.offset, end.offset)).toBe(fault);
});

test('findings of reading are in UTF-16 units as well', () => {
  const broken = 'events {}\nhttp { server { add_header X "üü€"; bogus_directive; } } }\n';
  for (const source of [broken, files(Buffer.from(broken))]) {
    const [found] = read(source).diagnostics;
    expect(broken.slice(found!.where!.range!.start.offset, found!.where!.range!.end.offset)).toBe('}');
    expect(found!.where!.range!.start.offset).toBe(broken.lastIndexOf('}'));
  }
});

test('a file that is not UTF-8 keeps its bytes', () => {
  const latin1 = Buffer.from(text.replaceAll(/[€🙂]/gu, ''), 'latin1');
  const { changed } = fix(files(latin1), { which: 'all' });
  expect(Buffer.from(changed[0]!.bytes).includes(Buffer.from('"üü"', 'latin1'))).toBe(true);
});

test('a part of a configuration is taken for one', () => {
  const codes = lint('location /ws/ { proxy_pass http://127.0.0.1:9000; }').diagnostics.map(({ code }) => code);
  expect(codes).toContain('ws001-upgrade-missing');
  expect(codes.filter((code) => code.startsWith('nginx-'))).toEqual([]);
});

test('more findings of one rule than are told are mended all the same', () => {
  const count = 1100;
  const site = (number: number) =>
    `server { listen 80; server_name s${number}.example.com; location /ws { proxy_pass http://127.0.0.1:9000; proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $co; } }\n`;
  const text = `events {}\nhttp {\nmap $http_upgrade $co { default upgrade; "" ""; }\n${Array.from({ length: count }, (_, number) => site(number)).join('')}}\n`;
  expect(lint(text).diagnostics.filter(({ code }) => code.startsWith('ws007'))).toHaveLength(500);
  expect(fix(text).changed[0]!.text.match(/proxy_read_timeout 1h;/g)).toHaveLength(count);
});
