/** Which server takes a request: by address and port, then by name (ngx_http_find_virtual_server). */

import type { Effective, Server } from '../model.ts';
import { matchPattern } from '../patterns.ts';
import type { ClientRequest } from './model.ts';

export interface ChosenServer {
  readonly server: Server;
  readonly because: string;
  readonly certain: boolean;
  /** Named captures of a server_name that is a pattern, and its numbered ones. */
  readonly groups: RegExpExecArray | null;
}

export function serverFor(model: Effective, { host, port, scheme }: ClientRequest): ChosenServer | null {
  const wanted = port ?? (scheme === 'https' ? 443 : 80);
  const { candidates, certain, names } = onPort(model, wanted);
  const nobody = certain ? '' : `no server listens on port ${wanted}, but `;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const found = byName(names, name);
  if (found !== null) return { ...found, because: `${nobody}${found.because}`, certain };
  const isDefault = ({ listens }: Server) => listens.some((each) => each.defaultServer && each.port === wanted);
  const fallback = candidates.find(isDefault) ?? candidates[0];
  if (fallback === undefined) return null;
  const why = isDefault(fallback) ? 'this is the default_server' : 'this is the first one';
  const only = candidates.length === 1 && fallback.names.length === 0;
  return {
    server: fallback,
    because: only ? `${nobody}it is the only one` : `${nobody}no server_name is ${name}, and ${why} for port ${wanted}`,
    certain,
    groups: null,
  };
}

interface OnPort {
  /** Those that listen there, or all where none does. */
  readonly candidates: readonly Server[];
  readonly certain: boolean;
  readonly names: Names;
}

interface Named {
  readonly server: Server;
  readonly name: string;
  readonly written: string;
}

interface Names {
  /** The first server of each name. */
  readonly exact: ReadonlyMap<string, Named>;
  /** Names with a star or a dot at an end, and patterns. */
  readonly others: readonly Named[];
}

/** Thousands of requests are followed through one configuration. */
const byPort = new WeakMap<Effective, Map<number, OnPort>>();

function onPort(model: Effective, wanted: number): OnPort {
  const known = byPort.get(model) ?? new Map<number, OnPort>();
  byPort.set(model, known);
  let found = known.get(wanted);
  if (found === undefined) {
    const { servers } = model;
    const listening = servers.filter(
      ({ listens }) => listens.length === 0 || listens.some((each) => each.port === wanted),
    );
    const candidates = listening.length > 0 ? listening : servers;
    found = { candidates, certain: listening.length > 0, names: namesOf(candidates) };
    known.set(wanted, found);
  }
  return found;
}

function namesOf(servers: readonly Server[]): Names {
  const exact = new Map<string, Named>();
  const others: Named[] = [];
  for (const server of servers)
    for (const written of server.names) {
      const named: Named = { server, name: written.toLowerCase(), written };
      // ".example.com" is the name itself as well.
      const whole = named.name.startsWith('.') ? named.name.slice(1) : named.name;
      if (!exact.has(whole)) exact.set(whole, named);
      if (/^[*.~]|\.\*$/.test(written)) others.push(named);
    }
  return { exact, others };
}

type ByName = Pick<ChosenServer, 'server' | 'because' | 'groups'>;

/** Exact names, then the longest `*.name`, then the longest `name.*`, then patterns in order. */
function byName({ exact, others }: Names, host: string): ByName | null {
  const chosen = ({ server, written }: Named): ByName => ({
    server,
    because: `server_name ${written} fits`,
    groups: null,
  });
  const same = exact.get(host);
  if (same !== undefined) return chosen(same);
  const longest = (fits: (name: string) => boolean) =>
    others.filter(({ name }) => fits(name)).toSorted((a, b) => b.name.length - a.name.length)[0];
  const wild =
    longest((name) => /^\*?\./.test(name) && host.endsWith(name.replace(/^\*/, ''))) ??
    longest((name) => name.endsWith('.*') && host.startsWith(name.slice(0, -1)));
  if (wild !== undefined) return chosen(wild);
  for (const { server, written } of others) {
    if (!written.startsWith('~')) continue;
    const match = matchPattern(written.slice(1), host, { ignoreCase: true });
    if (match.certain && match.groups !== null)
      return { server, because: `server_name ${written} fits`, groups: match.groups };
  }
  return null;
}
