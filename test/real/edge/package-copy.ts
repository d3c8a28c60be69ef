/** A copy of the package, as npm would install it, in which a test changes what it likes. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

export interface PackageCopy {
  /** Of the worker. */
  readonly entry: string;
  /**
   * Edits a file of it, by its path in the package, and returns what takes that back. The edit has to change something.
   */
  change(file: string, edit: (text: string) => string): () => void;
  remove(): void;
}

export function copyPackage(): PackageCopy {
  const copy = mkdtempSync(path.join(tmpdir(), 'holdline-package-'));
  cpSync(path.join(root, 'dist'), path.join(copy, 'dist'), { recursive: true });
  cpSync(path.join(root, 'package.json'), path.join(copy, 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return {
    entry: path.join(copy, 'dist/control/workers/main.js'),
    change(file, edit) {
      const name = path.join(copy, file);
      const before = readFileSync(name, 'utf8');
      const after = edit(before);
      if (after === before) throw new Error(`nothing changed in ${file}`);
      writeFileSync(name, after);
      return () => writeFileSync(name, before);
    },
    remove: () => rmSync(copy, { recursive: true }),
  };
}
