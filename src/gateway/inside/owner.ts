import { executionAsyncResource } from 'node:async_hooks';
import net from 'node:net';

/** Whose event was being worked on when something was thrown, as far as it can be told. */
export interface FaultOwner {
  destroy(error: Error): unknown;
}

/**
 * To be asked within an `uncaughtException` handler: Node still knows there which resource's callback it was in. Null
 * when that is nobody's socket, or when this Node names its resources otherwise.
 */
export function faultOwner(): FaultOwner | null {
  return ownerOf(executionAsyncResource());
}

/** A resource as Node makes them: a handle, a parser, a tick with its arguments, something of node:http. */
export function ownerOf(resource: unknown): FaultOwner | null {
  if (resource instanceof net.Socket) return resource;
  if (typeof resource !== 'object' || resource === null) return null;
  const known = wireBehind(resource) ?? socketBehind(resource);
  if (known !== null) return known;
  const { args } = resource as { readonly args?: unknown };
  for (const argument of Array.isArray(args) ? args : []) {
    if (argument instanceof net.Socket) return argument;
    const owner = typeof argument === 'object' && argument !== null ? socketBehind(argument) : null;
    if (owner !== null) return owner;
  }
  return null;
}

/** Handles that are used without a socket, and their requests, say whose they are. */
function wireBehind(thing: object): FaultOwner | null {
  const { owner } = thing as { readonly owner?: { readonly destroy?: unknown } };
  return typeof owner?.destroy === 'function' ? (owner as FaultOwner) : null;
}

/** Requests and answers of node:http, its parsers, requests to servers, streams' states, and handles. */
function socketBehind(thing: object): net.Socket | null {
  const { socket, req, stream } = thing as Readonly<Record<string, unknown>>;
  const symbol = Object.getOwnPropertySymbols(thing).find(({ description }) => description === 'owner_symbol');
  const owner = symbol === undefined ? undefined : (thing as { readonly [key: symbol]: unknown })[symbol];
  const behindRequest = typeof req === 'object' && req !== null ? (req as { readonly socket?: unknown }).socket : null;
  for (const each of [socket, owner, behindRequest, stream]) if (each instanceof net.Socket) return each;
  return null;
}
