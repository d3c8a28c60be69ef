/** What leans on Node's inside stands in one room, so that the next version of Node is a matter of one room. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const room = path.join('src', 'gateway', 'inside');

/** Bindings, fields and symbols that Node does not document, and the one documented call whose answers are not. */
const signs = [
  /\bprocess\.binding\b|\bbinding\(|\binternalBinding\b|\b_linkedBinding\b/,
  /\b_(?:handle|createServerHandle|channel|events|readableState|writableState|getActiveHandles|getActiveRequests|rawDebug)\b/,
  /\bgetOwnPropertySymbols\b|\bowner_symbol\b/,
  /\bexecutionAsyncResource\b/,
];

const found = ['src', 'scripts']
  .flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
  )
  .filter((file) => /\.(?:ts|mjs)$/.test(file))
  .filter((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return signs.some((sign) => sign.test(text));
  });

test('only one room leans on the inside of Node', () => {
  expect(found.filter((file) => path.dirname(file) !== room)).toEqual([]);
});

test('each file of the room but the shape of a handle and the trials is there for such a thing', () => {
  expect(found.map((file) => path.basename(file)).toSorted()).toEqual([
    'handles.ts',
    'listener.ts',
    'owner.ts',
    'tls.ts',
  ]);
});
