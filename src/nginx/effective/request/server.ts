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

export function serverFor({ servers }: Effective, { host, port, scheme }: ClientRequest): ChosenServer | null {
  const wanted = port ?? (scheme === 'https' ? 443 : 80);
  const listening = servers.filter(
    ({ listens }) => listens.length === 0 || listens.some((each) => each.port === wanted),
  );
  const candidates = listening.length > 0 ? listening : servers;
  const nobody = listening.length > 0 ? '' : `no server listens on port ${wanted}, but `;
  const certain = listening.length > 0;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const found = byName(candidates, name);
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

type ByName = Pick<ChosenServer, 'server' | 'because' | 'groups'>;

/** Exact names, then the longest `*.name`, then the longest `name.*`, then patterns in order. */
function byName(servers: readonly Server[], host: string): ByName | null {
  const all = servers.flatMap((server) =>
    server.names.map((name) => ({ server, name: name.toLowerCase(), written: name })),
  );
  const chosen = (each: (typeof all)[number] | undefined): ByName | null =>
    each === undefined ? null : { server: each.server, because: `server_name ${each.written} fits`, groups: null };
  const exact = all.find(({ name }) => name === host || (name.startsWith('.') && name.slice(1) === host));
  if (exact !== undefined) return chosen(exact);
  const longest = (fits: (name: string) => boolean) =>
    all.filter(({ name }) => fits(name)).toSorted((a, b) => b.name.length - a.name.length)[0];
  const front = longest((name) => /^\*?\./.test(name) && host.endsWith(name.replace(/^\*/, '')));
  const back = longest((name) => name.endsWith('.*') && host.startsWith(name.slice(0, -1)));
  if (front !== undefined || back !== undefined) return chosen(front ?? back);
  for (const { server, written } of all) {
    if (!written.startsWith('~')) continue;
    const match = matchPattern(written.slice(1), host, { ignoreCase: true });
    if (match.certain && match.groups !== null)
      return { server, because: `server_name ${written} fits`, groups: match.groups };
  }
  return null;
}
