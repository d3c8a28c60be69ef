// Writes schema/holdline.schema.json from the spec's own schema: `node scripts/spec-schema.mjs` after a build. A test
// holds the two together.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { specJsonSchema } from '../dist/spec/json-schema.js';

mkdirSync(new URL('../schema/', import.meta.url), { recursive: true });
writeFileSync(
  new URL('../schema/holdline.schema.json', import.meta.url),
  `${JSON.stringify(specJsonSchema(), null, 2)}\n`,
);
// In the form that the formatter wants, so that the check of the whole project has nothing to say about it.
spawnSync(
  process.execPath,
  ['node_modules/@biomejs/biome/bin/biome', 'format', '--write', 'schema/holdline.schema.json'],
  {
    cwd: new URL('..', import.meta.url).pathname,
    stdio: 'inherit',
  },
);
