/**
 * Annotations of ingress-nginx as the lines that its controller writes for them (docs/user-guide/nginx-configuration/annotations.md
 * there). Those lines then go the way of every other configuration. Others have a verdict at once.
 */
import type { FateKind } from '../model.ts';

/** Where in the written configuration a line of an annotation stands. */
export type LinePlace = 'http' | 'upstream' | 'server' | 'location';

export interface AnnotationLine {
  readonly place: LinePlace;
  readonly text: string;
}

export type Translated =
  | { readonly lines: readonly AnnotationLine[] }
  | { readonly outcome: FateKind; readonly text: string };

/** All annotations of one Ingress, by their names without the prefix. */
export type Annotations = ReadonlyMap<string, string>;

/** undefined for an annotation that is not known. */
export function translateAnnotation(name: string, value: string, all: Annotations, id: string): Translated | undefined {
  const row = table[name];
  return row === undefined ? verdict(name) : row(value, all, id);
}

type Row = (value: string, all: Annotations, id: string) => Translated;

const lines = (place: LinePlace, ...texts: string[]): Translated => ({ lines: texts.map((text) => ({ place, text })) });
const said = (outcome: FateKind, text: string): Translated => ({ outcome, text });
const seconds =
  (directive: string): Row =>
  (value) =>
    lines('location', `${directive} ${/^\d+$/.test(value.trim()) ? `${value.trim()}s` : value.trim()};`);
const plain =
  (directive: string): Row =>
  (value) =>
    lines('location', `${directive} ${value.trim()};`);
const header =
  (name: string): Row =>
  (value) =>
    lines('location', `add_header ${name} ${quoted(value)} always;`);

const table: Readonly<Record<string, Row>> = {
  'proxy-read-timeout': seconds('proxy_read_timeout'),
  'proxy-send-timeout': seconds('proxy_send_timeout'),
  'proxy-connect-timeout': seconds('proxy_connect_timeout'),
  'proxy-body-size': plain('client_max_body_size'),
  'proxy-buffering': plain('proxy_buffering'),
  'proxy-buffer-size': plain('proxy_buffer_size'),
  'proxy-http-version': plain('proxy_http_version'),
  'proxy-next-upstream': plain('proxy_next_upstream'),
  'proxy-next-upstream-timeout': seconds('proxy_next_upstream_timeout'),
  'proxy-next-upstream-tries': plain('proxy_next_upstream_tries'),
  'proxy-cookie-path': plain('proxy_cookie_path'),
  'proxy-cookie-domain': plain('proxy_cookie_domain'),
  'upstream-vhost': (value) => lines('location', `proxy_set_header Host ${quoted(value)};`),
  'x-forwarded-prefix': (value) => lines('location', `proxy_set_header X-Forwarded-Prefix ${quoted(value)};`),
  'configuration-snippet': (value) => lines('location', ...value.split('\n')),
  'location-snippets': (value) => lines('location', ...value.split('\n')),
  'server-snippet': (value) => lines('server', ...value.split('\n')),
  'server-snippets': (value) => lines('server', ...value.split('\n')),
  affinity: (value, all) =>
    value.trim() === 'cookie'
      ? lines(
          'upstream',
          `sticky cookie ${oneWord(all.get('session-cookie-name') ?? 'INGRESSCOOKIE')}${lifetime(all)};`,
        )
      : said('lost', 'the edge keeps clients by a cookie or by a hash (upstreams.*.balance)'),
  'upstream-hash-by': (value) => lines('upstream', `hash ${quoted(value)} consistent;`),
  'load-balance': (value) =>
    value.trim() === 'ewma' ? lines('upstream', 'least_conn;') : said('kept', 'balance: round-robin'),
  'limit-connections': (value, _all, id) => ({
    lines: [
      { place: 'http', text: `limit_conn_zone $binary_remote_addr zone=connections_${id}:5m;` },
      { place: 'location', text: `limit_conn connections_${id} ${oneWord(value)};` },
    ],
  }),
  'limit-rps': (value, all, id) => rate(value, 's', all, id),
  'limit-rpm': (value, all, id) => rate(value, 'm', all, id),
  'whitelist-source-range': addresses('allow'),
  'allowlist-source-range': addresses('allow'),
  'denylist-source-range': addresses('deny'),
  'auth-url': (value) => ({
    lines: [
      { place: 'location', text: 'auth_request /_holdline_authorize;' },
      { place: 'server', text: `location = /_holdline_authorize { internal; proxy_pass ${oneWord(value)}; }` },
    ],
  }),
  'auth-response-headers': (value) =>
    lines(
      'location',
      ...value.split(',').flatMap((each) => {
        const name = oneWord(each);
        const variable = `$authorized_${name.toLowerCase().replaceAll('-', '_')}`;
        const answered = `$upstream_http_${name.toLowerCase().replaceAll('-', '_')}`;
        return [`auth_request_set ${variable} ${answered};`, `proxy_set_header ${name} ${variable};`];
      }),
    ),
  'auth-type': (value) => lines('location', `auth_basic ${quoted(value)};`),
  'cors-allow-origin': (value) =>
    /[,*]/.test(value.trim().replace(/^\*$/, ''))
      ? said('lost', 'CORS keeps no page from opening a WebSocket; list these origins under origins of the route')
      : lines('location', `add_header Access-Control-Allow-Origin ${quoted(value)} always;`),
  'cors-allow-credentials': header('Access-Control-Allow-Credentials'),
  'cors-expose-headers': header('Access-Control-Expose-Headers'),
};

