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
import { ifUpgradeCase } from './rules/ws026-if-upgrade-case.ts';
import { ifInLocation } from './rules/ws027-if-in-ws-location.ts';
import { cacheOnLocation } from './rules/ws028-cache-on-ws.ts';
import { noopDirectives } from './rules/ws029-noop-directives.ts';
import { stickyMissing } from './rules/ws030-sticky-missing.ts';
import { ipHashBehindProxy } from './rules/ws031-ip-hash-behind-proxy.ts';
import { workerConnections } from './rules/ws032-worker-connections.ts';
import { nofileShort } from './rules/ws033-nofile-short.ts';
import { shutdownTimeout } from './rules/ws034-shutdown-timeout.ts';
import { bufferMemory } from './rules/ws035-buffer-memory.ts';
import { listenerCannot } from './rules/ws036-listener-cannot-ws.ts';
import { upgradeAnyProtocol } from './rules/ws037-upgrade-any-protocol.ts';
import { connectTimeoutLong } from './rules/ws038-connect-timeout-long.ts';
import { unevenAccept } from './rules/ws039-uneven-accept.ts';
import { nodelayOff } from './rules/ws040-nodelay-off.ts';
import { bufferSizeAlone } from './rules/ws041-buffer-size-alone.ts';
import { upgradeLiteral } from './rules/ws042-upgrade-literal.ts';
import { originRegexLoose } from './rules/ws043-origin-regex-loose.ts';
import { ifProxyReturn } from './rules/ws044-if-proxy-return.ts';
import { corsIsNoProtection } from './rules/ws045-cors-is-no-protection.ts';
import { leastConnNoZone } from './rules/ws046-least-conn-no-zone.ts';
import { tlsSessionShort } from './rules/ws047-tls-session-short.ts';
import { timeoutsInvisible } from './rules/ws048-timeouts-invisible.ts';
import { addHeaderOn101 } from './rules/ws049-add-header-on-101.ts';
import { sslBufferIdle } from './rules/ws050-ssl-buffer-idle.ts';
import { slashesMismatch } from './rules/ws051-slashes-mismatch.ts';
import { variableDropsQuery } from './rules/ws052-variable-drops-query.ts';
import { variableWithoutResolver } from './rules/ws053-variable-without-resolver.ts';
import { nameResolvedOnce } from './rules/ws054-name-resolved-once.ts';
import { capturesEmptied } from './rules/ws055-captures-emptied.ts';
import { tlsWithoutName } from './rules/ws056-tls-without-name.ts';
import { basicAuth } from './rules/ws057-basic-auth.ts';
import { answerHidden } from './rules/ws058-answer-hidden.ts';
import { requestHeadersOff } from './rules/ws059-request-headers-off.ts';
import { handshakeHeaderFixed } from './rules/ws060-handshake-header-fixed.ts';
import { forwardedHeadersLost } from './rules/ws061-forwarded-headers-lost.ts';
import { listenHttp2Deprecated } from './rules/ws062-listen-http2-deprecated.ts';
import { poolUnused } from './rules/ws063-pool-unused.ts';

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
  ifUpgradeCase,
  ifInLocation,
  cacheOnLocation,
  noopDirectives,
  stickyMissing,
  ipHashBehindProxy,
  workerConnections,
  nofileShort,
  shutdownTimeout,
  bufferMemory,
  listenerCannot,
  upgradeAnyProtocol,
  connectTimeoutLong,
  unevenAccept,
  nodelayOff,
  bufferSizeAlone,
  upgradeLiteral,
  originRegexLoose,
  ifProxyReturn,
  corsIsNoProtection,
  leastConnNoZone,
  tlsSessionShort,
  timeoutsInvisible,
  addHeaderOn101,
  sslBufferIdle,
  slashesMismatch,
  variableDropsQuery,
  variableWithoutResolver,
  nameResolvedOnce,
  capturesEmptied,
  tlsWithoutName,
  basicAuth,
  answerHidden,
  requestHeadersOff,
  handshakeHeaderFixed,
  forwardedHeadersLost,
  listenHttp2Deprecated,
  poolUnused,
];

/** Finds a rule by its id, or by the number in front of it (`ws007`). */
export function ruleNamed(name: string, among: readonly Rule[] = rules): Rule | undefined {
  const wanted = name.toLowerCase();
  return among.find(({ id }) => id === wanted || (/^ws\d{3}$/.test(wanted) && id.startsWith(`${wanted}-`)));
}
