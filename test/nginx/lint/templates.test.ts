// biome-ignore-all lint/suspicious/noTemplateCurlyInString: braces behind a dollar are what template engines replace.
/** Templates of each engine: what is read along each branch, and nothing that only the engine could know. */
import { describe, expect, test } from 'vitest';
import { examineAll } from '../../../src/nginx/lint/examination.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';

/** `severity number line` of every finding, and all that is said. */
function examine(text: string, context = 'http') {
  const commented = `# holdline:context ${context}\n${text}`;
  const read = (reading: number) => readConfiguration('/t.conf', memoryReader({ '/t.conf': commented }), { reading });
  const { diagnostics } = examineAll(read, { target: [1, 22, 1] });
  const found = diagnostics.map(
    ({ code, where }) => `${code.startsWith('ws') ? code.slice(0, 5) : code} ${(where?.range?.start.line ?? 1) - 1}`,
  );
  return { found, said: diagnostics.map(({ message }) => message).join('\n') };
}

const good = `proxy_pass http://127.0.0.1:9000;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    proxy_read_timeout 1h;`;
/** A location with a fault of its own on its fifth line: Connection is taken from the client. */
const ws = `location /ws {\n    ${good}\n}`;

const engines: readonly (readonly [engine: string, start: string, otherwise: string, end: string, print: string])[] = [
  ['Jinja', '{% if tls %}', '{% else %}', '{% endif %}', '{{ port }}'],
  ['Go template', '{{ if .TLS }}', '{{ else }}', '{{ end }}', '{{ .Port }}'],
  ['Handlebars', '{{#if tls}}', '{{else}}', '{{/if}}', '{{port}}'],
  ['ERB', '<% if @tls %>', '<% else %>', '<% end %>', '<%= @port %>'],
  ['EJS', '<% if (tls) { %>', '<% } else { %>', '<% } %>', '<%= port %>'],
  ['FreeMarker', '<#if tls>', '<#else>', '</#if>', '${port}'],
];

describe.each(engines)('%s', (_engine, start, otherwise, end, print) => {
  test('branches that each open a block are read one after another', () => {
    const text = `${start}\nserver {\n    listen ${print} ssl;\n${otherwise}\nserver {\n    listen 80;\n${end}\n${ws}\n}\n`;
    expect(examine(text).found).toEqual(['nginx-template 1', 'ws037 12', 'ws017 13']);
  });

  test('a condition may begin and end on the line of a statement', () => {
    const text = `server {\n    listen 80;\n    server_name a.example.com; ${start} root /a; ${otherwise} root /b; ${end} index ${print};\n${ws}\n}\n`;
    expect(examine(text).found).toEqual(['nginx-template 3', 'ws037 8', 'ws017 9']);
  });

  test('what stands in one branch only is found there', () => {
    const other = ws.replace('/ws', '/cable').replace('proxy_read_timeout 1h', 'proxy_read_timeout 20s');
    const text = `server {\n    listen 80;\n${start}\n${ws}\n${otherwise}\n${other}\n${end}\n}\n`;
    expect(examine(text).found).toContain('ws007 19');
    expect(examine(text).found).toContain('ws017 9');
  });

  test('values that only the engine knows are not judged, nor told with odd letters', () => {
    const text = `${start}${end}\nserver {\n    listen ${print};\n    location /${print}/ws {\n        proxy_pass http://${print}:9000/${print};\n        proxy_http_version ${print};\n        proxy_set_header Connection ${print};\n        proxy_set_header Upgrade $http_upgrade;\n        proxy_set_header Host ${print};\n        proxy_read_timeout ${print};\n        include ${print}.conf;\n    }\n}\n`;
    const { found, said } = examine(text);
    expect(found.filter((each) => !each.startsWith('ws037'))).toEqual([expect.stringContaining('nginx-template')]);
    expect(said).not.toContain('\ue000');
  });
});

describe('placeholders', () => {
  test.each(['${EXTRA}', '@@EXTRA@@', '{{ extra }}'])(
    '%s alone on a line may be any lines, and swallows none',
    (mark) => {
      const bare = 'location /ws {\n    proxy_pass http://127.0.0.1:9000;\n}';
      const { found, said } = examine(`server {\n    listen 80;\n    ${mark}\n${bare}\n}\n`);
      expect(found).toEqual(expect.arrayContaining(['nginx-template 3', 'ws001 5', 'ws007 5']));
      expect(said).toContain(`(unless ${mark} or http sets it)`);
    },
  );

  test('an address that only the engine knows is no Host', () => {
    const { found } = examine('server {\n    location /ws {\n        proxy_pass http://{{ app }};\n    }\n}\n');
    expect(found.filter((each) => each.startsWith('ws0'))).toEqual(['ws001 3', 'ws005 3', 'ws007 3']);
  });

  test('a value on a line of its own is a value', () => {
    expect(examine('server {\n    server_name\n        {{ name }}\n    ;\n}\n').found).toEqual(['nginx-template 3']);
  });

  test('an address in capitals between signs is none', () => {
    expect(examine('server {\n    location @APP@X {\n    }\n}\n').found).toEqual([]);
  });
});

test('a template whose braces match along no branch is one line', () => {
  const { found } = examine('{% if a %}\nserver {\n{% endif %}\n{% if b %}\n}\n}\n{% endif %}\nlocation / {\n');
  expect(found).toEqual(['nginx-template-unreadable 0']);
});

test('four branches are four readings', () => {
  const branch = (time: string) => `    proxy_read_timeout ${time};\n`;
  const text = `server {\nlocation /ws {\n    ${good.replace(/ +proxy_read.*/, '')}{% if a %}\n${branch('1h')}{% elif b %}\n${branch('5s')}{% elif c %}\n${branch('6s')}{% else %}\n${branch('7s')}{% endif %}\n}\n}\n`;
  const lines = examine(text).found.filter((each) => each.startsWith('ws007'));
  expect(lines).toHaveLength(3);
});
