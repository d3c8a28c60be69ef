// Writes docs/rules.md from the rules: `node scripts/rules-page.mjs` after a build. A test holds the two together.
import { writeFileSync } from 'node:fs';
import { rulesPage } from '../dist/nginx/lint/rules-page.js';

writeFileSync(new URL('../docs/rules.md', import.meta.url), rulesPage());
