import type { GatewayEvent, HandshakeRefusal } from '../../gateway/contract.ts';
import { type EndedRecord, endedOf } from '../../registry/history/ended.ts';
import type { ConnectionEnd, ConnectionRecord } from '../../registry/record.ts';

/** What becomes a line of the log. `atMs` is milliseconds since 1970, read where it happened. */
export type LogEvent =
  | OpenEvent
  | CloseEvent
  | RefusedEvent
  | ServerUnreachableEvent
  | HookEvent
  | MoveEvent
  | FaultEvent
  | SuppressedEvent;

export interface OpenEvent {
  readonly kind: 'open';
  readonly atMs: number;
  readonly id: string;
  readonly clientAddress: string;
  /** 0 when a proxy in front did not say. */
  readonly clientPort: number;
  readonly route: string;
  readonly server: string;
  readonly origin: string | null;
  readonly subprotocol: string | null;
}

export interface CloseEvent {
  readonly kind: 'close';
  readonly atMs: number;
  readonly ended: EndedRecord;
}

export interface RefusedEvent extends HandshakeRefusal {
  readonly kind: 'refused';
  readonly atMs: number;
}

export interface ServerUnreachableEvent {
  readonly kind: 'server-unreachable';
  readonly atMs: number;
  readonly server: string;
  readonly detail: string;
}

export type HookEvent = { readonly atMs: number } & Extract<
  GatewayEvent,
  { kind: 'hook-failed' | 'hooks-loaded' | 'hooks-kept' }
>;

/** A connection has got another server, or has been closed because there was none. */
export type MoveEvent = { readonly atMs: number } & Extract<GatewayEvent, { kind: 'moved' | 'move-failed' }>;

/** Something was thrown that nobody caught: a fault of Holdline's own. */
export type FaultEvent = { readonly atMs: number } & Extract<GatewayEvent, { kind: 'fault' }>;

/** Lines of refusals that were left out because there were too many. */
export interface SuppressedEvent {
  readonly kind: 'suppressed';
  readonly atMs: number;
  readonly count: number;
}

export function openEvent(record: ConnectionRecord): OpenEvent {
  return { kind: 'open', atMs: record.openedAtMs, ...facts(record) };
}

export function closeEvent(record: ConnectionRecord, end: ConnectionEnd): CloseEvent {
  return { kind: 'close', atMs: end.closedAtMs, ended: endedOf(record, end) };
}

function facts(record: ConnectionRecord) {
  return {
    id: record.id,
    clientAddress: record.clientAddress,
    clientPort: record.clientPort,
    route: record.route,
    server: record.server,
    origin: record.origin,
    subprotocol: record.subprotocol,
  };
}
