/** holdline lint: every form of output, the exit codes, and that fixes are written only when nginx has no objection. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import draft04 from 'ajv-draft-04';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exampleConfiguration } from '../../../src/nginx/lint/example.ts';
import { ruleNamed, rules } from '../../../src/nginx/lint/rules.ts';
import { unifiedDiff } from '../../../src/report/lint/diff.ts';
import { capture } from '../capture.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-lint-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, text: string | Uint8Array): string {
  const file = path.join(directory, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const read = (file: string) => readFileSync(file, 'utf8');
const lint = (args: readonly string[], env: Record<string, string> = {}) =>
  capture(['lint', '--target', '1.22.1', ...args], { env });
/** The line on which something first stands. */
const lineOf = (text: string, wanted: string) => text.split('\n').findIndex((line) => line.includes(wanted)) + 1;
const connectionLine = () => lineOf(example('ws003'), 'proxy_set_header Connection');
const example = (number: string, kind: 'bad' | 'good' = 'bad') => exampleConfiguration(ruleNamed(number)!, kind);

/** A program called nginx that says 1.22.1 and answers -t as it is told, one answer after another. */
function fakeNginx(...accepts: readonly boolean[]): Record<string, string> {
  const answers = write('fake/answers', accepts.map((yes) => (yes ? '0' : '1')).join('\n'));
  const program = write(
    'fake/nginx',
    `#!/bin/sh
if [ "$1" = -v ]; then echo 'nginx version: nginx/1.22.1' >&2; exit 0; fi
answer=$(/usr/bin/head -n 1 ${answers}); /bin/sed -i 1d ${answers}
[ "$answer" = 0 ] || echo 'nginx: [emerg] no, thank you' >&2
exit "$answer"
`,
  );
  chmodSync(program, 0o755);
  return { PATH: path.dirname(program) };
}

describe('exit codes', () => {
  test.each([
    ['nothing found', 'ws001', 'good', [], 0],
    ['an error', 'ws002', 'bad', [], 1],
    ['a warning', 'ws007', 'bad', [], 0],
    ['a warning that shall fail', 'ws007', 'bad', ['--fail-on', 'warning'], 1],
    ['a note', 'ws012', 'bad', ['--fail-on', 'warning'], 0],
    ['a note that shall fail', 'ws012', 'bad', ['--fail-on', 'note'], 1],
    ['the same, as SARIF and the library call it', 'ws012', 'bad', ['--fail-on', 'info'], 1],
    ['an unknown severity', 'ws012', 'bad', ['--fail-on', 'fatal'], 2],
    ['a version that is none', 'ws012', 'bad', ['--target', 'new'], 2],
    ['a heartbeat that is none', 'ws012', 'bad', ['--heartbeat', '0'], 2],
    ['a rule that is none', 'ws012', 'bad', ['--enable', 'ws999'], 2],
    ['a context that is none', 'ws012', 'bad', ['--context', 'house'], 2],
  ] as const)('%s', async (_name, number, kind, args, code) => {
    expect((await lint([write('nginx.conf', example(number, kind)), ...args])).code).toBe(code);
  });

  test('a file that is not there, and a directory, could not be linted', async () => {
    expect((await lint([path.join(directory, 'none.conf')])).code).toBe(3);
    expect((await lint([directory])).code).toBe(3);
    expect((await lint(['--effective', path.join(directory, 'none.conf')])).code).toBe(3);
  });
});

