// Writes schema/holdline.schema.json from the spec's own schema: `node scripts/spec-schema.mjs` after a build. A test holds the two together.
import { mkdirSync, writeFileSync } from 'node:fs';
import { specJsonSchema } from '../dist/spec/json-schema.js';

mkdirSync(new URL('../schema/', import.meta.url), { recursive: true });
writeFileSync(
  new URL('../schema/holdline.schema.json', import.meta.url),
  `${JSON.stringify(specJsonSchema(), null, 2)}\n`,
);
