/** Modules of hooks: what cannot be loaded, TypeScript, and a reload. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { HoldlineError } from '../../../src/base/error.ts';
import { cleanUp, connect, echoServer, edgeFor, refusalOf } from '../servers.ts';
import { hooked } from './hooked.ts';
import { hookedPlan, hooksModule } from './module.ts';

afterEach(cleanUp);

describe('loading', () => {
  test.each([
    ['a file that is not there', {}, /missing\.mjs: there is no such file/],
    [
      'a fault in JavaScript',
      { 'hooks.mjs': 'const a = 1;\nexport const onOpen = ( => {};\n' },
      /hooks\.mjs, line 2: SyntaxError/,
    ],
    [
      'a fault in TypeScript',
      { 'hooks.ts': 'const a: number = 1;\n\nexport const onOpen = (a: => {};\n' },
      /hooks\.ts, line 3: SyntaxError/,
    ],
    [
      'an error at its top',
      { 'hooks.mjs': '\n\nthrow new Error("no secret");\n' },
      /hooks\.mjs, line 3: Error: no secret/,
    ],
    ['an import that is not there', { 'hooks.mjs': 'import "./gone.mjs";\n' }, /gone\.mjs/],
    [
      'no hook at all',
      { 'hooks.mjs': 'export const onhandshake = 1;\n' },
      /^\/[^,]*hooks\.mjs: TypeError: it exports no hook .*only onhandshake/,
    ],
    [
      'a misspelt hook',
      { 'hooks.mjs': 'export const onOpen = () => {}, onHandShake = () => {};\n' },
      /onHandShake is not a hook/,
    ],
    ['a hook that is no function', { 'hooks.mjs': 'export const onOpen = 1;\n' }, /not a function/],
    ['a module that ends its thread', { 'hooks.mjs': 'process.exit(0);\n' }, /ended/],
  ])(
    '%s: the gateway does not start, and says why',
    async (_title, files, sentence) => {
      const hooks = Object.keys(files).length === 0 ? '/tmp/holdline-hooks/missing.mjs' : hooksModule(files);
      const started = edgeFor([], {}, { plan: hookedPlan({ servers: ['http://127.0.0.1:1'], hooks }) });
      const error = await started.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(HoldlineError);
      expect((error as HoldlineError).code).toBe('hooks-unloadable');
      expect((error as HoldlineError).message).toMatch(sentence);
    },
    30_000,
  );

  test('TypeScript, with imports between files and the right lines in stacks', async () => {
    const hooks = hooksModule({
      'hooks.ts': [
        `import type { OnHandshake } from 'holdline/hooks';`,
        `import { fail } from './fail.ts';`,
        `import { type Sort, sorts } from './sorts.js';`,
        'interface Gone { readonly from: "the output" }',
        'export const onHandshake: OnHandshake = ({ path }) => {',
        '  const gone: Gone | null = null;',
        '  if (path === "/fail") fail(gone);',
        '  return { tags: { sort: sorts[0] as Sort } };',
        '};',
      ].join('\n'),
      'fail.ts': [
        'type Nothing = null;',
        'export function fail(_nothing: Nothing): never {',
        '  throw new Error("on line three");',
        '}',
      ].join('\n'),
      'sorts.ts': 'export type Sort = "a";\nexport const sorts: readonly string[] = ["a"];\n',
    });
    const through = await hooked({ hooks });
    await connect(through.url());
    expect((await through.next('opened')).record.tags).toEqual({ sort: 'a' });
    await refusalOf(through.url('/fail'));
    const { stack } = await through.next('hook-failed');
    expect(stack).toMatch(/fail\.ts:3:9/);
    expect(stack).toMatch(/hooks\.ts:7:/);
  }, 30_000);

  test('a default export holds hooks as well', async () => {
    const through = await hooked({ hooks: 'export default { onHandshake: () => ({ tags: { by: "default" } }) };' });
    await connect(through.url());
    expect((await through.next('opened')).record.tags).toEqual({ by: 'default' });
  });
});

describe('a reload', () => {
  const tagging = (tag: string) => `export const onHandshake = () => ({ tags: { version: '${tag}' } });`;

  test('takes over what changed on the disk for new calls; live connections go on', async () => {
    const file = hooksModule({
      'hooks.mjs': `import { tag } from './tag.mjs';\nexport const onHandshake = () => ({ tags: { tag } });`,
      'tag.mjs': 'export const tag = "one";',
    });
    const plan = hookedPlan({ servers: [(await echoServer()).url], hooks: file });
    const through = await edgeFor([], {}, { plan });
    const before = await connect(through.url());
    expect((await through.next('opened')).record.tags).toEqual({ tag: 'one' });
    // A file that the module imports is part of it.
    writeFileSync(file.replace('hooks.mjs', 'tag.mjs'), 'export const tag = "two";');
    through.gateway.apply(plan);
    await through.next('hooks-loaded');
    await connect(through.url());
    expect((await through.next('opened')).record.tags).toEqual({ tag: 'two' });
    before.send('still here');
    expect(String((await once(before, 'message'))[0])).toBe('still here');
  });

  test('keeps the old hooks when the new ones cannot be loaded, and says so', async () => {
    const file = hooksModule({ 'hooks.mjs': tagging('one') });
    const plan = hookedPlan({ servers: [(await echoServer()).url], hooks: file });
    const through = await edgeFor([], {}, { plan });
    writeFileSync(file, `${tagging('two')}\n}`);
    through.gateway.apply(plan);
    expect((await through.next('hooks-kept')).message).toMatch(/hooks\.mjs, line 2: SyntaxError/);
    await connect(through.url());
    expect((await through.next('opened')).record.tags).toEqual({ version: 'one' });
  });

  test('that changes nothing leaves the thread and its memory alone', async () => {
    const hooks = `let count = 0; export const onHandshake = () => ({ tags: { count: String(++count) } });`;
    const plan = hookedPlan({ servers: [(await echoServer()).url], hooks });
    const through = await edgeFor([], {}, { plan });
    await connect(through.url());
    await through.next('opened');
    through.gateway.apply(plan);
    await connect(through.url());
    expect((await through.next('opened')).record.tags).toEqual({ count: '2' });
  });

  test('a thread that is started again runs what was loaded, not what is on the disk meanwhile', async () => {
    const file = hooksModule({ 'hooks.mjs': `${tagging('one')}\nexport const onOpen = () => process.exit(1);` });
    const plan = hookedPlan({ servers: [(await echoServer()).url], hooks: file });
    const through = await edgeFor([], {}, { plan });
    writeFileSync(file, readFileSync(file, 'utf8').replace('one', 'two'));
    await connect(through.url());
    await through.next('opened');
    await through.next('hook-failed');
    await connect(through.url());
    expect((await through.next('opened')).record.tags).toEqual({ version: 'one' });
  });
});
