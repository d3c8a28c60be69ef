/** The entry of a hooks thread: loads the module, runs the calls, and says what came of them. */
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { MessageChannel, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import {
  type FromThread,
  type LoadedFile,
  type Problem,
  problemOf,
  type ThreadData,
  type ToThread,
} from './protocol.ts';
import { type HookName, hookNames, resultReaders } from './results.ts';
import { transpile } from './typescript.ts';

const { file, pinned, begun } = workerData as ThreadData;
const host = parentPort!;
const post = (message: FromThread) => host.postMessage(message);

type HookFunctions = Partial<Record<HookName, (...args: readonly unknown[]) => unknown>>;

async function run(hooks: HookFunctions, call: Extract<ToThread, { kind: 'call' }>): Promise<void> {
  const { id, hook, args } = call;
  Atomics.store(begun, 0, id);
  try {
    const returned = await hooks[hook]?.(...args);
    post({ kind: 'returned', id, result: resultReaders[hook](returned) });
  } catch (error) {
    post({ kind: 'threw', id, problem: problemOf(error) });
  }
}

/** Exports by name, or a default export that holds them. */
function hooksIn(module: Record<string, unknown>): HookFunctions {
  const hooks: HookFunctions = {};
  for (const source of [module.default, module] as (Record<string, unknown> | undefined)[]) {
    for (const name of hookNames) {
      const value = source?.[name];
      if (value === undefined) continue;
      if (typeof value !== 'function') throw new TypeError(`${name} is exported and is not a function`);
      hooks[name] = value as NonNullable<HookFunctions[HookName]>;
    }
  }
  const names = Object.keys(module);
  const misspelt = names.find((name) => /^on[A-Z]/.test(name) && !hookNames.includes(name as HookName));
  if (misspelt !== undefined) throw new TypeError(`${misspelt} is not a hook; the hooks are ${hookNames.join(', ')}`);
  if (Object.keys(hooks).length === 0)
    throw new TypeError(
      `it exports no hook (${hookNames.join(', ')})${names.length > 0 ? `, only ${names.join(', ')}` : ''}`,
    );
  return hooks;
}

process.setSourceMapsEnabled(true);
// An error in a timer of the module's must not end the thread and with it the calls of everybody else.
process.on('uncaughtException', (error) => post({ kind: 'stray', problem: problemOf(error) }));

/**
 * Where a SyntaxError is, which V8 does not tell: the first file that the TypeScript compiler cannot read either has
 * it.
 */
async function locate(error: unknown, files: readonly LoadedFile[]): Promise<Problem> {
  const problem = problemOf(error);
  if (!(error instanceof SyntaxError) || problem.place !== null) return problem;
  for (const { path, code } of files) {
    const found = await transpile(path, code ?? '').catch(problemOf);
    if ('place' in found) return { ...problem, place: found.place };
  }
  return problem;
}

const { port1, port2 } = new MessageChannel();
register('./loader.js', { parentURL: import.meta.url, data: { notes: port2, pinned }, transferList: [port2] });

/** The files that the loader has read so far. */
function noted(): LoadedFile[] {
  const files = new Map<string, LoadedFile>();
  for (let note = receiveMessageOnPort(port1); note !== undefined; note = receiveMessageOnPort(port1))
    files.set((note.message as LoadedFile).path, note.message as LoadedFile);
  return [...files.values()];
}

try {
  const hooks = hooksIn((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  post({ kind: 'loaded', hooks: hookNames.filter((name) => hooks[name] !== undefined), files: noted() });
  // Only now: calls that came meanwhile wait in the port.
  host.on('message', (message: ToThread) => {
    if (message.kind === 'ping') post({ kind: 'pong' });
    else void run(hooks, message);
  });
} catch (error) {
  post({ kind: 'unloadable', problem: await locate(error, noted()) });
}
