/** What versions of nginx take and refuse; a real nginx is asked the same (test/real/nginx/versions.test.ts). */

export interface VersionCase {
  readonly text: string;
  /** The first version that takes it; null for all that Holdline knows. */
  readonly since: string | null;
  /** The first that refuses it again. */
  readonly until?: string;
  /** A module that Debian does not build in, or a version that only lint knows: not asked of a real one. */
  readonly onlyTables?: boolean;
  /** Some distributions have it in older versions: then it is a warning, and the real one may take it. */
  readonly carriedBack?: boolean;
}

const http = (inside: string) => `http { ${inside} }`;
const upstream = (inside: string) => http(`upstream u { server 127.0.0.1:1; ${inside} }`);
const location = (inside: string) => http(`server { listen 127.0.0.1:8099; location / { ${inside} } }`);
const logged = (variable: string) => http(`log_format x "$${variable}";`);
const stream = (inside: string) => `stream { server { listen 127.0.0.1:8098; proxy_pass 127.0.0.1:1; ${inside} } }`;

export const versionCases: readonly VersionCase[] = [
  { text: upstream('keepalive 0;'), since: '1.29.7' },
  { text: upstream('keepalive 16;'), since: null },
  { text: upstream('keepalive 16 local;'), since: '1.29.7' },
  { text: upstream('keepalive 16 local=on;'), since: '9.9.9' },
  { text: upstream('sticky cookie s;'), since: '1.29.6' },
  { text: upstream('sticky cookie s expires=1h path=/;'), since: '1.29.6' },
  { text: upstream('sticky bogus x;'), since: '9.9.9' },
  { text: upstream('sticky cookie;'), since: '9.9.9' },
  { text: upstream('least_time header;'), since: '1.31.0' },
  { text: http('upstream u { server localhost:1 resolve; zone u 64k; resolver 127.0.0.1; }'), since: '1.27.3' },
  { text: http('upstream u { server localhost:1 resolve; resolver 127.0.0.1; }'), since: '9.9.9' },
  { text: http('upstream u { server localhost:1 resolve; zone u 64k; }'), since: '9.9.9' },
  { text: http('resolver 127.0.0.1; upstream u { server localhost:1 resolve; zone u 64k; }'), since: '1.27.3' },
  { text: http('server { listen 127.0.0.1:8097 multipath; }'), since: '1.29.7' },
  { text: http('max_headers 100;'), since: '1.29.8', carriedBack: true },
  { text: location('proxy_pass http://127.0.0.1:1; proxy_limit_rate $arg_x;'), since: '1.27.0' },
  { text: location('proxy_pass http://127.0.0.1:1; proxy_limit_rate 1k;'), since: null },
  { text: http('ssl_certificate_cache off;'), since: '1.27.4' },
  { text: http('ssl_certificate_cache max=8 inactive=1m valid=1m;'), since: '1.27.4' },
  { text: http('ssl_certificate_cache max=8 inactive=1m valid=1m max=9;'), since: '9.9.9' },
  { text: http('proxy_ssl_certificate_cache max=8 inactive=1m valid=1m max=9;'), since: '9.9.9' },
  ...['fastcgi', 'uwsgi', 'scgi', 'grpc', 'proxy'].flatMap((name) =>
    ['rcvbuf', 'sndbuf'].map((way) => ({ text: http(`${name}_socket_${way} 8k;`), since: '1.31.3' })),
  ),
  ...['rcvbuf', 'sndbuf'].map((way) => ({ text: http(`tunnel_socket_${way} 8k;`), since: '1.31.3' })),
  { text: http('xml_external_entities on;'), since: '1.31.3', onlyTables: true },
  { text: stream('proxy_protocol v2;'), since: '1.31.4', onlyTables: true },
  { text: stream('proxy_protocol on;'), since: null, onlyTables: true },
  { text: stream('proxy_socket_rcvbuf 8k;'), since: '1.31.3', onlyTables: true },
  { text: stream('proxy_ssl_alpn h2;'), since: '1.31.0', onlyTables: true },
  { text: 'stream { upstream u { least_time connect; server 127.0.0.1:1; } }', since: '1.31.0', onlyTables: true },
  { text: 'stream { log_format x "$bytes_received"; }', since: null, onlyTables: true },
  { text: 'mail { ssl_certificate_compression on; }', since: '1.29.1', onlyTables: true },
  { text: 'mail { proxy_smtp_auth on; }', since: '1.19.4', onlyTables: true },
  { text: logged('connection_time'), since: '1.19.10' },
  { text: logged('ssl_alpn_protocol'), since: '1.21.4' },
  { text: logged('ssl_curve'), since: '1.21.5' },
  { text: logged('proxy_protocol_tlv_alpn'), since: '1.23.2' },
  { text: logged('http3'), since: '1.25.0' },
  { text: logged('request_port'), since: '1.29.3' },
  { text: logged('is_request_port'), since: '1.29.3' },
  { text: logged('ssl_sigalg'), since: '1.29.3' },
  { text: logged('ssl_client_sigalg'), since: '1.29.3' },
  { text: logged('ssl_ech_status'), since: '1.29.4', onlyTables: true },
  { text: logged('ssl_sigalgs'), since: '1.31.2' },
  { text: logged('upstream_cache_etag'), since: null },
  { text: logged('ssl_curves'), since: null },
];
