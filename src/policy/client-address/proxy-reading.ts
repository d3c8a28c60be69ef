export interface ProxyEndpoint {
  readonly address: string;
  readonly port: number;
}

export type ProxyReading =
  | { readonly kind: 'more' }
  /** `length` bytes belong to the header. */
  | { readonly kind: 'header'; readonly addresses: ProxyAddresses | null; readonly length: number }
  | { readonly kind: 'error'; readonly problem: string };

/**
 * Null for `LOCAL` and `UNKNOWN` (a health check of the proxy itself) and for what is no TCP over IP: then the socket's
 * own peer counts.
 */
export interface ProxyAddresses {
  readonly source: ProxyEndpoint;
  readonly destination: ProxyEndpoint;
}
