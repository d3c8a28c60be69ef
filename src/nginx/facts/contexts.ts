import type { Configuration } from '../syntax/tree.ts';
import type { Context } from './facts.ts';

/**
 * The context inside of a block, given the one the block stands in. Null for a block whose inside holds no directives
 * (map, types), for an unknown one, and for everything inside of those.
 */
export function contextInside(name: string, outer: Context | null): Context | null {
  return outer === null ? null : (inside[name]?.[outer] ?? null);
}

/**
 * The context of a configuration's top: `main`, or the innermost block around a fragment; null when it makes no sense.
 */
export function contextAtTop(configuration: Pick<Configuration, 'context'>): Context | null {
  return configuration.context.reduce<Context | null>((outer, name) => contextInside(name, outer), 'main');
}

const inside: Record<string, Partial<Record<Context, Context>>> = {
  events: { main: 'events' },
  http: { main: 'http' },
  stream: { main: 'stream' },
  mail: { main: 'mail' },
  server: { http: 'server', stream: 'stream:server', mail: 'mail:server' },
  upstream: { http: 'upstream', stream: 'stream:upstream' },
  location: { server: 'location', location: 'location' },
  if: { server: 'if:server', location: 'if:location' },
  limit_except: { location: 'limit_except' },
};
