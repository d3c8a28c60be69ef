/**
 * The entry of a thread that transpiles a hooks module and the TypeScript that it imports, and ends: the compiler's
 * memory goes with it, where it would otherwise stay with every worker for as long as it lives.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { candidates, digestOf, isTypeScript } from './loader.ts';
import { type LoadedFile, type Problem, problemOf } from './protocol.ts';
import { transpile } from './typescript.ts';

export type FromCompiler =
  | { readonly kind: 'compiled'; readonly files: readonly LoadedFile[] }
  | { readonly kind: 'unloadable'; readonly problem: Problem };

async function compile(file: string): Promise<LoadedFile[]> {
  const files = new Map<string, LoadedFile>();
  const open = [file];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (files.has(path) || !isTypeScript(path)) continue;
    const bytes = readFileSync(path);
    const { code, imports } = await transpile(path, bytes.toString('utf8'));
    files.set(path, { path, digest: digestOf(bytes), code });
    for (const specifier of imports) open.push(...candidates(specifier, path).filter(existsSync).slice(0, 1));
  }
  return [...files.values()];
}

const answer: FromCompiler = await compile((workerData as { file: string }).file).then(
  (files) => ({ kind: 'compiled', files }) as const,
  (error: unknown) => ({ kind: 'unloadable', problem: problemOf(error) }) as const,
);
parentPort?.postMessage(answer);
