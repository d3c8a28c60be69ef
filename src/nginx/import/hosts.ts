/** The hosts of a server as routes match them. */
import type { Effective, Server } from '../effective/model.ts';
import type { Statement } from '../syntax/tree.ts';
import type { Ledger } from './ledger.ts';

/** null among them means any host. Empty: no request that the spec could tell gets to the server. */
export function hostsOf(model: Effective, server: Server, ledger: Ledger): readonly (string | null)[] {
  const lines = server.own.get('server_name') ?? [];
  const say = (outcome: 'kept' | 'lost' | 'notNeeded', text: string) => {
    for (const line of lines) ledger[outcome](line, text);
  };
  const hosts: (string | null)[] = [];
  const named = server.names.filter((name) => name !== '' && name !== '_' && name !== '$hostname');
  for (const name of named) hosts.push(...patternsOf(name, lines, ledger));
  const declared = server.listens.some(({ defaultServer }) => defaultServer);
  const first = server.listens.some((listen) => firstOn(model, listen.address, listen.port) === server);
  if (declared || (first && named.length === 0)) {
    // Another server's wildcard may cover a name of this one, and an exact host wins over it.
    const covered = hosts.filter((host) => host !== null && isCovered(model, server, host));
    say(
      'kept',
      covered.length > 0
        ? 'routes for the names, and for any host'
        : 'a route for any host, since this is the default server',
    );
    return [...covered, null];
  }
  if (hosts.length > 0 && first && named.length > 0)
    say(
      'kept',
      `match.host: ${hosts.join(', ')}; other hosts, which nginx gives to this server because it is the first, get 404`,
    );
  else if (hosts.length > 0) say('kept', `match.host: ${hosts.join(', ')}`);
  else if (named.length === 0) say('notNeeded', 'no request gets here: another server is the default one');
  return [...new Set(hosts)];
}

function patternsOf(name: string, lines: readonly Statement[], ledger: Ledger): string[] {
  const lower = name.toLowerCase();
  if (/^\*\.[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(lower)) return [lower];
  if (/^\.[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(lower)) return [lower.slice(1), `*${lower}`];
  if (/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/.test(lower) || /^\[[0-9a-f:]+\]$/.test(lower))
    return [lower.replace(/\.$/, '')];
  const line = lines.find(({ directive }) => directive.args.includes(name));
  if (line !== undefined)
    ledger.lost(
      line,
      `${name} is a pattern; routes match a host or all subdomains of one (*.example.com), so write a route for each name that is meant`,
    );
  return [];
}

function firstOn({ servers }: Effective, address: string, port: number | null): Server | undefined {
  const listening = servers.filter(({ listens }) =>
    listens.some((each) => each.address === address && each.port === port),
  );
  const declared = listening.find(({ listens }) =>
    listens.some((each) => each.address === address && each.port === port && each.defaultServer),
  );
  return declared ?? listening[0];
}

function isCovered({ servers }: Effective, own: Server, host: string): boolean {
  return servers.some(
    (server) =>
      server !== own && server.names.some((name) => /^\*?\./.test(name) && host.endsWith(name.replace(/^\*/, ''))),
  );
}