const verdicts: Readonly<Record<string, readonly [FateKind, string]>> = {
  'websocket-services': ['not-needed', 'every route of the edge takes the upgrade'],
  'enable-cors': ['not-needed', 'see cors-allow-origin; to keep foreign pages out, list origins in the route'],
  'session-cookie-name session-cookie-max-age session-cookie-expires': ['kept', 'balance: sticky-cookie'],
  'session-cookie-path session-cookie-samesite session-cookie-secure session-cookie-domain session-cookie-change-on-failure session-cookie-conditional-samesite-none affinity-mode affinity-canary-behavior':
    ['not-needed', 'the edge sets its cookie for the whole site, and chooses again when the server is gone'],
  'backend-protocol': ['kept', 'the scheme of the upstream’s servers'],
  'use-regex rewrite-target': ['kept', 'match.path and path of the routes'],
  'limit-burst-multiplier': ['kept', 'handshake.burst'],
  'service-upstream ssl-ciphers ssl-prefer-server-ciphers connection-proxy-header http2-push-preload proxy-request-buffering proxy-max-temp-file-size proxy-buffers-number enable-access-log enable-rewrite-log':
    ['not-needed', 'the edge does this in its own way (docs/import.md)'],
  'ssl-redirect force-ssl-redirect from-to-www-redirect permanent-redirect permanent-redirect-code temporal-redirect app-root':
    ['lost', 'the edge redirects nothing; leave it to the ingress or to the server'],
  'cors-allow-methods cors-allow-headers cors-max-age': ['lost', 'preflights go to the server, which answers them'],
  'canary canary-weight canary-by-header canary-by-cookie': [
    'lost',
    'give the servers of both versions weights in one upstream',
  ],
  'auth-signin auth-method auth-cache-key auth-cache-duration auth-snippet auth-proxy-set-headers': [
    'lost',
    'the edge asks with a GET each time, and hands a redirect of the authorizer on',
  ],
  'auth-secret auth-realm auth-secret-type': [
    'lost',
    'the spec has no passwords; let handshake.authorize ask a service',
  ],
  'auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-tls-pass-certificate-to-upstream': [
    'lost',
    'write the authority’s certificate into a file and name it in listen[].clientCertificates',
  ],
};

const verdictByName = new Map(
  Object.entries(verdicts).flatMap(([names, row]) => names.split(' ').map((name) => [name, row] as const)),
);

function verdict(name: string): Translated | undefined {
  const row = verdictByName.get(name);
  return row === undefined ? undefined : said(row[0], row[1]);
}

/** ingress-nginx lets five times the rate through at once unless told otherwise. */
function rate(value: string, period: 's' | 'm', all: Annotations, id: string): Translated {
  const perPeriod = Number(value.trim());
  const burst = Math.round(perPeriod * Number(all.get('limit-burst-multiplier') ?? 5));
  return {
    lines: [
      {
        place: 'http',
        text: `limit_req_zone $binary_remote_addr zone=rate_${period}_${id}:5m rate=${perPeriod}r/${period};`,
      },
      { place: 'location', text: `limit_req zone=rate_${period}_${id} burst=${burst} nodelay;` },
    ],
  };
}

function addresses(directive: 'allow' | 'deny'): Row {
  return (value) => lines('location', ...value.split(',').map((each) => `${directive} ${oneWord(each)};`));
}

function lifetime(all: Annotations): string {
  const written = all.get('session-cookie-max-age') ?? all.get('session-cookie-expires');
  return written === undefined || !/^\d+$/.test(written.trim()) ? '' : ` expires=${written.trim()}s`;
}

/** One word of a configuration: what could end the line and begin another is taken out. */
export function oneWord(text: string): string {
  return text.trim().replaceAll(/[\s;{}"'\\]/g, '');
}

function quoted(text: string): string {
  return `"${text.trim().replaceAll(/["\\\n\r]/g, '')}"`;
}
