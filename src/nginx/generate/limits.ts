/** Limits that nginx can keep: how many at once and how many handshakes, for each address, route and the whole edge. */

import { addressVariable, upgradeVariable } from './maps.ts';
import { type GeneratedLine, line, type Node } from './nodes.ts';
import { formatRate } from './rates.ts';
import type { GenerateTask, NumberedRoute } from './site.ts';

interface Limited {
  readonly zone: GeneratedLine;
  readonly use: GeneratedLine;
}

/** One state takes 64 bytes in limit_conn and 128 in limit_req (nginx's manual, 64-bit). */
const statesPerMb = { conn: 16_000, req: 8_000 } as const;
const zoneMbMax = 1_024;

export function limitZones(task: GenerateTask): Node[] {
  const zones = [...edgeLimits(task), ...task.routes.flatMap((route) => routeLimits(task, route))].map(
    ({ zone }) => zone,
  );
  return zones.length === 0 ? [] : [{ heading: 'Memory for counting.' }, ...zones];
}

/**
 * Lines for a route's location; the edge's own limits are repeated, because one limit_conn in a block hides those
 * around it.
 */
export function limitLines(task: GenerateTask, route: NumberedRoute): Node[] {
  const uses = [...edgeLimits(task), ...routeLimits(task, route)].map(({ use }) => use);
  if (uses.length === 0) return [];
  return [
    ...uses,
    ...(uses.some(({ name }) => name === 'limit_conn')
      ? [
          line(
            'limit_conn_status',
            [429],
            '429 says that it is the client’s number and not the server’s health; the default is 503',
          ),
        ]
      : []),
    ...(uses.some(({ name }) => name === 'limit_req')
      ? [line('limit_req_status', [429], '429, as for too many connections; the default is 503')]
      : []),
  ];
}

function edgeLimits({ site }: GenerateTask): Limited[] {
  const { connections, handshakesPerSecond } = site.limits;
  return [
    ...(connections === null
      ? []
      : [
          connLimit({
            zone: 'websocket_all',
            key: upgradeVariable,
            states: 1,
            most: connections,
            of: 'the whole edge',
          }),
        ]),
    ...(handshakesPerSecond === null
      ? []
      : [
          reqLimit({
            zone: 'websocket_handshakes',
            key: upgradeVariable,
            states: 1,
            ratePerSecond: handshakesPerSecond,
            burst: Math.max(1, Math.ceil(handshakesPerSecond)),
            of: 'the whole edge, with a second’s worth above the rate',
          }),
        ]),
  ];
}

function routeLimits({ plan }: GenerateTask, { number, limits, handshake, match }: NumberedRoute): Limited[] {
  const states = plan.workload.connections;
  const name = `${match.host ?? ''}${match.path}`;
  return [
    ...(limits.connections === null
      ? []
      : [
          connLimit({
            zone: `websocket_route_${number}`,
            key: upgradeVariable,
            states: 1,
            most: limits.connections,
            of: `the route ${name}: the key is one word, so all its WebSockets count together`,
          }),
        ]),
    ...(limits.connectionsPerAddress === null
      ? []
      : [
          connLimit({
            zone: `websocket_address_${number}`,
            key: addressVariable,
            states,
            most: limits.connectionsPerAddress,
            of: 'each client address; a WebSocket counts until it closes',
          }),
        ]),
    ...(handshake.ratePerSecond === null
      ? []
      : [
          reqLimit({
            zone: `websocket_rate_${number}`,
            key: addressVariable,
            states,
            ratePerSecond: handshake.ratePerSecond,
            burst: handshake.burst,
            of: 'each client address; it limits handshakes, not messages',
          }),
        ]),
  ];
}

interface Facts {
  readonly zone: string;
  readonly key: string;
  /** How many different keys there can be. */
  readonly states: number;
  readonly of: string;
}

function connLimit({ zone, key, states, most, of }: Facts & { readonly most: number }): Limited {
  return {
    zone: line('limit_conn_zone', [key, `zone=${zone}:${zoneMb(states, 'conn')}m`], zoneReason(states, 'conn')),
    use: line('limit_conn', [zone, most], `connections at once, of ${of}`),
  };
}

function reqLimit(facts: Facts & { readonly ratePerSecond: number; readonly burst: number }): Limited {
  const { zone, key, states, ratePerSecond, burst, of } = facts;
  return {
    zone: line(
      'limit_req_zone',
      [key, `zone=${zone}:${zoneMb(states, 'req')}m`, `rate=${formatRate(ratePerSecond)}`],
      `${zoneReason(states, 'req')}; the rate is of ${of}`,
    ),
    use: line(
      'limit_req',
      [`zone=${zone}`, `burst=${burst}`, 'nodelay'],
      'as many above the rate at one moment, because a page opens several sockets at once; nodelay, because a handshake that waits is no better than one that is refused',
    ),
  };
}

function zoneMb(states: number, kind: keyof typeof statesPerMb): number {
  return Math.min(zoneMbMax, Math.max(1, Math.ceil(states / statesPerMb[kind])));
}

function zoneReason(states: number, kind: keyof typeof statesPerMb): string {
  if (states === 1) return 'one state, in the smallest zone worth having';
  const each = kind === 'conn' ? '64' : '128';
  return `every connection may have an address of its own: ${states.toLocaleString('en-US')} states of ${each} bytes; a full zone refuses whoever comes next`;
}
