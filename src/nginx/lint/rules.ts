/** All rules, in the order of their numbers. A rule is added by its file and a line here. */

import type { Rule } from './rule.ts';
import { upgradeMissing } from './rules/ws001-upgrade-missing.ts';
import { connectionMissing } from './rules/ws002-connection-missing.ts';
import { connectionEmptyOrClose } from './rules/ws003-connection-empty-or-close.ts';
import { headersLost } from './rules/ws004-headers-lost-by-inheritance.ts';
import { http10 } from './rules/ws005-http10.ts';
import { http2Upstream } from './rules/ws006-http2-upstream.ts';
import { idleTimeoutDefault } from './rules/ws007-idle-timeout-default.ts';
import { idleTimeoutBelowPing } from './rules/ws008-idle-timeout-below-ping.ts';
import { timeoutLostOnJump } from './rules/ws009-timeout-lost-on-jump.ts';
import { timeoutZero } from './rules/ws010-timeout-zero.ts';
import { timeoutUnitSuspect } from './rules/ws011-timeout-unit-suspect.ts';
import { timeoutUnbounded } from './rules/ws012-timeout-unbounded.ts';
import { hardcodedUpgrade } from './rules/ws013-hardcoded-upgrade-shared.ts';
import { mapCloseKillsPool } from './rules/ws014-map-close-kills-pool.ts';
import { mapUndefined } from './rules/ws015-map-undefined.ts';
import { mapWrong } from './rules/ws016-map-wrong.ts';
import { connectionPassthrough } from './rules/ws017-connection-passthrough.ts';
import { duplicateHeader } from './rules/ws018-duplicate-header.ts';
import { headersAboveLocation } from './rules/ws019-headers-above-location.ts';
import { hostMissing } from './rules/ws020-host-missing.ts';
import { hostDropsPort } from './rules/ws021-host-drops-port.ts';
import { originRewritten } from './rules/ws022-origin-rewritten.ts';
import { noOriginCheck } from './rules/ws023-no-origin-check.ts';
import { trailingSlashRedirect } from './rules/ws024-trailing-slash-redirect.ts';
import { redirectOnPath } from './rules/ws025-redirect-on-ws-path.ts';

export const rules: readonly Rule[] = [
  upgradeMissing,
  connectionMissing,
  connectionEmptyOrClose,
  headersLost,
  http10,
  http2Upstream,
  idleTimeoutDefault,
  idleTimeoutBelowPing,
  timeoutLostOnJump,
  timeoutZero,
  timeoutUnitSuspect,
  timeoutUnbounded,
  hardcodedUpgrade,
  mapCloseKillsPool,
  mapUndefined,
  mapWrong,
  connectionPassthrough,
  duplicateHeader,
  headersAboveLocation,
  hostMissing,
  hostDropsPort,
  originRewritten,
  noOriginCheck,
  trailingSlashRedirect,
  redirectOnPath,
];

/** Finds a rule by its id, or by the number in front of it (`ws007`). */
export function ruleNamed(name: string, among: readonly Rule[] = rules): Rule | undefined {
  const wanted = name.toLowerCase();
  return among.find(({ id }) => id === wanted || (/^ws\d{3}$/.test(wanted) && id.startsWith(`${wanted}-`)));
}
