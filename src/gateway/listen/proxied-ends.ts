import type { Socket } from 'node:net';

/** The ends of a socket as a PROXY protocol header gave them. */
export interface ProxiedEnds {
  readonly address: string;
  readonly port: number;
}

const proxiedEnds = new WeakMap<Socket, ProxiedEnds>();

export function noteProxiedEnds(socket: Socket, ends: ProxiedEnds): void {
  proxiedEnds.set(socket, ends);
}

/** The address and port of the socket's other end, or what a trusted PROXY protocol header said of them. */
export function endsOf(socket: Socket): ProxiedEnds {
  return proxiedEnds.get(socket) ?? { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
}
