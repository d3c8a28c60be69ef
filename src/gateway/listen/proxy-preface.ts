import type { Socket } from 'node:net';
import { anyHolds, type Cidr, parsePeer } from '../../base/address.ts';
import { feedProxy, newProxyParser } from '../../policy/client-address/proxy-protocol.ts';
import { endsOf, noteProxiedEnds } from './proxied-ends.ts';

/** A proxy sends its header in the first packet; a peer that has not within this time is no proxy. */
const headerTimeoutMs = 5000;

const gone = ['end', 'error', 'close'] as const;

export interface Preface {
  readonly trustedProxies: readonly Cidr[];
  readonly onNonsense: (socket: Socket, detail: string) => void;
}

/**
 * Reads the PROXY protocol header that a trusted proxy puts before the client's first byte, then hands the socket on,
 * paused. Peers that are not trusted are handed on at once: a header of theirs is a malformed request, and nothing of
 * it is believed.
 */
export function readPreface(socket: Socket, preface: Preface, next: () => void): void {
  const peer = parsePeer(endsOf(socket).address);
  if (peer === null || !anyHolds(preface.trustedProxies, peer)) {
    next();
    return;
  }
  const parser = newProxyParser();
  const fail = (detail: string) => {
    preface.onNonsense(socket, detail);
    socket.destroy();
  };
  // Not the socket's own timeout, which every byte of a slow header would put off.
  const timer = setTimeout(() => fail('the PROXY protocol header did not arrive in time'), headerTimeoutMs);
  const onGone = () => {
    clearTimeout(timer);
    socket.destroy();
  };
  const onData = (chunk: Buffer) => {
    const step = feedProxy(parser, chunk);
    if (step.kind === 'more') return;
    if (step.kind === 'error') {
      fail(step.problem);
      return;
    }
    clearTimeout(timer);
    for (const event of gone) socket.removeListener(event, onGone);
    socket.removeListener('data', onData);
    socket.pause();
    if (step.addresses !== null) noteProxiedEnds(socket, step.addresses.source);
    if (step.rest.length > 0) socket.unshift(step.rest);
    next();
  };
  for (const event of gone) socket.on(event, onGone);
  socket.on('data', onData);
}
