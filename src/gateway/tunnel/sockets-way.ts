/**
 * Two ways of the tunnel with plain TCP sockets: `direct`, around Node's streams, which leans on Node's inside and costs a fraction; and
 * `public`, streams, which only uses what Node documents.
 */
export type SocketsWay = 'direct' | 'public';
