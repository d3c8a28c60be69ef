/** Causes when the answer is a 101, and a wrong one. */
import type { Cause, FailureFacts } from './cause.ts';

export const upgradeCauses: readonly Cause[] = [
  {
    code: 'probe-accept-wrong',
    when: (facts) => is(facts, 'accept', 'accept-repeated'),
    certainty: 'likely',
  },
  {
    code: 'probe-upgrade-answer',
    when: (facts) => is(facts, 'upgrade-repeated'),
    certainty: 'proved',
    because: () => 'Upgrade is there twice in the 101, once from the server and once from a proxy; browsers refuse it',
    remedy: () => 'let the proxy send Upgrade once: no add_header Upgrade beside the one that it passes back',
  },
  {
    code: 'probe-upgrade-answer',
    when: (facts) => is(facts, 'upgrade', 'connection', 'accept-missing', 'http-version'),
    certainty: 'likely',
  },
  {
    code: 'probe-subprotocol-wrong',
    when: (facts) => is(facts, 'subprotocol-repeated', 'subprotocol-unoffered'),
    certainty: 'proved',
    because: ({ header }) => `the server chose “${header('sec-websocket-protocol')}”, which was not offered`,
  },
  {
    code: 'probe-extension-wrong',
    when: (facts) => is(facts, 'extensions-malformed', 'extension-unoffered', 'extension-parameters'),
    certainty: 'proved',
    because: ({ header }) =>
      `the server answered “${header('sec-websocket-extensions')}”, which the offer does not allow`,
  },
];

function is({ failure }: FailureFacts, ...codes: readonly string[]): boolean {
  return failure.phase === 'upgrade' && codes.includes(failure.code);
}
