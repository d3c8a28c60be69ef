// Writes the tables of docs/probe.md from the code: `node scripts/probe-page.mjs` after a build. A test holds the two
// together.
import { readFileSync, writeFileSync } from 'node:fs';
import { withTables } from '../dist/probe/tables-page.js';

const page = new URL('../docs/probe.md', import.meta.url);
writeFileSync(page, withTables(readFileSync(page, 'utf8')));
