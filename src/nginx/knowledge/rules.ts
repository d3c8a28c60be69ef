import type { Rule } from '../lint/rule.ts';
import type { Explanation } from './explanation.ts';

/** A lint rule explains itself; this only puts its fields where `holdline explain` looks. */
export function ruleExplanations(
  rules: readonly Pick<Rule, 'id' | 'title' | 'why' | 'evidence' | 'help'>[],
): readonly Explanation[] {
  return rules.map((rule) => ({
    words: [rule.id],
    headline: `${rule.id}: ${rule.title}`,
    why: rule.why,
    seen: rule.evidence,
    instead: rule.help,
    see: [`docs/rules.md, ${rule.id}`],
  }));
}
