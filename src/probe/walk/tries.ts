/**
 * Second tries: the same handshake with one thing changed, to prove or refute a cause. An expert does the same by hand:
 * does it work with a slash, over TLS, with the page's Origin, a second time?
 */
import { type ClientDialResult, dial } from '../../client/dial/dial.ts';
import type { DialFailure } from '../../client/dial/failure.ts';
import type { DialOptions } from '../../client/dial/options.ts';
import { headerValues } from '../../ws/head.ts';

export type TryId =
  | 'again'
  | 'plain-get'
  | 'slash'
  | 'websocket-path'
  | 'redirect'
  | 'other-scheme'
  | 'own-origin'
  | 'no-origin'
  | 'no-extensions'
  | 'subprotocols'
  | 'vite';

export interface TryOutcome {
  readonly id: TryId;
  readonly ok: boolean;
  readonly url: string;
  /** What was changed: `Origin https://example.com`. */
  readonly changed: string;
  /** 0 without an answer. */
  readonly status: number;
  readonly body: string;
  /** `the same handshake with Origin https://example.com: 101`. */
  readonly sentence: string;
}

/** A try must not take longer than what it is for; the first dial had its time already. */
const tryTimeoutMs = 3000;

/** How often `again` repeats: with one bad server of two, three repetitions miss the good one once in eight times. */
const repetitions = 3;

/** In the order in which they are made; those that prove the most come first. */
export async function makeTries(
  failure: DialFailure,
  url: string,
  options: DialOptions,
): Promise<ReadonlyMap<TryId, TryOutcome>> {
  const outcomes = new Map<TryId, TryOutcome>();
  for (const id of triesFor(failure, options)) {
    if (options.signal?.aborted) break;
    const change = changes[id](url, options, failure);
    if (change === null) continue;
    const outcome = await makeTry(id, change, options);
    outcomes.set(id, outcome);
    // Proved: no further handshakes are needed, and every one of them loads a server that may be in trouble.
    if (outcome.ok) break;
  }
  return outcomes;
}

interface Change {
  readonly url: string;
  readonly changed: string;
  readonly options: DialOptions;
  readonly times?: number;
}

async function makeTry(id: TryId, change: Change, options: DialOptions): Promise<TryOutcome> {
  const short = { dnsMs: tryTimeoutMs, tcpMs: tryTimeoutMs, tlsMs: tryTimeoutMs, answerMs: tryTimeoutMs };
  const { onProgress: _progress, onBytes: _bytes, ...rest } = options;
  let result: ClientDialResult | null = null;
  for (let i = 0; i < (change.times ?? 1) && result?.ok !== true; i++) {
    result = await dial(change.url, { ...rest, ...change.options, timeouts: { ...options.timeouts, ...short } });
    if (result.ok) result.connection.cut();
    // Whoever does not answer in time will not be asked a second time: it would take as long again.
    else if (result.failure.code === 'timeout') break;
  }
  const failure = result!.ok ? null : result!.failure;
  const status = result!.ok ? 101 : failure?.phase === 'upgrade' ? failure.answer.status : 0;
  const body = failure?.phase === 'upgrade' ? Buffer.from(failure.body).toString('utf8') : '';
  const said = result!.ok ? '101' : status === 0 ? failureText(failure!) : String(status);
  return {
    id,
    url: change.url,
    changed: change.changed,
    status,
    body,
    ok: result!.ok,
    sentence: `${change.changed}: ${said}`,
  };
}

function triesFor(failure: DialFailure, options: DialOptions): readonly TryId[] {
  if (failure.phase === 'tls') return failure.facts === null ? ['other-scheme'] : [];
  const wish: readonly TryId[] = (options.subprotocols ?? []).length === 0 ? ['subprotocols', 'vite'] : [];
  if (failure.phase === 'answer') {
    if (failure.code === 'timeout') return wish.slice(1);
    // A program that said something in place of HTTP says it to a plain GET as well.
    const plain: readonly TryId[] = failure.received.length === 0 ? ['plain-get'] : [];
    return ['other-scheme', 'again', ...plain, ...wish.slice(1)];
  }
  if (failure.phase !== 'upgrade' || failure.code !== 'status') return [];
  const { status } = failure.answer;
  if (status >= 300 && status < 400) return ['redirect'];
  if (status === 401 || status === 429) return [];
  if (status === 403)
    return options.origin == null
      ? ['own-origin', 'again', 'plain-get', ...wish]
      : ['no-origin', 'own-origin', 'again', 'plain-get', ...wish];
  if (status === 400) return ['again', 'plain-get', 'own-origin', 'no-extensions', ...wish];
  if (status === 404) return ['slash', 'websocket-path', 'own-origin', 'again', 'plain-get', ...wish];
  if (status < 300) return ['slash', 'websocket-path', 'again', 'plain-get'];
  return status === 426 ? ['again', 'plain-get'] : ['again'];
}

