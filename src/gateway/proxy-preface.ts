import type { Socket } from 'node:net';
import { anyHolds, type Cidr, parseAddress } from '../policy/cidr.ts';
import { feedProxy, newProxyParser } from '../policy/proxy-protocol.ts';
import { noteProxiedEnds } from './client.ts';

/** A proxy sends its header in the first packet; who has not within this time is none. */
const headerTimeoutMs = 5000;

export interface Preface {
  readonly trustedProxies: readonly Cidr[];
  readonly onNonsense: (socket: Socket, detail: string) => void;
}

/**
 * Reads the PROXY protocol header that a trusted proxy puts before the client's first byte, then hands the socket on, paused. Peers that are
 * not trusted are handed on at once: a header of theirs is a malformed request, and nothing of it is believed.
 */
export function readPreface(socket: Socket, preface: Preface, next: () => void): void {
  const peer = parseAddress(socket.remoteAddress ?? '');
  if (peer === null || !anyHolds(preface.trustedProxies, peer)) {
    next();
    return;
  }
  const parser = newProxyParser();
  const fail = (detail: string) => {
    preface.onNonsense(socket, detail);
    socket.destroy();
  };
  const onTimeout = () => fail('the PROXY protocol header did not arrive in time');
  const onError = () => socket.destroy();
  const onData = (chunk: Buffer) => {
    const step = feedProxy(parser, chunk);
    if (step.kind === 'more') return;
    if (step.kind === 'error') {
      fail(step.problem);
      return;
    }
    socket.setTimeout(0);
    socket.removeListener('timeout', onTimeout);
    socket.removeListener('error', onError);
    socket.removeListener('data', onData);
    socket.pause();
    if (step.addresses !== null) noteProxiedEnds(socket, step.addresses.source);
    if (step.rest.length > 0) socket.unshift(step.rest);
    next();
  };
  socket.setTimeout(headerTimeoutMs, onTimeout);
  socket.on('error', onError);
  socket.on('data', onData);
}
