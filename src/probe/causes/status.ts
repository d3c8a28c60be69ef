/**
 * Causes when the answer has another status than 101: first what a second try or the page's text proves, then the
 * usual.
 */
import { type Cause, type FailureFacts, worked } from './cause.ts';
import { frameworkOf, wantedSubprotocol } from './frameworks.ts';
import { knownAnswers } from './known-answers.ts';
import { redirectCauses } from './redirect.ts';

export const statusCauses: readonly Cause[] = [
  {
    code: 'probe-some-servers',
    when: (facts) => any(facts) && worked(facts, 'again'),
    certainty: 'proved',
  },
  {
    code: 'probe-answer-tls',
    when: (facts) =>
      says(facts, /plain HTTP request was sent to (?:an )?(?:HTTPS|TLS)|HTTP request to an HTTPS server/i),
    certainty: 'proved',
  },
  ...redirectCauses,
  {
    code: 'probe-path-slash',
    when: (facts) => any(facts) && worked(facts, 'slash'),
    certainty: 'proved',
    because: (facts) => `the same handshake works on ${facts.tries.get('slash')!.url}`,
    remedy: (facts) => `dial ${facts.tries.get('slash')!.url}, or make the proxy’s location match both`,
  },
  {
    code: 'probe-origin-refused',
    when: (facts) => any(facts) && (worked(facts, 'own-origin') || worked(facts, 'no-origin')),
    certainty: 'proved',
    because: (facts) =>
      worked(facts, 'own-origin')
        ? `the server checks Origin: with ${facts.tries.get('own-origin')!.changed} the same handshake works`
        : 'the server checks Origin: without the header, the same handshake works',
  },
  {
    code: 'probe-subprotocol-wanted',
    when: (facts) => any(facts) && (worked(facts, 'subprotocols') || worked(facts, 'vite')),
    certainty: 'proved',
    because: (facts) => `the server wants a subprotocol: with ${wantedSubprotocol(facts)} the same handshake works`,
  },
  {
    code: 'probe-extension-wrong',
    when: (facts) => any(facts) && worked(facts, 'no-extensions'),
    certainty: 'proved',
    because: () => 'without an offer of compression the same handshake works: the server refuses what it should ignore',
    remedy: () => 'let the server ignore extensions that it does not speak (RFC 6455, 9.1)',
  },
  ...knownAnswers,
  {
    code: 'probe-http10',
    when: (facts) =>
      says(
        facts,
        /HTTP\/1\.0|HTTP\/1\.1 or higher|unsupported (?:HTTP version|protocol)|did not receive a valid HTTP request/i,
      ),
    certainty: 'likely',
  },
  {
    code: 'probe-headers-too-large',
    when: (facts) =>
      facts.status === 431 || says(facts, /header (?:or cookie )?(?:is )?too large|header fields too large/i),
    certainty: 'proved',
  },
  {
    code: 'probe-tls-client-certificate',
    when: (facts) => facts.status === 400 && says(facts, /No required SSL certificate was sent/i),
    certainty: 'proved',
  },
  {
    code: 'probe-socketio-session',
    when: (facts) => says(facts, /Session ID unknown|No Connection with that ID/),
    certainty: 'likely',
    because: (facts) =>
      `${/Session ID/.test(facts.body) ? 'Engine.IO' : 'SignalR'} does not know this session: it is one of another server, or is over`,
  },
  // Engine.IO's code 3: it was asked for a WebSocket in the query, and no Upgrade arrived.
  {
    code: 'probe-upgrade-not-forwarded',
    when: (facts) => facts.status === 400 && says(facts, /"code":3,"message"/) && /transport=websocket/.test(facts.url),
    certainty: 'likely',
    because: () =>
      'Engine.IO was asked for a WebSocket and saw a plain request: a proxy on the way dropped Upgrade and Connection',
  },
  {
    code: 'probe-subprotocol-wanted',
    when: (facts) =>
      (facts.status === 400 || facts.status === 403) && says(facts, /sub-?protocol|web socket protocol/i),
    certainty: 'likely',
    because: () => 'the answer’s body asks for a subprotocol',
  },
  {
    code: 'probe-socketio',
    when: (facts) => facts.status === 400 && says(facts, /Transport unknown|"code":[0-5],"message"/),
    certainty: 'proved',
  },
  { code: 'probe-credentials', when: (facts) => facts.status === 401, certainty: 'proved', because: wanted },
  {
    code: 'probe-origin-refused',
    when: (facts) => facts.status === 403 && says(facts, /origin/i),
    certainty: 'likely',
  },
  {
    code: 'probe-upgrade-not-forwarded',
    when: (facts) => facts.status === 403 && facts.answerer.proxy === 'Envoy' && facts.body === '',
    certainty: 'likely',
    because: () => 'Envoy refuses an upgrade that its route does not allow: upgrade_configs are missing',
  },
  {
    code: 'probe-forbidden',
    when: (facts) => facts.status === 403,
    certainty: 'possible',
    because: (facts) =>
      facts.answerer.itself
        ? `${facts.answerer.proxy} itself refuses this client: a deny or return 403, often a check of Origin or an if around proxy_pass`
        : 'the server refuses this client: an access rule, a check of Origin, or a firewall',
  },
  {
    code: 'probe-upgrade-not-forwarded',
    when: (facts) => facts.status === 426,
    certainty: 'likely',
    because: (facts) =>
      `the server asks for the upgrade that was sent${plainIsSame(facts) ? ', as it does for a plain GET' : ''}: a proxy on the way dropped Upgrade and Connection`,
  },
  {
    code: 'probe-upgrade-not-forwarded',
    when: (facts) =>
      facts.status === 400 &&
      says(facts, /upgrade|not using the websocket protocol|WebSocket\b.*(?:only|expected)/i) &&
      plainIsSame(facts),
    certainty: 'likely',
    because: () =>
      'the server answers the handshake as it answers a plain GET: a proxy on the way dropped Upgrade and Connection',
  },
  {
    code: 'probe-not-an-endpoint',
    when: (facts) =>
      isSuccess(facts) && (says(facts, /Welcome to nginx|Apache2 .* Default Page|It works!/) || isFile(facts)),
    certainty: 'likely',
    because: (facts) =>
      isFile(facts)
        ? 'the answer is a file (it has an ETag or a Last-Modified), so the path leads to static files and not to a WebSocket server'
        : 'the answer is the web server’s own start page',
  },
  {
    code: 'probe-upgrade-not-forwarded',
    when: isSuccess,
    certainty: (facts) => (plainIsSame(facts) ? 'likely' : 'possible'),
    because: (facts) =>
      plainIsSame(facts)
        ? 'the handshake was answered just as a plain GET is: a proxy on the way dropped Upgrade and Connection, or the path is an ordinary page'
        : 'the request was answered as an ordinary GET: a proxy on the way dropped Upgrade and Connection, or the path is an ordinary page',
  },
  // What these frameworks say to plain requests alone: a handshake would have come to other code of theirs.
  {
    code: 'probe-upgrade-not-forwarded',
    when: (facts) => facts.status === 404 && plainIsSame(facts) && frameworkOf(facts) !== null,
    certainty: 'likely',
    because: (facts) =>
      `${frameworkOf(facts)} took the handshake for a plain GET: a proxy on the way dropped Upgrade and Connection, or nothing there takes WebSockets on this path`,
  },
  {
    code: 'probe-not-found-proxy',
    when: (facts) => facts.status === 404 && facts.answerer.itself,
    certainty: 'likely',
    because: (facts) => `${facts.answerer.proxy} itself answered: no rule of it leads from this path to a server`,
  },
  {
    code: 'probe-not-found',
    when: (facts) => facts.status === 404 && plainIsSame(facts),
    certainty: 'possible',
    because: () =>
      'a plain GET gets the same answer: nothing is on this path, or a proxy on the way dropped Upgrade and Connection',
  },
  { code: 'probe-not-found', when: (facts) => facts.status === 404 || facts.status === 410, certainty: 'likely' },
  { code: 'probe-method', when: (facts) => facts.status === 405, certainty: 'likely' },
  { code: 'probe-too-many', when: (facts) => facts.status === 429, certainty: 'proved' },
  {
    code: 'probe-upgrade-not-forwarded',
    when: (facts) => facts.status === 400 && !facts.answerer.itself && plainIsSame(facts),
    certainty: 'possible',
    because: () =>
      'the server answers the handshake just as it answers a plain GET: a proxy on the way dropped Upgrade and Connection, or spoke HTTP/1.0',
  },
  {
    code: 'probe-bad-request',
    when: (facts) => facts.status === 400,
    certainty: 'possible',
  },
  {
    code: 'probe-server-error',
    when: (facts) => facts.status === 500 && facts.answerer.proxy === 'Apache',
    certainty: 'possible',
    because: () => 'Apache has nowhere to pass a WebSocket: mod_proxy_wstunnel is not loaded, or the server failed',
    remedy: () => 'load mod_proxy_wstunnel (from 2.4.47 on, mod_proxy_http with upgrade=websocket); its error log says',
  },
  { code: 'probe-server-error', when: (facts) => facts.status === 500, certainty: 'likely' },
  { code: 'probe-bad-gateway', when: (facts) => facts.status === 502, certainty: 'likely' },
  {
    code: 'probe-unavailable',
    when: (facts) => facts.status === 503,
    certainty: 'likely',
    because: (facts) =>
      facts.header('retry-after') !== ''
        ? `the server is there and asks to come back in ${facts.header('retry-after')} s: it is draining, starting, or at a limit`
        : says(facts, /No server is available/)
          ? 'HAProxy has no server that passes its health check'
          : 'the proxy has no server for the request, or a limit has been reached',
  },
  { code: 'probe-gateway-timeout', when: (facts) => facts.status === 504, certainty: 'likely' },
  {
    code: 'probe-cdn-origin',
    when: (facts) => facts.status === 530 && says(facts, /error code: 1033/),
    certainty: 'proved',
    because: () => 'Cloudflare has no tunnel for this name: no cloudflared is connected',
    remedy: () => 'start cloudflared, and look at the tunnel’s state in the dashboard',
  },
  {
    code: 'probe-cdn-origin',
    when: (facts) => (facts.status >= 520 && facts.status <= 526) || facts.status === 530,
    certainty: 'proved',
  },
  { code: 'probe-status', when: any, certainty: 'possible' },
];

function any(facts: FailureFacts): boolean {
  return facts.failure.phase === 'upgrade' && facts.failure.code === 'status';
}

function says(facts: FailureFacts, pattern: RegExp): boolean {
  return any(facts) && pattern.test(facts.body);
}

function isSuccess(facts: FailureFacts): boolean {
  return any(facts) && facts.status >= 200 && facts.status < 300;
}

/** The proof that the upgrade got lost: a request that never asked for one gets the same answer. */
function plainIsSame(facts: FailureFacts): boolean {
  const plain = facts.tries.get('plain-get');
  return plain !== undefined && plain.status === facts.status && plain.body === facts.body;
}

function isFile({ header }: FailureFacts): boolean {
  return header('etag') !== '' && header('last-modified') !== '';
}

function wanted({ header }: FailureFacts): string {
  const scheme = header('www-authenticate').split(' ')[0]!;
  return scheme === '' ? 'the server wants credentials' : `the server wants credentials (${scheme})`;
}
