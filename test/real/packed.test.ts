/**
 * The package as a user installs it, unpacked into a project of its own in which there is no TypeScript compiler: the
 * examples of the library compile, strictly, with both ways of resolving modules, and run.
 */
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

const root = path.resolve(import.meta.dirname, '../..');
const project = mkdtempSync(path.join(os.tmpdir(), 'holdline-project-'));
const modules = path.join(project, 'node_modules');
const run = promisify(execFile);
const examples = readdirSync(path.join(root, 'examples/library'));

const echo = new WebSocketServer({ host: '127.0.0.1', port: 0 });
echo.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })));
await once(echo, 'listening');
const { port } = echo.address() as AddressInfo;

beforeAll(() => {
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
    cwd: root,
  });
  const [{ filename }] = JSON.parse(packed.toString()) as [{ filename: string }];
  mkdirSync(path.join(modules, 'holdline'), { recursive: true });
  const archive = path.join(project, filename);
  execFileSync('tar', ['xzf', archive, '--strip-components=1', '-C', path.join(modules, 'holdline')]);
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }');
  for (const name of ['library', 'chat', 'hooks'])
    cpSync(path.join(root, 'examples', name), path.join(project, 'examples', name), { recursive: true });
});

afterAll(() => {
  echo.close();
  rmSync(project, { recursive: true });
});

describe.each([
  ['nodenext', 'nodenext', 'nodenext'],
  ['bundler', 'preserve', 'bundler'],
])('with the module resolution of %s', (name, module, moduleResolution) => {
  test('the examples compile, and so do the types they come with', async () => {
    const options = {
      module,
      moduleResolution,
      strict: true,
      types: ['node'],
      target: 'es2022',
      outDir: `../../out-${name}`,
    };
    const config = { compilerOptions: { ...options, rootDir: '.', skipLibCheck: false }, include: ['*.ts'] };
    const file = path.join(project, 'examples/library', `tsconfig.${name}.json`);
    writeFileSync(file, JSON.stringify(config));
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', file]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });
});

/** What each prints, and what it is given. */
const prints: Readonly<Record<string, { readonly args: readonly string[]; readonly says: RegExp }>> = {
  'spec.ts': { args: [path.join(project, 'examples/chat/holdline.yaml')], says: /^chat: \/$/m },
  'nginx.ts': { args: [], says: /ws001-upgrade-missing[\s\S]*"value":"websocket"/ },
  'plan.ts': { args: [], says: /^fits/m },
  'edge.ts': { args: [`http://127.0.0.1:${port}`], says: /open app[\s\S]*probe passed|probe passed[\s\S]*open app/ },
  'probe.ts': { args: [`ws://127.0.0.1:${port}/`], says: /^pass echo/m },
  'bench.ts': { args: [`ws://127.0.0.1:${port}/`], says: /^complete 10 \d+$/m },
  'hooks.ts': { args: [], says: /^$/ },
};

test('every example is run', () => {
  expect(examples.toSorted()).toEqual(Object.keys(prints).toSorted());
});

test.each(Object.entries(prints))('%s runs', async (name, { args, says }) => {
  const file = path.join(project, 'out-nodenext', name.replace(/ts$/, 'js'));
  const { stdout, stderr } = await run(process.execPath, [file, ...args], { timeout: 90_000 });
  expect(stderr).toBe('');
  expect(stdout).toMatch(says);
});

const strips = Boolean((process.features as { typescript?: unknown }).typescript);

test('TypeScript hooks without a compiler: the edge says what to install', async ({ skip }) => {
  skip(strips, 'this Node runs TypeScript by itself');
  const file = path.join(project, 'start.mjs');
  const spec = `{ listen: '127.0.0.1:0', workers: 1, hooks: 'hooks.ts', upstreams: { app: { servers: ['http://127.0.0.1:9'] } }, routes: [{ upstream: 'app', origins: 'any' }] }`;
  const tell = '(error) => console.log(error.code, error.message, error.help)';
  writeFileSync(
    file,
    `import { startEdge } from 'holdline/edge';\nawait startEdge(${spec}, { directory: ${JSON.stringify(path.join(project, 'examples/library'))} }).then((edge) => edge.close(), ${tell});`,
  );
  const { stdout } = await run(process.execPath, [file], { timeout: 90_000 });
  expect(stdout).toMatch(
    /^hooks-need-typescript .*hooks\.ts.* the package typescript is not installed npm install typescript/,
  );
});

test('a spec with errors starts no edge, and every finding comes along', async () => {
  const file = path.join(project, 'invalid.mjs');
  const tell = '(error) => console.log(error.name, error.code, error.diagnostics.length > 0)';
  writeFileSync(file, `import { startEdge } from 'holdline/edge';\nawait startEdge({ upstreams: {} }).catch(${tell});`);
  const { stdout } = await run(process.execPath, [file]);
  expect(stdout).toBe('InvalidSpecError spec-invalid true\n');
});

test('schemas are there by name', async () => {
  const code = `import schema from 'holdline/schema/holdline.schema.json' with { type: 'json' }; console.log(typeof schema);`;
  const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
    cwd: project,
  });
  expect(stdout).toBe('object\n');
});
