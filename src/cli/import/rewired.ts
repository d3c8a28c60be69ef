/**
 * The configuration and its spec with addresses of loopback: listeners on free ports, trial servers in place of the
 * real ones. What would touch the machine (users, logs, files) or get in the way of many requests at once (limits) is
 * left out of both.
 */
import { effective } from '../../nginx/effective/effective.ts';
import type { ImportedSpec } from '../../nginx/import/model.ts';
import type { Configuration, Statement } from '../../nginx/syntax/tree.ts';

export interface Rewiring {
  /** Port of loopback for an address that the configuration listens on. */
  readonly listenPort: (address: string) => number;
  /** Port of the trial server that stands for an address. */
  readonly serverPort: (address: string) => number;
  readonly certificate: { readonly cert: string; readonly key: string };
  /** Where nginx may write. */
  readonly directory: string;
}

/** Lines that a trial does without. */
const leftOut = new Set(
  [
    'user pid error_log access_log lock_file load_module daemon master_process worker_processes worker_rlimit_nofile worker_priority worker_cpu_affinity env',
    'limit_conn limit_req limit_conn_zone limit_req_zone limit_conn_status limit_req_status limit_conn_log_level limit_req_log_level',
    'ssl_dhparam ssl_trusted_certificate ssl_session_ticket_key ssl_stapling ssl_stapling_verify ssl_client_certificate ssl_verify_client ssl_crl',
    'ssl_certificate_key ssl_password_file proxy_ssl_trusted_certificate proxy_ssl_verify proxy_ssl_certificate proxy_ssl_certificate_key',
    'resolver resolver_timeout sticky proxy_bind http2 quic_retry proxy_cache_path client_body_temp_path proxy_temp_path',
  ].flatMap((names) => names.split(' ')),
);

export function rewiredConfiguration(configuration: Configuration, rewiring: Rewiring): string {
  const model = effective(configuration);
  const addresses = [
    ...new Set(
      model.locations.flatMap(({ handler }) =>
        handler.kind === 'proxy' && handler.target.upstream === null ? [handler.target.authority] : [],
      ),
    ),
  ]
    .filter((address) => !address.includes('$'))
    .toSorted((a, b) => b.length - a.length);
  const put = (text: string) =>
    addresses.reduce(
      (made, address) => made.replaceAll(`//${address}`, () => `//127.0.0.1:${rewiring.serverPort(address)}`),
      text,
    );
  const body = configuration.statements
    .map((statement) => rendered(statement, { rewiring, put, seen: new Set() }))
    .join('\n');
  const around = configuration.context.reduceRight((inside, block) => `${block} {\n${inside}\n}`, body);
  const events = /^\s*events\b/m.test(around) ? '' : 'events {}\n';
  return `pid ${rewiring.directory}/nginx.pid;\nerror_log ${rewiring.directory}/error.log;\nworker_processes 1;\n${events}${around}\n`;
}

interface Rendering {
  readonly rewiring: Rewiring;
  readonly put: (text: string) => string;
  /** Addresses that the server listens on already: several may come down to one. */
  readonly seen: Set<string>;
}

function rendered(statement: Statement, rendering: Rendering): string {
  const { directive, children } = statement;
  const { name, words, file, block } = directive;
  if (leftOut.has(name)) return '';
  const raw = words.map(({ start, end }) => file.text.slice(start, end));
  const special = rewritten[name]?.(statement, rendering);
  if (special !== undefined) return special;
  const head = raw.map((word) => (['proxy_pass', 'set'].includes(name) ? rendering.put(word) : word)).join(' ');
  if (block === null) return `${head};`;
  if (block.language === 'lua') return `${head} ${file.text.slice(block.start, block.end)}`;
  const inner = name === 'server' ? { ...rendering, seen: new Set<string>() } : rendering;
  const access = name === 'http' ? 'access_log off;\n' : '';
  return `${head} {\n${access}${children.map((child) => rendered(child, inner)).join('\n')}\n}`;
}

