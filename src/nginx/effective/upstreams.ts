import { isSince, type NginxVersion } from '../../base/nginx-version.ts';
import type { Statement } from '../syntax/tree.ts';
import type { Balancing, NginxUpstream, Scope, UpstreamServer } from './model.ts';
import { createScope, ownLast } from './scopes.ts';

/** An `upstream` block of http. */
export function readUpstream(statement: Statement, http: Scope, target: NginxVersion): NginxUpstream {
  const scope = createScope('upstream', statement, http, statement.children);
  const hash = ownLast(scope, 'hash');
  return {
    ...scope,
    kind: 'upstream',
    name: statement.directive.args[0] ?? '',
    servers: (scope.own.get('server') ?? []).map(readServer),
    balancing: balancingOf(scope),
    hashKey: hash?.directive.args[0] ?? null,
    consistent: hash?.directive.args.includes('consistent') ?? false,
    sticky: scope.own.has('sticky'),
    zone: ownLast(scope, 'zone')?.directive.args[0] ?? null,
    keepalive: keepaliveOf(scope, target),
  };
}

const methods: Record<string, Balancing> = {
  least_conn: 'least-conn',
  ip_hash: 'ip-hash',
  hash: 'hash',
  random: 'random',
  least_time: 'least-time',
  balancer_by_lua_block: 'lua',
  balancer_by_lua_file: 'lua',
  fair: 'other',
};

function balancingOf(scope: Scope): Balancing {
  const named = [...scope.own.keys()].findLast((name) => Object.hasOwn(methods, name));
  if (named !== undefined) return methods[named]!;
  return scope.own.has('sticky') ? 'sticky' : 'round-robin';
}

/** Connections per worker that are kept idle; since 1.29.7 nginx keeps 32 unless told otherwise. */
function keepaliveOf(scope: Scope, target: NginxVersion): NginxUpstream['keepalive'] {
  const written = Number(ownLast(scope, 'keepalive')?.directive.args[0]);
  if (Number.isInteger(written)) return { connections: written, origin: 'own' };
  return { connections: isSince(target, [1, 29, 7]) ? 32 : 0, origin: 'default' };
}

function readServer(statement: Statement): UpstreamServer {
  const [address = '', ...parameters] = statement.directive.args;
  const number = (name: string, otherwise: number) => {
    const value = Number(parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1));
    return Number.isInteger(value) ? value : otherwise;
  };
  return {
    statement,
    address,
    weight: number('weight', 1),
    maxConns: number('max_conns', 0),
    backup: parameters.includes('backup'),
    down: parameters.includes('down'),
    resolve: parameters.includes('resolve'),
  };
}
