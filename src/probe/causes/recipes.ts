/** How a remedy is done in the proxies that people use. nginx comes first because Holdline stands behind it. */
import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Recipe } from '../report.ts';
import type { ProxyName } from './software.ts';

type Recipes = Partial<Record<ProxyName, readonly string[]>>;

const recipes: Partial<Record<Code, Recipes>> = {
  'probe-upgrade-not-forwarded': {
    nginx: [
      'proxy_http_version 1.1;',
      'proxy_set_header Upgrade $http_upgrade;',
      'proxy_set_header Connection "upgrade";',
      '# beside every proxy_set_header of the same location: one there drops those above it',
    ],
    HAProxy: ['Upgrades pass by default: look for http-request del-header and option httpclose.'],
    Caddy: ['reverse_proxy passes upgrades by itself: look for header_up -Connection or -Upgrade.'],
    Apache: [
      'ProxyPass "/ws" "ws://server:port/ws"',
      '# needs mod_proxy_wstunnel, or upgrade=websocket from 2.4.47 on',
    ],
    Envoy: ['upgrade_configs: [{ upgrade_type: websocket }]'],
    Cloudflare: ['Network: switch WebSockets on.'],
    'AWS ELB': ['A Classic Load Balancer needs a TCP or SSL listener, or an Application Load Balancer in its place.'],
  },
  'probe-http10': {
    nginx: [
      'proxy_http_version 1.1;',
      'proxy_set_header Upgrade $http_upgrade;',
      'proxy_set_header Connection "upgrade";',
    ],
  },
  'probe-path-slash': {
    nginx: ['location = /ws { … }   # beside location /ws/, with the same proxy_pass'],
    Apache: ['DirectorySlash Off'],
  },
  'probe-not-an-endpoint': {
    nginx: ['location /ws { proxy_pass http://server:port; … }   # the path that clients dial'],
  },
  'probe-not-found-proxy': {
    nginx: ['location /ws { proxy_pass http://server:port; … }   # in the server block of this name'],
    HAProxy: ['use_backend NAME if { path_beg /ws }'],
    Caddy: ['reverse_proxy /ws* server:port'],
  },
  'probe-not-found': {
    nginx: ['proxy_pass http://server:port;   # without a path behind it, the request’s own path is kept'],
    Caddy: ['handle, not handle_path, when the server wants the whole path'],
  },
  'probe-headers-too-large': { nginx: ['large_client_header_buffers 4 16k;'] },
  'probe-forbidden': {
    nginx: [
      '# a return outside the if always runs; refuse in the if, and proxy outside it:',
      'if ($origin_ok = 0) { return 403; }',
    ],
  },
  'probe-origin-refused': {
    nginx: ['map $http_origin $origin_ok { default 0; "~^https://app\\.example\\.com$" 1; }'],
  },
  'probe-bad-gateway': {
    nginx: [
      'error.log: “connect() failed (111)”: nothing listens where proxy_pass points',
      'error.log: “upstream sent too big header”: proxy_buffer_size 8k;',
      'error.log: “SSL_do_handshake() failed”: http:// and https:// are mixed up in proxy_pass',
    ],
    HAProxy: ['The termination state in the log tells: SC means that nothing listened, SH that the server broke off.'],
    Caddy: ['The log’s “dial tcp … connection refused” names the server that is missing.'],
  },
  'probe-unavailable': {
    nginx: ['error.log: “limiting connections by zone” is limit_conn, “limiting requests” is limit_req'],
    HAProxy: ['echo "show servers state" | socat stdio /run/haproxy/admin.sock'],
  },
  'probe-gateway-timeout': {
    nginx: ['proxy_read_timeout bounds the handshake too; proxy_connect_timeout the way to the server'],
    HAProxy: ['timeout server bounds the handshake; timeout tunnel only what comes after it'],
  },
  'probe-server-error': {
    nginx: ['error.log: “worker_connections are not enough”: each WebSocket takes two'],
    Apache: ['a2enmod proxy_wstunnel', 'error.log: “No protocol handler was valid for the URL”'],
  },
  'probe-socketio-session': {
    nginx: ['upstream app { ip_hash; server …; server …; }   # or hash $cookie_… consistent'],
    HAProxy: ['cookie SERVERID insert indirect nocache'],
    Caddy: ['lb_policy cookie'],
  },
  'probe-answer-http2': { nginx: ['listen 80;   # without http2, which does without TLS what no client asks for'] },
  'probe-certificate-chain': { nginx: ['ssl_certificate fullchain.pem;   # the leaf first, then the intermediates'] },
  'probe-certificate-expired': {
    nginx: ['nginx -s reload   # after the renewal: certificates are read at a reload only'],
  },
  'probe-tls-not-spoken': { nginx: ['listen 443 ssl;'] },
  'probe-redirect-https': {
    nginx: ['# the redirect is right; clients have to dial wss://'],
  },
};

/** For the proxy that answered; when it is not known, for nginx and the two others that are met most. */
export function recipesFor(code: Code, proxy: ProxyName | null, url: string): readonly Recipe[] {
  const known = recipes[code] ?? {};
  // A server that names itself, and is no proxy that we know, does not tell what stands in front of it.
  // A proxy that is known, and has no recipe, gets none of another.
  const asked = proxy === null ? usual : [proxy];
  const path = pathOf(url);
  return asked.flatMap((software) => {
    const lines = known[software];
    return lines === undefined ? [] : [{ software, lines: lines.map((line) => line.replaceAll('/ws', path)) }];
  });
}

const usual: readonly ProxyName[] = ['nginx', 'HAProxy', 'Caddy'];

/** The path that was dialled stands for /ws where a configuration can name it as it is: short, and without escapes. */
function pathOf(url: string): string {
  if (!URL.canParse(url)) return '/ws';
  const path = new URL(url).pathname.replace(/\/$/, '');
  return /^(?:\/[\w.~-]+)+$/.test(path) && path.length <= 40 ? path : '/ws';
}
