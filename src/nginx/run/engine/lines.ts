/**
 * Lines of the log that a supervised nginx writes: a handshake as it begins, and what has ended. Clients choose half of
 * what is in them.
 */

import { plainRequest } from '../../generate/log.ts';

interface FollowedLine {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The connection and its request, as nginx numbers them; together they name a handshake while this nginx runs. */
  readonly key: string;
  readonly worker: number;
  readonly route: string;
  readonly client: string;
  readonly port: number;
  /** Where the socket comes from: the client, or a proxy in front. The port is 0 for a Unix socket. */
  readonly peer: string;
  readonly peerPort: number;
  readonly host: string;
  readonly path: string;
  readonly origin: string | null;
  readonly agent: string | null;
  readonly tls: boolean;
}

export interface OpeningLine extends FollowedLine {
  readonly kind: 'opening';
}

export interface EndLine extends FollowedLine {
  readonly kind: 'end';
  /** In the words of the log of a generated configuration; null for plain HTTP. */
  readonly outcome: string | null;
  readonly status: number;
  readonly lifeMs: number;
  /** Until the server had answered; null where none did. */
  readonly handshakeMs: number | null;
  /** Handshakes included. */
  readonly toClientBytes: number;
  readonly toServerBytes: number;
  /** `10.0.0.1:9000` or `unix:/run/app.sock`; the last one that was asked. Null where none was. */
  readonly server: string | null;
  readonly subprotocol: string | null;
  readonly compressed: boolean;
}

/** null for what nginx did not write, or wrote only half of. */
export function readConnectionLine(line: string): OpeningLine | EndLine | null {
  const fields = parsed(line);
  if (fields === null) return null;
  const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string) : '');
  const number = (name: string) => {
    const value = Number(text(name));
    return Number.isFinite(value) ? value : 0;
  };
  const orNull = (name: string) => (text(name) === '' ? null : text(name));
  const opened = text('opened') !== '';
  const at = number(opened ? 'opened' : 'at');
  if (at === 0 || text('connection') === '') return null;
  const followed = {
    atMs: Math.round(at * 1000),
    key: `${text('connection')}.${text('request')}`,
    worker: number('worker'),
    route: text('route'),
    client: text('client'),
    port: number('port'),
    peer: text('peer'),
    peerPort: number('peer_port'),
    host: text('host'),
    path: text('path'),
    origin: orNull('origin'),
    agent: orNull('agent'),
    tls: text('secure') === 'on',
  };
  if (opened) return { kind: 'opening', ...followed };
  const handshake = last(text('handshake'));
  const server = last(text('server'));
  return {
    kind: 'end',
    ...followed,
    outcome: [plainRequest, ''].includes(text('outcome')) ? null : text('outcome'),
    status: number('status'),
    lifeMs: Math.round(number('life') * 1000),
    handshakeMs: handshake === null ? null : Math.round(Number(handshake) * 1000),
    toClientBytes: number('to_client'),
    toServerBytes: sumOf(text('to_server')),
    server: server === null || !/[:.]/.test(server) ? null : server,
    subprotocol: orNull('subprotocol'),
    compressed: text('extensions').includes('permessage-deflate'),
  };
}

/** nginx lists what each of several servers gave: `0, 148`, and `-` for none. */
function last(list: string): string | null {
  const value = list.split(/[,:] /).at(-1)?.trim() ?? '';
  return value === '' || value === '-' ? null : value;
}

function sumOf(list: string): number {
  return list.split(/[,:] /).reduce((sum, each) => sum + (Number(each) || 0), 0);
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // Half a line, where a disk was full or the machine stopped.
    return null;
  }
}