describe('text', () => {
  test('shows place, line and caret, the reason once, and what --fix could do', async () => {
    const { out } = await lint([write('nginx.conf', example('ws003'))]);
    expect(out).toContain(
      `:${connectionLine()}:13: error: "location /ws" passes Upgrade on and takes Connection away [ws003-`,
    );
    expect(out).toContain(
      `  ${connectionLine()} |             proxy_set_header Connection "";\n     |             ^~~~`,
    );
    expect(out).toContain('--fix can mend 1 of them');
  });

  test.each(['--fix', '--fix-all'])('%s cannot write standard input', async (option) => {
    const { code, err } = await lint([option, '-']);
    expect(code).toBe(2);
    expect(err).toContain('standard input cannot be mended');
  });

  test('says what takes --fix-all: a fix that is shown and that --fix leaves alone', async () => {
    const { out } = await lint([write('nginx.conf', example('ws037'))]);
    expect(out).toMatch(/--fix-all can mend \d of them, --diff --fix-all shows how\.\n$/);
  });

  test('counts letters, not bytes, where the file is UTF-8, and shows what it can of what is not', async () => {
    const remark = '/* für */';
    const text = example('ws003').replace(
      'proxy_set_header Connection',
      `set $a "${remark}"; proxy_set_header Connection`,
    );
    const { out } = await lint([write('nginx.conf', text)]);
    const column = text.split('\n')[connectionLine() - 1]!.indexOf('proxy_set_header') + 1;
    expect(out).toContain(`:${connectionLine()}:${column}: error`);
    expect(out).toContain(remark);
    const latin = await lint([write('latin.conf', Buffer.from(text, 'latin1'))]);
    expect(latin.out).toContain(`:${connectionLine()}:${column}: error`);
  });

  test('does not let a file write to the terminal', async () => {
    const { out } = await lint([write('nginx.conf', example('ws001').replace('/ws', '"/ws\u001b[31m"'))]);
    expect(out).not.toContain('\u001b');
  });

  test('reads a part as what it looks like, and says so', async () => {
    const { out } = await lint([
      write('app.conf', 'server {\n    location /ws {\n        proxy_pass http://127.0.0.1:9000;\n    }\n}\n'),
    ]);
    expect(out).toContain('read as a part of http (a guess: --context says it)');
  });

  test('resolves includes of a part from the directory of nginx.conf', async () => {
    write('nginx.conf', 'events {}');
    write('snippets/headers.conf', 'proxy_set_header Host $host;\n');
    const file = write(
      'sites/app.conf',
      'server {\n    location /ws {\n        proxy_pass http://127.0.0.1:9000;\n        include snippets/headers.conf;\n    }\n}\n',
    );
    const { out } = await lint([file]);
    expect(out).toContain('with 1 included file');
    expect(out).toContain('[ws001-upgrade-missing]');
  });
});

describe('JSON', () => {
  const schema = JSON.parse(read(path.resolve(import.meta.dirname, '../../../schema/lint-report.schema.json')));
  const valid = new Ajv({ allErrors: true }).compile(schema);

  test.each(rules.map((rule) => [rule.id, rule] as const))(
    'of the example of %s keeps to the schema',
    async (_id, rule) => {
      const file = write('nginx.conf', exampleConfiguration(rule, 'bad'));
      const report = JSON.parse((await lint(['--format', 'json', '--enable', rule.id, file])).out);
      expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
    },
  );

  test('says what was fixed, and what was kept quiet', async () => {
    const file = write('nginx.conf', example('ws002'));
    const fixed = JSON.parse((await lint(['--format', 'json', '--fix', file], fakeNginx(true, true))).out);
    expect(valid(fixed), JSON.stringify(valid.errors)).toBe(true);
    expect(fixed.fixes.applied).toMatchObject([
      { code: 'ws002-connection-missing', line: lineOf(example('ws002'), 'proxy_set_header Upgrade') },
    ]);
    const quiet = write(
      'quiet.conf',
      example('ws007').replace('        location', '        # holdline:ignore ws007: pings\n        location'),
    );
    const report = JSON.parse((await lint(['--format', 'json', quiet])).out);
    expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
    expect(report.suppressed).toMatchObject([{ reason: 'pings', diagnostic: { code: 'ws007-idle-timeout-default' } }]);
  });

  test('a schema that anything passes would be none', () => {
    expect(valid({ version: 2 })).toBe(false);
  });
});

/** The official schema, as it is published with the package. */
const sarifSchema = path.resolve(
  import.meta.dirname,
  '../../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
);
const validSarif = new draft04.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
  JSON.parse(readFileSync(sarifSchema, 'utf8')),
);

