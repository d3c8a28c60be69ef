// Writes docs/errors.md from the catalogue: `node scripts/errors-page.mjs` after a build. A test holds the two
// together.
import { writeFileSync } from 'node:fs';
import { catalogue } from '../dist/base/catalogue/catalogue.js';
import { closeCauses } from '../dist/base/close-cause.js';

const codes = Object.entries(catalogue).sort(([a], [b]) => a.localeCompare(b));
const page = `# Codes and close causes

Every error and finding carries a code, so that it can be searched for and scripted against. The rules of the
nginx linter have a page of their own, rules.md.

## Codes

| code | severity | what it means | what to do |
|---|---|---|---|
${codes.map(([code, entry]) => `| \`${code}\` | ${entry.severity} | ${entry.means} | ${entry.remedy} |`).join('\n')}

## Close causes

The cause of every ended connection is one of these, in the log (\`cause\`), in the registry, in \`/metrics\` and on
the page. The code is the one the edge sends itself; a dash means that it passes on what an endpoint sent, or that nobody
is left to be told.

| cause | who | code | what happened |
|---|---|---|---|
${Object.entries(closeCauses)
  .map(([cause, facts]) => `| \`${cause}\` | ${facts.by} | ${facts.code ?? '–'} | ${facts.means} |`)
  .join('\n')}
`;
writeFileSync(new URL('../docs/errors.md', import.meta.url), page);
