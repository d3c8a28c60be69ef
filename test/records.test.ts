/**
 * No object is a map for what strangers name: `constructor` and `__proto__` are origins, paths and tags like any other.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyRecord } from '../src/base/record.ts';
import { readTags } from '../src/policy/admission/tags.ts';
import { compileOrigins } from '../src/policy/origins/allow-list.ts';
import { decideOrigin } from '../src/policy/origins/origin.ts';
import { mergeCounts } from '../src/registry/counts.ts';
import { mergeOrigins, noteOrigin, type OriginsSeen } from '../src/registry/origins-seen.ts';
import { addTotals, newRouteTotals, newTotals } from '../src/registry/totals.ts';

const source = path.resolve(import.meta.dirname, '../src');
/** Where names of strangers are handled. */
const rooms = ['gateway', 'registry', 'control', 'policy', 'ws'];

/** A map that begins as `{}`. */
function emptyObjects(file: string): string[] {
  return readFileSync(path.join(source, file), 'utf8')
    .split('\n')
    .filter((line) => /Record<string,[^=]*=\s*\{\}|\?\?=\s*\{\}|:\s*OriginsSeen = \{\}/.test(line));
}

const files = rooms.flatMap((room) =>
  readdirSync(path.join(source, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.posix.join(room, name)),
);

test.each(files)('%s makes no map of an object with a prototype', (file) => {
  expect(emptyObjects(file)).toEqual([]);
});

const names = [...Object.getOwnPropertyNames(Object.prototype), '__proto__', 'prototype', 'then', 'toJSON'];

describe.each(names)('%s is a name like any other', (name) => {
  test('as an origin that was seen', () => {
    const seen: OriginsSeen = emptyRecord();
    noteOrigin(seen, name, name, true);
    noteOrigin(seen, name, name, false);
    // What another process gets of it.
    const sent = JSON.parse(JSON.stringify(seen)) as OriginsSeen;
    const merged = mergeOrigins([sent, seen]);
    expect(Object.entries(merged).map(([route, origins]) => [route, Object.values(origins)])).toEqual([
      [name, [{ origin: name, handshakes: 4, refused: 2 }]],
    ]);
  });

  test('as an origin that is judged', () => {
    const matcher = compileOrigins({ allow: ['https://app.example.com'], mode: 'enforce', missing: 'allow' });
    expect(decideOrigin(matcher, [name]).allowed).toBe(false);
    expect(decideOrigin(matcher, [`https://${name}`]).allowed).toBe(false);
  });

  test('as a value that is counted, and as a route', () => {
    const counted = JSON.parse(JSON.stringify(Object.fromEntries([[name, 2]]))) as Record<string, number>;
    expect(Object.entries(mergeCounts([counted, counted]))).toEqual([[name, 4]]);
    const totals = newTotals();
    totals.routes[name] = newRouteTotals();
    totals.openByServer[name] = 1;
    const sum = addTotals([totals, totals]);
    expect([Object.keys(sum.routes), Object.entries(sum.openByServer)]).toEqual([[name], [[name, 2]]]);
  });

  test('as a tag that nobody gave', () => {
    expect(readTags([]).tags[name]).toBeUndefined();
  });
});
