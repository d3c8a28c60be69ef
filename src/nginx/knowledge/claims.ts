/**
 * All claims in the order of their numbers, and the explanations made of them. docs/claims.md is written from these.
 */
import { type Claim, verdicts } from './claim.ts';
import { bufferClaims } from './claims/buffers.ts';
import { handshakeClaims } from './claims/handshake.ts';
import { timeoutClaims } from './claims/timeouts.ts';
import { workerClaims } from './claims/workers.ts';
import type { Explanation } from './explanation.ts';

export const claims: readonly Claim[] = [
  ...handshakeClaims,
  ...timeoutClaims,
  ...bufferClaims,
  ...workerClaims,
].toSorted((a, b) => a.number - b.number);

export const claimExplanations: readonly Explanation[] = claims.map((claim) => ({
  words: [`claim ${claim.number}`, ...claim.words],
  headline: `“${claim.advice}” — ${verdicts[claim.verdict]}. ${claim.short}`,
  why: claim.mechanism,
  seen: claim.evidence,
  instead: claim.instead,
  see: [`docs/claims.md, ${claim.number}`],
}));

/** The page docs/claims.md. */
export function claimsPage(): string {
  return `${[introduction, overview(), ...claims.map(section)].join('\n\n')}\n`;
}

const introduction = `# What people advise about WebSockets behind nginx, and what is true

Every piece of advice below is commonly given. For each: the verdict, the mechanism, what was measured (nginx 1.22.1 as
Debian 12 ships it, and 1.31.4, on Linux), and what to do instead. Those marked *tested* are kept true by a test that starts
a real nginx. \`holdline explain WORD\` prints the same for a directive, or for \`claim 5\`.`;

function overview(): string {
  const rows = claims.map(
    (claim) =>
      `| [${claim.number}](#claim-${claim.number}) | ${cell(claim.advice)} | ${verdicts[claim.verdict]} | ${cell(claim.short)} |`,
  );
  return ['| # | the advice | verdict | in short |', '|---|---|---|---|', ...rows].join('\n');
}

function section(claim: Claim): string {
  return `## Claim ${claim.number}

> ${claim.advice}

**${capital(verdicts[claim.verdict])}.** ${claim.short}

- **Why:** ${claim.mechanism}
- **Seen:** ${claim.evidence}${claim.tested ? ' *(tested)*' : ''}
- **Instead:** ${claim.instead}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
