/**
 * What a connection costs in nginx, per version. Measured as the growth of a worker's PSS over 2,000 to 5,000
 * connections (Linux x86_64, page size 4 kB, a browser's handshake of 350 bytes, three extra proxy_set_header lines),
 * on 1.22.1, 1.24.0, 1.26.3, 1.28.0, 1.30.0, 1.30.6 and 1.31.4; between two measured versions the larger value stands.
 * What TLS takes is OpenSSL's, and each version of nginx stands with the newest that its packages bring: 3.0 on Debian
 * 12, 3.5 on Debian 13 (nginx 1.26.3), 3.6 in Debian's testing (1.30.6).
 */

import { isSince, type NginxVersion } from '../../base/nginx-version.ts';

export interface NginxConstants {
  readonly since: NginxVersion;
  /**
   * Bytes of a slot of worker_connections: ngx_connection_t and two ngx_event_t, all written at start
   * (ngx_event_process_init).
   */
  readonly slotBytes: number;
  /** Bytes of an upgraded connection without its two proxy buffers. */
  readonly connectionBaseBytes: number;
  /** Bytes more with TLS towards the client, TLS 1.3, without the ssl_buffer_size buffer’s difference. */
  readonly clientTlsBytes: { readonly buffer4k: number; readonly buffer16k: number };
  /** Bytes more with TLS towards the server (proxy_pass https). */
  readonly serverTlsBytes: number;
  readonly source: string;
}

/** Newest last; a version takes the last row that is not newer than itself. */
export const nginxConstants: readonly NginxConstants[] = [
  {
    since: [1, 18, 0],
    slotBytes: 432,
    connectionBaseBytes: 9_970,
    clientTlsBytes: { buffer4k: 19_400, buffer16k: 29_100 },
    serverTlsBytes: 33_100,
    source: 'measured on 1.22.1, TLS with OpenSSL 3.0; 1.18 to 1.21 have the same structures in their source',
  },
  {
    since: [1, 23, 0],
    slotBytes: 432,
    connectionBaseBytes: 9_970,
    clientTlsBytes: { buffer4k: 19_400, buffer16k: 29_100 },
    serverTlsBytes: 33_100,
    source: 'measured on 1.24.0 without TLS; TLS as on 1.22.1 with OpenSSL 3.0',
  },
  {
    since: [1, 25, 0],
    slotBytes: 440,
    connectionBaseBytes: 9_970,
    clientTlsBytes: { buffer4k: 28_700, buffer16k: 39_700 },
    serverTlsBytes: 56_900,
    source:
      'measured on 1.26.3, TLS with OpenSSL 3.5 (with 3.0 some 9 kB less to the client, 24 kB less to the server)',
  },
  {
    since: [1, 29, 0],
    slotBytes: 440,
    connectionBaseBytes: 11_770,
    clientTlsBytes: { buffer4k: 28_700, buffer16k: 39_700 },
    serverTlsBytes: 56_900,
    source:
      'measured on 1.30.0 (18,896 bytes with two buffers of 4 kB and no TLS) and 1.30.6 (19,936), TLS with OpenSSL 3.6 and no less than with 3.5',
  },
  {
    since: [1, 31, 0],
    slotBytes: 440,
    connectionBaseBytes: 11_770,
    clientTlsBytes: { buffer4k: 27_400, buffer16k: 38_500 },
    serverTlsBytes: 56_900,
    source:
      'measured on 1.31.4 (19,954 bytes with two buffers of 4 kB and no TLS), TLS with OpenSSL 3.6 (with 3.0 it is 5.7 kB less to the client)',
  },
];

export function constantsFor(version: NginxVersion): NginxConstants {
  return nginxConstants.findLast((row) => isSince(version, row.since)) ?? nginxConstants[0]!;
}

/** Bytes of a worker before its slots: code, configuration, log buffers. Measured, 1.22.1 and 1.31.4. */
export const workerBaseBytes = 1_500_000;

/** Smallest block that a buffer takes from the pool; a smaller proxy_buffer_size saves nothing (measured with 2k). */
export const bufferBytesFloor = 4_096;

/**
 * Kernel memory of an idle connection on the nginx host: two TCP sockets of 4,600 bytes of slab each (measured, Linux
 * 6).
 */
export const socketKernelBytes = 4_600;

/** Bytes of a browser's handshake request without cookies; the measured base contains it. */
export const requestHeadBytes = 350;

/** nginx's own buffer for the head of a request, and what it takes when the head is larger (ngx_http_core_module.c). */
export const clientHeaderBufferBytes = 1_024;
export const largeHeaderBufferBytes = 8_192;

/** Seconds that a closed connection keeps its port (TCP_TIMEWAIT_LEN in the kernel's include/net/tcp.h). */
export const timeWaitSeconds = 60;

/**
 * Descriptors of a worker that are not connections: listening sockets, logs, epoll, the master's channel, with room to
 * spare.
 */
export const descriptorsBeside = 64;

/**
 * Processor time in microseconds, measured on nginx 1.22.1 and one core of a 2.5 GHz Xeon: connections sending in turn,
 * so that every message wakes the worker; a burst on one connection is cheaper. Per KB beyond the first bytes, by
 * buffer.
 */
export const processorCosts = {
  plain: { message: 13, perKb: { small: 1.15, large: 0.55 }, handshake: 105 },
  tls: { message: 11, perKb: { small: 1.2, large: 0.45 }, handshake: 2_150 },
} as const;

/** From this proxy_buffer_size on the cheaper cost per KB holds. */
export const largeBufferBytes = 16_384;

/** Share of the processors that the plan uses, so that a reconnect storm and a reload find some left. */
export const processorShareMax = 0.7;

/** Signatures per second and core, OpenSSL 3.0 on a 2.5 GHz Xeon. */
export const signaturesPerSecond = { rsa2048: 3_765, ecdsaP256: 51_648 } as const;

/** Sessions that 1 MB of ssl_session_cache holds (documentation of ngx_http_ssl_module). */
export const sessionsPerMb = 4_000;
