/** What a worker and its hooks thread say to each other. */
import type { Code } from '../../base/catalogue/catalogue.ts';
import type { HookName, HookResults } from './results.ts';
import type { HookConnection, HookEnd, HookHandshake, HookMessage } from './types.ts';
import { CompilerMissing } from './typescript.ts';

export interface HookArguments {
  onHandshake: readonly [HookHandshake];
  onOpen: readonly [HookConnection];
  onClose: readonly [HookConnection, HookEnd];
  onMessage: readonly [HookMessage];
}

/** One file that the module is made of, as it was when it was loaded: a thread that is started anew runs the same. */
export interface LoadedFile {
  readonly path: string;
  /** Of the file's bytes on the disk. */
  readonly digest: string;
  /** JavaScript; null for what Node reads by itself (CommonJS, JSON). */
  readonly code: string | null;
}

export interface ThreadData {
  /** Absolute. */
  readonly file: string;
  /** Files that are not read from the disk. */
  readonly pinned: readonly LoadedFile[];
  /**
   * Where the thread writes the id of the last call that it has begun, so that it can be read while the thread is busy.
   */
  readonly begun: Int32Array;
}

export type ToThread =
  | { readonly kind: 'call'; readonly id: number; readonly hook: HookName; readonly args: readonly unknown[] }
  | { readonly kind: 'ping' };

export type FromThread =
  | { readonly kind: 'loaded'; readonly hooks: readonly HookName[]; readonly files: readonly LoadedFile[] }
  | { readonly kind: 'unloadable'; readonly problem: Problem }
  | { readonly kind: 'returned'; readonly id: number; readonly result: HookResults[HookName] }
  | { readonly kind: 'threw'; readonly id: number; readonly problem: Problem }
  /** An error of the module outside of any call: a timer's, or a promise that nobody waits for. */
  | { readonly kind: 'stray'; readonly problem: Problem }
  | { readonly kind: 'pong' };

/** An error as it is told to people. */
export interface Problem {
  /** Where it is a known one. */
  readonly code?: Code;
  readonly message: string;
  readonly stack: string | null;
  /** Where it happened, as far as the stack tells. */
  readonly place: { readonly file: string; readonly line: number } | null;
}

const ownDirectory = new URL('.', import.meta.url).pathname;

/** A page of a terminal; recursion can make stacks of any length. */
const stackLengthMax = 4096;

export function problemOf(error: unknown): Problem {
  if (!(error instanceof Error))
    return { message: `${typeof error} thrown: ${String(error)}`, stack: null, place: null };
  if (error instanceof CompilerMissing) return { code: error.code, message: error.message, stack: null, place: null };
  const stack = (error.stack ?? '').slice(0, stackLengthMax);
  const places = [...stack.matchAll(/(?:^|[\s(])(?:file:\/\/)?(\/[^\s():]+):(\d+)/gm)];
  // Of a stack that begins in our own code, the author's part is what helps.
  const place = places.find(([, file]) => !file!.startsWith(ownDirectory));
  return {
    message: `${error.name}: ${error.message}`.slice(0, stackLengthMax),
    stack,
    place: place === undefined ? null : { file: decodeURI(place[1]!), line: Number(place[2]) },
  };
}
