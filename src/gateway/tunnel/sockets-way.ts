/**
 * Two ways with plain TCP sockets: `direct`, over their handles and around Node's streams, which leans on Node's inside
 * and costs a fraction; and `public`, `net.Socket`, which only uses what Node documents.
 */
export type SocketsWay = 'direct' | 'public';