const rewritten: Readonly<Record<string, (statement: Statement, rendering: Rendering) => string | undefined>> = {
  listen: ({ directive: { args } }, { rewiring, seen }) => {
    const [address = '', ...words] = args;
    const kept = words.filter((word) => word === 'ssl' || word.startsWith('default'));
    if (words.includes('quic')) return '';
    const port = rewiring.listenPort(listenKey(address));
    if (seen.has(String(port))) return '';
    seen.add(String(port));
    return `listen 127.0.0.1:${port}${kept.map((word) => ` ${word}`).join('')};`;
  },
  server: ({ directive: { args }, parent }, { rewiring }) => {
    if (parent?.directive.name !== 'upstream') return undefined;
    const [address = '', ...words] = args;
    const kept = words.filter((word) => /^(?:weight=|backup$|down$)/.test(word));
    return `server 127.0.0.1:${rewiring.serverPort(address)}${kept.map((word) => ` ${word}`).join('')};`;
  },
  // What is put together of variables is written out.
  proxy_pass: ({ directive: { args } }, { rewiring }) => {
    const [url = ''] = args;
    const composed = /^\$[a-z_]+:\/\/\$[a-z_]+:\$[a-z_]+(.*)$/i.exec(url);
    return composed === null
      ? undefined
      : `proxy_pass http://127.0.0.1:${rewiring.serverPort('composed')}${composed[1]};`;
  },
  ssl_certificate: (_statement, { rewiring, seen }) => {
    if (seen.has('certificate')) return '';
    seen.add('certificate');
    return `ssl_certificate ${rewiring.certificate.cert};\nssl_certificate_key ${rewiring.certificate.key};`;
  },
};

/** `80`, `*:80` and `0.0.0.0:80` are one address, and `[::]:80` another. */
export function listenKey(address: string): string {
  if (/^\d+$/.test(address)) return `0.0.0.0:${address}`;
  if (address.startsWith('unix:')) return address;
  const withPort = /:\d+$/.test(address) ? address : `${address}:80`;
  return withPort.replace(/^\*:/, '0.0.0.0:');
}

/** The spec for a trial edge: its listeners are given, its servers are the trial ones. */
export interface TrialSpec {
  readonly listen: readonly object[];
  readonly workers: number;
  readonly upstreams: Readonly<Record<string, object>>;
  readonly routes: readonly object[];
}

export function rewiredSpec(
  spec: ImportedSpec,
  listen: readonly object[],
  serverPort: (address: string) => number,
): TrialSpec {
  const upstreams = Object.fromEntries(
    Object.entries(spec.upstreams).map(([name, { servers, balance }]) => [
      name,
      {
        servers: servers.map((server) => {
          const { url, ...more } = typeof server === 'string' ? { url: server } : server;
          return { url: trialUrl(url, serverPort), ...('weight' in more && { weight: more.weight }) };
        }),
        // A cookie of the edge has no counterpart in the nginx of this machine.
        ...(balance !== undefined && !JSON.stringify(balance).includes('sticky') && { balance }),
        verifyTls: false,
        resolve: 'off',
      },
    ]),
  );
  const routes = spec.routes.map(({ limits: _limits, handshake, ...route }) => ({
    ...route,
    ...(handshake?.authorize !== undefined && {
      handshake: { authorize: { ...handshake.authorize, url: trialUrl(handshake.authorize.url, serverPort) } },
    }),
  }));
  return { listen, workers: 1, upstreams, routes };
}

function trialUrl(url: string, serverPort: (address: string) => number): string {
  if (url.startsWith('unix:')) return `http://127.0.0.1:${serverPort(url)}`;
  const [, scheme = 'http:', authority = '', path = ''] = /^(https?:)\/\/([^/]*)(.*)$/.exec(url) ?? [];
  return `${scheme}//127.0.0.1:${serverPort(authority)}${path}`;
}
