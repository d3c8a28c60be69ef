import type { ServerState } from '../../policy/balance/server-state.ts';
import type { ConnectionFacts } from './connection-options.ts';
import type { Counters } from './counters.ts';

/**
 * What the registry knows of an open connection, as far as it is neither worked out nor asked for: its facts, and what
 * is counted.
 */
export abstract class OpenRecord implements ConnectionFacts, Counters {
  declare readonly id: string;
  declare readonly openedAtMs: number;
  declare readonly clientAddress: string;
  declare readonly clientPort: number;
  declare readonly peerAddress: string;
  declare readonly tls: boolean;
  declare upstream: string;
  declare server: string;
  declare readonly host: string;
  declare readonly path: string;
  declare readonly origin: string | null;
  declare readonly userAgent: string | null;
  declare readonly subprotocol: string | null;
  declare readonly compressed: boolean;
  declare readonly tags: Readonly<Record<string, string>>;
  clientBytes = 0;
  clientMessages = 0;
  serverBytes = 0;
  serverMessages = 0;
  lastDataMs: number;
  /** Counts and health of the server that it is with. */
  serverState: ServerState;

  constructor(facts: ConnectionFacts, serverState: ServerState, nowMs: number) {
    // Written out: copying the properties of another object takes V8 longer than all the rest.
    this.id = facts.id;
    this.openedAtMs = facts.openedAtMs;
    this.clientAddress = facts.clientAddress;
    this.clientPort = facts.clientPort;
    this.peerAddress = facts.peerAddress;
    this.tls = facts.tls;
    this.upstream = facts.upstream;
    this.server = facts.server;
    this.host = facts.host;
    this.path = facts.path;
    this.origin = facts.origin;
    this.userAgent = facts.userAgent;
    this.subprotocol = facts.subprotocol;
    this.compressed = facts.compressed;
    this.tags = facts.tags;
    this.serverState = serverState;
    this.lastDataMs = nowMs;
  }
}
