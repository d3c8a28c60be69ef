/** holdline lint --diff and --fix: fixes are written only when nginx has no objection. */
import { chmodSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/report/lint/diff.ts';
import { connectionLine, directory, example, fakeNginx, lint, read, write } from './linting.ts';

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
    expect(out).toContain('nginx -t: accepts the fixed files');
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
