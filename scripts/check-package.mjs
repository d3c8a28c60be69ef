// The package as npm would publish it: its exports and types as publint and attw see them, and its size. dist/ has to
// be built.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'holdline-package-'));
const run = (command, args, options = {}) => spawnSync(command, args, { cwd: root, encoding: 'utf8', ...options });

try {
  const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
  const [{ filename, size, unpackedSize, entryCount }] = JSON.parse(packed.stdout);
  const archive = path.join(folder, filename);
  const shown = { stdio: ['ignore', 'inherit', 'inherit'] };
  const publint = run('node_modules/.bin/publint', [archive, '--strict'], shown).status;
  // Node before 20.19 cannot load ES modules from CommonJS, and old resolvers know no exports: neither is promised.
  const attw = run(
    'node_modules/.bin/attw',
    [archive, '--profile', 'esm-only', '--format', 'ascii', '--quiet'],
    shown,
  ).status;
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  console.log(`package: ${entryCount} files, ${megabytes(size)} packed, ${megabytes(unpackedSize)} unpacked`);
  process.exitCode = publint === 0 && attw === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
