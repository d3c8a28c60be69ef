/**
 * Whole configurations of public shapes that a real nginx can serve as they stand, on the backends 127.0.0.1:9000 to
 * 9002. The first line of each says what is found in it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const directory = path.resolve(import.meta.dirname, 'served');

export const servedFiles: readonly { readonly name: string; readonly text: string }[] = readdirSync(directory).map(
  (name) => ({ name, text: readFileSync(path.join(directory, name), 'utf8') }),
);