const usualSubprotocols = [
  ...[
    'graphql-transport-ws',
    'graphql-ws',
    'mqtt',
    'v12.stomp',
    'actioncable-v1-json',
    'ocpp2.0.1',
    'ocpp1.6',
    'wamp.2.json',
  ],
  ...['binary', 'sip', 'xmpp', 'jsonrpc', 'chat'],
];

/** Null when the change makes no sense for this URL. */
const changes: Readonly<Record<TryId, (url: string, options: DialOptions, failure: DialFailure) => Change | null>> = {
  again: (url) => ({
    url,
    changed: `the same handshake again, up to ${repetitions} times`,
    options: {},
    times: repetitions,
  }),
  'plain-get': (url) => ({ url, changed: 'a plain GET', options: { tweaks: { headers: withoutUpgrade } } }),
  slash: (url) => {
    const parsed = new URL(url);
    const { pathname } = parsed;
    if (pathname === '/') return null;
    parsed.pathname = pathname.endsWith('/') ? pathname.slice(0, -1) : `${pathname}/`;
    return { url: parsed.href, changed: `the same handshake on ${parsed.pathname}`, options: {} };
  },
  // The paths that people give these frameworks; elsewhere it would be one handshake more for nothing.
  'websocket-path': (url, _options, failure) => {
    const path = new URL(url).pathname;
    const body = failure.phase === 'upgrade' ? Buffer.from(failure.body).toString('latin1') : '';
    const to = /SockJS/.test(body) || /\/(?:socket|sockjs|live|stomp)\/?$/.test(path) ? webSocketPathOf(url) : null;
    return to === null ? null : { url: to, changed: `the same handshake on ${new URL(to).pathname}`, options: {} };
  },
  redirect: (url, _options, failure) => {
    const location = failure.phase === 'upgrade' ? (headerValues(failure.answer.rawHeaders, 'location')[0] ?? '') : '';
    const base = url.replace(/^ws/, 'http');
    if (!URL.canParse(location, base)) return null;
    const target = new URL(location, base);
    // Credentials and cookies that were given for one host must not be sent to another.
    if (target.hostname !== new URL(base).hostname) return null;
    target.hash = '';
    const to = target.href.replace(/^http/, 'ws');
    return { url: to, changed: `the handshake where the redirect leads (${to})`, options: {} };
  },
  'other-scheme': (url) => {
    const secure = /^(?:wss|https):/.test(url);
    // The other scheme on the same port; without one in the URL it would be another port.
    const parsed = new URL(url.replace(/^[a-z]+:/, secure ? 'http:' : 'https:'));
    const port = new URL(url.replace(/^ws/, 'http')).port || (secure ? '443' : '80');
    parsed.port = port;
    const to = parsed.href.replace(/^http/, 'ws');
    const insecure = { tls: { insecure: true } };
    return {
      url: to,
      changed: secure ? 'the same port without TLS' : 'the same port with TLS',
      options: secure ? {} : insecure,
    };
  },
  'own-origin': (url, options) => {
    const origin = ownOrigin(url);
    if (options.origin === origin) return null;
    return { url, changed: `Origin ${origin}`, options: { origin } };
  },
  'no-origin': (url) => ({ url, changed: 'the same handshake without Origin', options: { origin: null } }),
  // A server that wants one of them takes the first that it knows.
  subprotocols: (url) => ({ url, changed: 'the usual subprotocols', options: { subprotocols: usualSubprotocols } }),
  // Vite's server compares the whole header, and says nothing to others.
  vite: (url) => ({ url, changed: 'the subprotocol vite-hmr', options: { subprotocols: ['vite-hmr'] } }),
  'no-extensions': (url, options) =>
    options.deflate == null
      ? null
      : { url, changed: 'the same handshake without extensions', options: { deflate: null, extensions: null } },
};

/**
 * What a failure says for itself. OpenSSL’s own words are an address, a code, a function and a file; the reason stands
 * between them.
 */
export function failureText(failure: DialFailure): string {
  const openSsl = failure.phase === 'tls' ? /:SSL routines:[^:]*:([^:]+):/.exec(failure.detail) : null;
  return openSsl === null ? failure.detail : `the TLS handshake failed: ${openSsl[1]} (${failure.code})`;
}

/** Where Phoenix and SockJS have their WebSockets; null for a path that ends so already. */
export function webSocketPathOf(url: string): string | null {
  const parsed = new URL(url);
  const path = parsed.pathname.replace(/\/+$/, '');
  if (path.endsWith('/websocket') || path === '') return null;
  parsed.pathname = `${path}/websocket`;
  return parsed.href;
}

/** The origin of a page on the endpoint's own host. */
export function ownOrigin(url: string): string {
  return new URL(url.replace(/^ws/, 'http')).origin;
}

const upgradeHeaders = /^(?:upgrade|connection|sec-websocket-.*)$/i;

/** The request of somebody who does not ask for an upgrade. */
export function withoutUpgrade(rawHeaders: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    if (!upgradeHeaders.test(rawHeaders[i]!)) kept.push(rawHeaders[i]!, rawHeaders[i + 1]!);
  return [...kept, 'Connection', 'close'];
}
