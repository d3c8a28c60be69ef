import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routeSchema } from '../../../src/spec/schema/route.ts';
import { capture } from '../capture.ts';

let directory: string;
const file = (name: string) => path.join(directory, name);
const specs: Record<string, string | Uint8Array> = {
  'good.yaml': 'upstreams: { app: { servers: http://127.0.0.1:3000 } }\nroutes: { upstream: app, origins: any }\n',
  'note.yaml': 'upstreams: { app: { servers: http://127.0.0.1:3000 } }\nroutes: { upstream: app }\n',
  'warning.yaml':
    'upstreams: { app: { servers: http://a:1 }, old: { servers: http://b:1 } }\nroutes: { upstream: app, origins: any }\n',
  'bad.yaml': 'upstreams:\n  app: { servers: http://127.0.0.1:3000 }\nroutes:\n  - upstream: ap\n    hartbeat: 25s\n',
  'latin1.yaml': Uint8Array.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]),
  'escape.yaml': 'upstreams: { "a\u001b[31mb": { servers: "http://a:1" } }\nroutes: []\n',
  'good.mjs':
    'export default { upstreams: { app: { servers: "http://a:1" } }, routes: [{ upstream: "app", origins: "any" }] };',
  'bad.mjs':
    'export default { upstreams: { app: { servers: "http://a:1" } }, routes: [{ upstream: "ap", origins: "any" }] };',
  'throws.mjs': 'throw new Error("no such thing");',
  'nothing.mjs': 'export const spec = {};',
};

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'holdline-check-'));
  for (const [name, text] of Object.entries(specs)) writeFileSync(file(name), text);
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('holdline check', () => {
  test('says that a good spec can be used, and what is in it', async () => {
    const { code, out, err } = await capture(['check', file('good.yaml')]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(`${file('good.yaml')} can be used: 1 listener, 1 upstream, 1 route\n`);
  });

  test('shows the line, a caret, the nearest name and what to do', async () => {
    const { code, out } = await capture(['check', file('bad.yaml')]);
    expect(code).toBe(1);
    const plain = out.replaceAll(file('bad.yaml'), 'bad.yaml');
    const settings = Object.keys(routeSchema.shape).join(', ');
    expect(
      plain,
    ).toBe(`bad.yaml:4:15: error: routes[0] leads to the upstream "ap", which is not there; did you mean app? [spec-unknown-upstream]
  4 |   - upstream: ap
    |               ^~
  help: correct the name, or add the upstream under upstreams

bad.yaml:5:5: error: there is no setting "hartbeat" in routes[0]; did you mean heartbeat? [spec-unknown-key]
  5 |     hartbeat: 25s
    |     ^~~~~~~~
  help: the settings here are ${settings}

bad.yaml: 2 errors
`);
  });

  test.each([
    ['good.yaml', [], 0],
    ['note.yaml', [], 0],
    ['note.yaml', ['--strict'], 0],
    ['warning.yaml', [], 0],
    ['warning.yaml', ['--strict'], 1],
    ['bad.yaml', [], 1],
    ['bad.yaml', ['--json'], 1],
    ['escape.yaml', [], 1],
    ['good.mjs', [], 0],
    ['bad.mjs', [], 1],
    ['nothing.mjs', [], 1],
    ['throws.mjs', [], 3],
    ['latin1.yaml', [], 3],
    ['missing.yaml', [], 3],
    ['.', [], 3],
  ])('%s %j ends with %d', async (name, options, code) => {
    const captured = await capture(['check', file(name), ...options]);
    expect(captured.code).toBe(code);
    expect(captured.err === '').toBe(code !== 3);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence of the file must not reach the terminal.
    expect(captured.out + captured.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('--json is for programs', async () => {
    const { out } = await capture(['check', file('bad.yaml'), '--json']);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      errors: 2,
      warnings: 0,
      infos: 0,
      diagnostics: [
        {
          code: 'spec-unknown-upstream',
          severity: 'error',
          where: { file: file('bad.yaml'), range: { start: { line: 4, column: 15 } }, path: 'routes[0].upstream' },
        },
        { code: 'spec-unknown-key' },
      ],
    });
  });

  test.each([
    [true, {}, true],
    [true, { NO_COLOR: '' }, true],
    [true, { NO_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
    [false, {}, false],
  ])('on a terminal: %s, with %j: coloured %s', async (isTTY, env, coloured) => {
    const { out } = await capture(['check', file('bad.yaml')], { isTTY, env });
    expect(out.includes('\u001b[')).toBe(coloured);
  });
});
