/** All directives that are known, found by name. */

import { isSince, type NginxVersion } from '../../base/nginx-version.ts';
import { commercialDirectives } from './directives/commercial.ts';
import { coreDirectives } from './directives/core.ts';
import { httpCoreDirectives } from './directives/http-core.ts';
import { httpGatewaysDirectives } from './directives/http-gateways.ts';
import { httpModulesDirectives } from './directives/http-modules.ts';
import { httpProxyDirectives } from './directives/http-proxy.ts';
import { httpTlsDirectives } from './directives/http-tls.ts';
import { httpUpstreamDirectives } from './directives/http-upstream.ts';
import { httpUwsgiDirectives } from './directives/http-uwsgi.ts';
import { luaDirectives } from './directives/lua.ts';
import { mailDirectives } from './directives/mail.ts';
import { nchanDirectives } from './directives/nchan.ts';
import { njsDirectives } from './directives/njs.ts';
import { streamDirectives } from './directives/stream.ts';
import { thirdPartyDirectives } from './directives/third-party.ts';
import type { Context, DirectiveFacts } from './facts.ts';
import { readRows } from './facts-table.ts';

/** The rows of a name: one for each module and span of versions. Empty for a name that is not known. */
export function factsOf(name: string): readonly DirectiveFacts[] {
  return table().get(name) ?? [];
}

/** The row that counts in a block for a target version, or undefined. */
export function factsIn(name: string, context: Context, target: NginxVersion): DirectiveFacts | undefined {
  return factsOf(name).find((facts) => facts.contexts.includes(context) && existsIn(facts, target));
}

/** True when the row is for that version. */
export function existsIn(facts: DirectiveFacts, target: NginxVersion): boolean {
  return isSince(target, facts.since) && (facts.until === null || !isSince(target, facts.until));
}

export function directiveNames(): Iterable<string> {
  return table().keys();
}

const own = [
  coreDirectives,
  httpCoreDirectives,
  httpProxyDirectives,
  httpUpstreamDirectives,
  httpTlsDirectives,
  httpModulesDirectives,
  httpGatewaysDirectives,
  httpUwsgiDirectives,
  streamDirectives,
  mailDirectives,
];
const others = [luaDirectives, njsDirectives, nchanDirectives, thirdPartyDirectives, commercialDirectives];

let rows: Map<string, DirectiveFacts[]> | null = null;

/** Built at the first question, because reading some 1,400 rows would slow the start of commands that never ask. */
function table(): ReadonlyMap<string, readonly DirectiveFacts[]> {
  if (rows !== null) return rows;
  const made = new Map<string, DirectiveFacts[]>();
  const all: DirectiveFacts[] = [];
  for (const modules of own)
    for (const [module, text] of Object.entries(modules)) all.push(...readRows(module, text, false));
  for (const modules of others)
    for (const [module, text] of Object.entries(modules)) all.push(...readRows(module, text, true));
  for (const facts of all) {
    const known = made.get(facts.name);
    if (known === undefined) made.set(facts.name, [facts]);
    else known.push(facts);
  }
  rows = made;
  return made;
}
