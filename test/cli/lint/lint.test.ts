import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectionLine, directory, example, lint, write } from './linting.ts';

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
    expect(err).toContain('standard input cannot be fixed');
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

test('what Debian ships has no error', async () => {
  const { code, out } = await lint(['/etc/nginx/nginx.conf']);
  expect(code).toBe(0);
  expect(out).not.toMatch(/ error: /);
  expect(out).toContain('no location carries WebSockets');
});
