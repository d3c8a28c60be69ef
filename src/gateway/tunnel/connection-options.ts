import type { RouteSpec } from '../../plan/edge/plan.ts';
import type { ServerState } from '../../policy/balance/server-state.ts';
import type { ConnectionEnd, ConnectionRecord } from '../../registry/record.ts';
import type { RouteTotals } from '../../registry/totals.ts';
import type { ScanRules } from '../../ws/scanner.ts';
import type { MessageMode } from '../messages/treatment.ts';
import type { MovableOptions, MoveFailure, MoveTold } from './moving/movable.ts';
import type { Wheel } from './wheel.ts';
import type { Wire } from './wire.ts';

/** What is known of a connection when its tunnel opens. */
export type ConnectionFacts = Pick<
  ConnectionRecord,
  | 'id'
  | 'openedAtMs'
  | 'clientAddress'
  | 'clientPort'
  | 'peerAddress'
  | 'tls'
  | 'upstream'
  | 'server'
  | 'host'
  | 'path'
  | 'origin'
  | 'userAgent'
  | 'subprotocol'
  | 'compressed'
  | 'tags'
>;

/** A connection as its worker sees it: the record, and the counts of the server that it is with. */
export interface HeldConnection extends ConnectionRecord {
  readonly serverState: ServerState;
}

/** A connection whose server has broken off. */
export interface Bereft extends HeldConnection {
  /** It stands still until it is told how to go on. */
  readonly waits: boolean;
  /** Its server is lost: it is one of many, and somebody sets their pace. */
  lost(): void;
  /** It goes on. False when it has done so, or is over. */
  takeTurn(): boolean;
}

/** What a connection needs of the worker that holds it. */
export interface ConnectionHost {
  readonly wheel: Wheel;
  readonly random: () => number;
  nowMs(): number;
  monotonicMs(): number;
  onEnd(connection: HeldConnection, end: ConnectionEnd): void;
  /** Its server has broken off. True: it waits until somebody calls its `takeTurn`. */
  onBroken(connection: Bereft): boolean;
  /** A connection has left this server for another one. */
  onAdopted(before: ServerState): void;
  onMoved(connection: HeldConnection, told: MoveTold | MoveFailure): void;
}

export interface ConnectionOptions {
  readonly host: ConnectionHost;
  readonly facts: ConnectionFacts;
  /** The server's counts and health, for whoever balances. */
  readonly serverState: ServerState;
  readonly route: RouteSpec;
  readonly totals: RouteTotals;
  readonly client: Wire;
  readonly server: Wire;
  readonly rules: { readonly client: ScanRules; readonly server: ScanRules };
  /** null for a tunnel, which does not look into messages. */
  readonly messages: MessageMode | null;
  /** null on a route whose clients are closed when their server is lost. */
  readonly move: Pick<MovableOptions, 'redialler' | 'recorder'> | null;
}