describe('SARIF', () => {
  test('has rule, place, and a fix whose replacement mends the text', async () => {
    const text = example('ws003');
    const file = write('nginx.conf', text);
    const log = JSON.parse((await lint(['--format', 'sarif', file])).out);
    const [run] = log.runs;
    const [result] = run.results;
    expect(log).toMatchObject({ version: '2.1.0' });
    expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(result).toMatchObject({ ruleId: 'ws003-connection-empty-or-close', level: 'error' });
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    expect(artifactLocation.uri).toBe(`file://${file}`);
    expect(region).toEqual({
      startLine: connectionLine(),
      startColumn: 13,
      endLine: connectionLine(),
      endColumn: 43,
    });
    const [{ deletedRegion, insertedContent }] = result.fixes[0].artifactChanges[0].replacements;
    const line = text.split('\n')[deletedRegion.startLine - 1]!;
    expect(
      line.slice(0, deletedRegion.startColumn - 1) + insertedContent.text + line.slice(deletedRegion.endColumn - 1),
    ).toBe('            proxy_set_header Connection $websocket_connection;');
  });

  test.each(['ws001', 'ws003', 'ws004', 'ws014', 'ws022', 'ws037', 'ws043'])(
    'of %s is valid by the official schema',
    async (rule) => {
      const file = write('nginx.conf', example(rule));
      const log = JSON.parse((await lint(['--format', 'sarif', file])).out);
      expect(log.runs[0].results.length).toBeGreaterThan(0);
      expect(validSarif(log), JSON.stringify(validSarif.errors)).toBe(true);
      expect(validSarif({ ...log, version: 7 })).toBe(false);
    },
  );

  test('keeps what comments keep quiet, as suppressed', async () => {
    const quiet = write(
      'quiet.conf',
      example('ws007').replace('        location', '        # holdline:ignore ws007: pings\n        location'),
    );
    const log = JSON.parse((await lint(['--format', 'sarif', quiet])).out);
    expect(log.runs[0].results).toMatchObject([{ suppressions: [{ kind: 'inSource', justification: 'pings' }] }]);
  });
});

test('GitHub: one command a line, with what would end it written otherwise', async () => {
  const file = write('a,b:c.conf', example('ws003').replace('Connection "";', 'Connection "50%";'));
  const { out } = await lint(['--format', 'github', file]);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  expect(out).toMatch(
    /^::error file=[^,:]*a%2Cb%3Ac\.conf,line=\d+,endLine=\d+,col=13,endColumn=\d+,title=ws003-connection-empty-or-close::/,
  );
  expect(out).toContain('"Connection: 50%25"%0A');
});

