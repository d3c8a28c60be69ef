import type http from 'node:http';
import type net from 'node:net';
import { type Cidr, unixPeer } from '../../base/address.ts';
import { refuseWire } from '../handshake/refusal.ts';
import { acceptHandles, peerOf, withoutDelay } from '../inside/handles.ts';
import { HandleWire } from '../sockets/handle-wire.ts';
import { socketOf } from '../sockets/wire-of.ts';
import type { Arrivals } from './call.ts';
import { Caller, type Reception } from './caller.ts';
import { InTurns } from './in-turns.ts';
import { noteProxiedEnds } from './proxied-ends.ts';
import type { ServerTls } from './tls-options.ts';

export interface ReceptionOptions {
  /** Listens already. */
  readonly front: net.Server;
  /** Serves whoever wants no WebSocket; it listens to nothing by itself. */
  readonly http: http.Server;
  readonly headTimeoutMs: number;
  readonly headBytesMax: number;
  readonly proxies: (() => readonly Cidr[]) | null;
  readonly arrivals: Arrivals;
  /** As it is at the moment; null for a listener in the open. */
  readonly tls: (() => ServerTls) | null;
}

/** How late a silent caller may be noticed, as a share of its time: one timer looks after all of them. */
const checksInTime = 4;

/**
 * Accepts handles, reads the heads of those that ask for a WebSocket in so many words, and hands everybody else on to
 * node:http with what came. False when the server does not listen on such a handle; then it accepts by itself.
 */
export function receive(options: ReceptionOptions): boolean {
  const { front, http, headTimeoutMs, headBytesMax, proxies, arrivals, tls } = options;
  /** Oldest first, so that whoever is late stands in front. */
  const waiting = new Set<Caller>();
  let timer: NodeJS.Timeout | null = null;
  const late = new InTurns<Caller>(
    (caller) => {
      // Who has said what it wants meanwhile is not late.
      if (waiting.delete(caller)) beLate(caller, arrivals);
    },
    () => performance.now(),
  );

  const check = () => {
    timer = null;
    const nowMs = performance.now();
    for (const caller of waiting) {
      if (caller.deadlineMs > nowMs) break;
      late.add(caller);
    }
    if (waiting.size > 0) wait();
  };
  const wait = () => {
    if (timer === null) timer = setTimeout(check, headTimeoutMs / checksInTime);
  };
  /** A client of TLS has the whole time for the TLS handshake, and then for its head. */
  const awaitCaller = (caller: Caller) => {
    caller.deadlineMs = performance.now() + headTimeoutMs;
    waiting.delete(caller);
    waiting.add(caller);
    wait();
  };

  const reception: Reception = {
    proxies,
    headBytesMax,
    await: awaitCaller,
    tls,
    onCall: arrivals.onCall,
    handOn: (caller, unread) => {
      const socket = socketOf(caller.wire, unread);
      // A Unix socket knows no other end that could be asked for later.
      if (caller.proxied || caller.ends.address === unixPeer) noteProxiedEnds(socket, caller.ends);
      http.emit(tls === null ? 'connection' : 'secureConnection', socket);
      socket.resume();
    },
    onNonsense: (caller, detail) => {
      arrivals.onNonsense(caller.ends.address, null, detail);
      caller.wire.destroy();
    },
    leave: (caller) => waiting.delete(caller),
  };
  return acceptHandles(front, (handle) => {
    if (!arrivals.onSocket()) {
      handle.close();
      return;
    }
    withoutDelay(handle);
    const wire = new HandleWire(handle);
    const caller = new Caller(wire, peerOf(handle), reception);
    awaitCaller(caller);
    wire.start(caller, null);
  });
}

function beLate(caller: Caller, arrivals: Arrivals): void {
  if (caller.inPreface) {
    arrivals.onNonsense(caller.ends.address, null, 'the PROXY protocol header did not arrive in time');
    caller.wire.destroy();
    return;
  }
  if (caller.inTls) {
    arrivals.onNonsense(caller.ends.address, null, 'the TLS handshake failed: ERR_TLS_HANDSHAKE_TIMEOUT');
    caller.wire.destroy();
    return;
  }
  const sentence = 'the request head did not arrive in time';
  arrivals.onNonsense(caller.ends.address, 408, sentence);
  refuseWire(caller.wire, { status: 408, sentence });
}
