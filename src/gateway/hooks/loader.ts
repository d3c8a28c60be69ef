/**
 * Node's module customization for a hooks thread (node:module, register): TypeScript is understood, what has been
 * loaded before is loaded again as it was, and every file is noted, so that a reload can tell whether anything has
 * changed.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import type { LoadedFile } from './protocol.ts';
import { transpile } from './typescript.ts';

let notes: MessagePort;
let pinned: ReadonlyMap<string, LoadedFile>;

export function initialize(data: { readonly notes: MessagePort; readonly pinned: readonly LoadedFile[] }): void {
  notes = data.notes;
  pinned = new Map(data.pinned.map((file) => [file.path, file]));
}

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  // An installation for the whole machine cannot be found from the user's directory; this one is the right one anyway.
  const own = /^holdline(?:\/(nginx|plan|edge|probe|bench|hooks))?$/.exec(specifier);
  if (own !== null) return { url: new URL(`../../${own[1] ?? 'index'}.js`, import.meta.url).href, shortCircuit: true };
  const written = /^\.\.?\/.*\.(m?)js$/.exec(specifier);
  if (written !== null && context.parentURL?.startsWith('file:') === true) {
    // As TypeScript has it, `./jwt.js` means jwt.ts where there is no jwt.js.
    const url = new URL(specifier, context.parentURL);
    const typed = new URL(specifier.replace(/js$/, 'ts'), context.parentURL);
    if (!existsSync(fileURLToPath(url)) && existsSync(fileURLToPath(typed)))
      return { url: typed.href, shortCircuit: true };
  }
  return nextResolve(specifier, context);
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith('file:')) return nextLoad(url, context);
  const path = fileURLToPath(url);
  const known = pinned.get(path);
  if (known?.code != null) {
    notes.postMessage(known);
    return { format: 'module', source: known.code, shortCircuit: true };
  }
  // A later import with `?v=2` is another module to Node, and the same file.
  const bytes = await readFile(path);
  const digest = digestOf(bytes);
  if (isTypeScript(path) && !stripsTypes) {
    const { code } = await transpile(path, bytes.toString('utf8'));
    notes.postMessage({ path, digest, code } satisfies LoadedFile);
    return { format: 'module', source: code, shortCircuit: true };
  }
  const loaded = await nextLoad(url, context);
  const isModule = loaded.format === 'module';
  notes.postMessage({ path, digest, code: isModule ? bytes.toString('utf8') : null } satisfies LoadedFile);
  return loaded;
};

/** Node 22.18 and later run TypeScript by themselves. */
export const stripsTypes = Boolean((process.features as { typescript?: string | false }).typescript);

export function isTypeScript(path: string): boolean {
  return /\.m?ts$/.test(path);
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** The files that a specifier may mean, best first; empty for what is no relative path. */
export function candidates(specifier: string, fromPath: string): string[] {
  if (!/^\.\.?\//.test(specifier)) return [];
  const path = fileURLToPath(new URL(specifier, pathToFileURL(fromPath)));
  return /\.m?js$/.test(path) ? [path, path.replace(/js$/, 'ts')] : [path];
}