test('Markdown: a section for each finding, in which nothing of the file is markup', async () => {
  const file = write('nginx.conf', example('ws001').replace('/ws', '"/ws/<b>*x*`"'));
  const { out } = await lint(['--format', 'markdown', file]);
  expect(out).toContain('## Warning: "location ');
  expect(out.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')).not.toMatch(/[^\\]<b>/);
});

describe('--effective', () => {
  const file = () =>
    write(
      'nginx.conf',
      `events {}
http {
    upstream chat { server 10.0.0.1:9000; server 10.0.0.2:9000; least_conn; }
    map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
    proxy_read_timeout 90s;
    server {
        server_name app.example.com a-very-long-name-that-nobody-would-ever-want-to-type.example.com;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        location / { try_files $uri @app; }
        location @app { proxy_pass http://chat; }
        location /ws/ {
            proxy_pass http://chat;
            proxy_set_header X-Token "a value that is longer than what fits on one line of a terminal with eighty columns";
        }
    }
}
`,
    );

  test('tells where each value comes from, and what a handshake comes to', async () => {
    const { out, code } = await lint(['--effective', '--location', '@app', file()]);
    expect(code).toBe(0);
    expect(out).toMatch(/^location @app +nginx\.conf:13\n/);
    expect(out).toMatch(/Upgrade {2,}websocket from \$http_upgrade {2,}server, nginx\.conf:10\n/);
    expect(out).toMatch(/proxy_read_timeout {2,}90s {2,}http, nginx\.conf:5\n/);
    expect(out).toMatch(/proxy_send_timeout {2,}60s {2,}default of nginx 1\.22\.1\n/);
    expect(out).toContain('reaches the backend as one.');
    expect(out).toContain('goes to http://chat (2 servers, least-conn).');
    expect(out).toContain('location / (try_files, nginx.conf:12)');
  });

  test('tells what was lost, and to which line', async () => {
    const { out } = await lint(['--location', '/ws/', file()]);
    expect(out).toContain('arrives as an ordinary request, not as a handshake: Upgrade is not sent');
    expect(out).toMatch(/proxy_set_header +Upgrade \$http_upgrade +server, nginx\.conf:10, to line 16\n/);
  });

  test('fits the terminal', async () => {
    const { out } = await lint(['--effective', file()]);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('says when there is no such location', async () => {
    const { code, err } = await lint(['--location', '/nowhere', file()]);
    expect([code, err]).toEqual([1, 'There is no location "/nowhere".\n']);
  });
});

describe('fixes', () => {
  test('--diff shows and writes nothing', async () => {
    const text = example('ws003');
    const file = write('nginx.conf', text);
    const { out } = await lint(['--diff', file]);
    expect(out).toBe(`--- ${file}
+++ ${file}
@@ -${connectionLine() - 3},7 +${connectionLine() - 3},7 @@
             proxy_http_version 1.1;
             proxy_set_header Host $http_host;
             proxy_set_header Upgrade $websocket_upgrade;
-            proxy_set_header Connection "";
+            proxy_set_header Connection $websocket_connection;
             proxy_read_timeout 10m;
         }
     }
`);
    expect(read(file)).toBe(text);
  });

  test('--fix writes, through links, keeping the mode, and leaves nothing behind', async () => {
    const file = write('real/nginx.conf', example('ws003'));
    chmodSync(file, 0o640);
    const link = path.join(directory, 'nginx.conf');
    symlinkSync(file, link);
    const { out, code } = await lint(['--fix', link], fakeNginx(true, true));
    expect(code).toBe(0);
    expect(out).toContain('nginx -t: accepts the mended files');
    expect(read(file)).toBe(example('ws003', 'good'));
    expect(readdirSync(path.dirname(file))).toEqual(['nginx.conf']);
    expect(readdirSync(directory).sort()).toEqual(['fake', 'nginx.conf', 'real']);
  });

  test('are put back when nginx had no objection before and has one after', async () => {
    const text = example('ws003');
    const file = write('nginx.conf', text);
    const { out, code } = await lint(['--fix', file], fakeNginx(true, false));
    expect(read(file)).toBe(text);
    expect(out).toContain('back as it was');
    expect(out).toContain('no, thank you');
    expect(code).toBe(1);
  });

  test('stay when nginx had objections before as well', async () => {
    const file = write('nginx.conf', example('ws003'));
    const { out } = await lint(['--fix', file], fakeNginx(false, false));
    expect(read(file)).toBe(example('ws003', 'good'));
    expect(out).toContain('did not accept the files before either');
  });

  test('that somebody has to want are made by --fix-all only', async () => {
    const file = write('nginx.conf', example('ws022'));
    await lint(['--fix', file], fakeNginx());
    expect(read(file)).toBe(example('ws022'));
    await lint(['--fix-all', file], fakeNginx(true, true));
    expect(read(file)).not.toContain('Origin');
  });

  test('bytes that are no UTF-8 come through', async () => {
    const bytes = Buffer.from(`# \xff\xfe\n${example('ws003')}`, 'latin1');
    const file = write('nginx.conf', bytes);
    await lint(['--fix', file], fakeNginx(true, true));
    expect(readFileSync(file).subarray(0, 5)).toEqual(bytes.subarray(0, 5));
    expect(read(file)).toContain('$websocket_connection;');
  });
});

describe('unified differences', () => {
  test.each([
    ['a\n', 'a\n', ''],
    ['a\n', 'b\n', '@@ -1,1 +1,1 @@\n-a\n+b\n'],
    ['', 'a\n', '@@ -0,0 +1,1 @@\n+a\n'],
    ['a', 'a\n', '@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n'],
    ['1\n2\n3\n4\n5\n6\n7\n8\n9\n', '1\n2\n3\n4\nx\n6\n7\n8\n9\n', '@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n'],
    [
      'a\n1\n2\n3\n4\n5\n6\n7\nb\n',
      'A\n1\n2\n3\n4\n5\n6\n7\nB\n',
      '@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n',
    ],
  ])('%j to %j', (before, after, expected) => {
    expect(unifiedDiff('f', before, after)).toBe(expected === '' ? '' : `--- f\n+++ f\n${expected}`);
  });
});

test('what Debian ships has no error', async () => {
  const { code, out } = await lint(['/etc/nginx/nginx.conf']);
  expect(code).toBe(0);
  expect(out).not.toMatch(/ error: /);
  expect(out).toContain('no location carries WebSockets');
});
