/**
 * Ways with sockets. `direct`: over their handles and around Node's streams, which leans on Node's inside and costs a
 * fraction. `direct-plain`: the same for plain sockets alone, and streams for TLS. `public`: `net.Socket` and
 * `tls.TLSSocket`, which only use what Node documents.
 */
export type SocketsWay = 'direct' | 'direct-plain' | 'public';
