/** Everything that can be explained: advice that people give, directives, rules. */
import { claimExplanations } from '../knowledge/claims.ts';
import { directiveExplanations } from '../knowledge/directives.ts';
import { type Explanation, type KnownAnswer, lookUp } from '../knowledge/explanation.ts';
import { protocolExplanations } from '../knowledge/protocols.ts';
import { ruleExplanations } from '../knowledge/rules.ts';
import { rules } from '../lint/rules.ts';

/** In the order of their kinds. */
export const explanations: readonly Explanation[] = [
  ...claimExplanations,
  ...directiveExplanations,
  ...protocolExplanations,
  ...ruleExplanations(rules),
];

/**
 * What a directive (`proxy_buffering`), a rule (`ws007`), a piece of advice (`claim 15`) or a word means for
 * WebSockets. What is not known gives no explanation and the words that are near. Never throws.
 */
export function explain(word: string): KnownAnswer {
  return lookUp(word, explanations);
}
