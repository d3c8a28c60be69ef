// Writes docs/claims.md from the claims: `node scripts/claims-page.mjs` after a build. A test holds the two together.
import { writeFileSync } from 'node:fs';
import { claimsPage } from '../dist/nginx/knowledge/claims.js';

writeFileSync(new URL('../docs/claims.md', import.meta.url), claimsPage());
