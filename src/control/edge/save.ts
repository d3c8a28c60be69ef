import { readFile, rename, writeFile } from 'node:fs/promises';
import { isMap, isScalar, isSeq, parseDocument, type YAMLSeq } from 'yaml';
import { HoldlineError } from '../../base/error.ts';
import { parseServerUrl, type ServerSpec } from '../../plan/edge/plan.ts';
import type { EdgeSource } from './source.ts';

/** A change of an upstream's servers that is to outlive the process. */
export type ServerChange =
  | { readonly kind: 'add'; readonly upstream: string; readonly server: ServerSpec }
  | { readonly kind: 'remove'; readonly upstream: string; readonly url: string };

/** Writes a change into the spec, and leaves everything else in the file as it is. Rejects with `server-not-saved`. */
export async function saveServer(source: EdgeSource, change: ServerChange): Promise<void> {
  if (source.kind !== 'file') throw notSaved('the edge runs from options, without a file');
  const { file } = source;
  if (!/\.(ya?ml|json)$/.test(file)) throw notSaved(`${file} is a program`);
  try {
    const text = edited(await readFile(file, 'utf8'), change);
    // The file is read again as soon as it changes: it must never be there by half.
    const beside = `${file}.holdline-${process.pid}`;
    await writeFile(beside, text);
    await rename(beside, file);
  } catch (error) {
    if (error instanceof HoldlineError) throw error;
    throw notSaved(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}

/** The text of a spec with the change in it; comments, order and quotes of the rest stay. */
export function edited(text: string, change: ServerChange): string {
  const document = parseDocument(text);
  const path = ['upstreams', change.upstream, 'servers'];
  const written = document.getIn(path, true);
  if (written === undefined) throw notSaved(`the spec has no servers under upstreams.${change.upstream}`);
  // One server may be written without a list around it.
  if (!isSeq(written)) document.setIn(path, document.createNode([written]));
  const list = document.getIn(path, true) as YAMLSeq;
  const at = list.items.findIndex((item) =>
    sameServer(urlOf(item), change.kind === 'add' ? change.server.url : change.url),
  );
  if (change.kind === 'add' && at === -1) list.add(document.createNode(writtenAs(change.server)));
  if (change.kind === 'remove') {
    if (at === -1) return text;
    if (list.items.length === 1) throw notSaved(`it is the only server of ${change.upstream} in the spec`);
    list.delete(at);
  }
  return document.toString({ lineWidth: 0 });
}

function writtenAs({ url, weight, connectionsMax }: ServerSpec): unknown {
  if (weight === 1 && connectionsMax === null) return url;
  return {
    url,
    ...(weight === 1 ? {} : { weight }),
    ...(connectionsMax === null ? {} : { connections: connectionsMax }),
  };
}

function urlOf(item: unknown): unknown {
  const node = isMap(item) ? item.get('url') : item;
  return isScalar(node) ? node.value : node;
}

function sameServer(written: unknown, url: string): boolean {
  if (typeof written !== 'string') return false;
  const read = parseServerUrl(written);
  return read.ok && read.value === url;
}

function notSaved(why: string): HoldlineError {
  return new HoldlineError('server-not-saved', why);
}
