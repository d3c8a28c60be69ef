/** The tables of causes: every failure that a dial can have is named, and every code can be reached. */
import { describe, expect, test } from 'vitest';
import { type Code, catalogue } from '../../src/base/catalogue/catalogue.ts';
import type { DialFailure } from '../../src/client/dial/failure.ts';
import { failureFacts, nameCause } from '../../src/probe/causes/diagnose.ts';
import type { TryId, TryOutcome } from '../../src/probe/walk/tries.ts';

interface Given {
  readonly url?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly tries?: Partial<Record<TryId, Partial<TryOutcome>>>;
}

function causeOf(failure: DialFailure, { url = 'ws://example.com/chat', tries = {} }: Given = {}) {
  const outcomes = Object.entries(tries).map(([id, outcome]) => {
    const whole = {
      id: id as TryId,
      ok: false,
      url,
      changed: 'something',
      status: 0,
      body: '',
      sentence: '',
      ...outcome,
    };
    return [id as TryId, whole] as const;
  });
  return nameCause(failureFacts(failure, url, new Map(outcomes)));
}

function status(code: number, given: Given = {}) {
  const answer = { httpVersion: '1.1' as const, status: code, reason: 'X', rawHeaders: given.headers ?? [] };
  const body = Buffer.from(given.body ?? '');
  return causeOf({ phase: 'upgrade', code: 'status', detail: 'd', answer, body }, given);
}

const nginxPage = '<html><body><center><h1>X</h1></center><hr><center>nginx/1.22.1</center></body></html>';
const worked = { ok: true, status: 101 };

describe('statuses', () => {
  test.each<[string, number, Given, Code]>([
    [
      '200 as a plain GET',
      200,
      { body: 'app', tries: { 'plain-get': { status: 200, body: 'app' } } },
      'probe-upgrade-not-forwarded',
    ],
    ['200, nothing tried', 200, {}, 'probe-upgrade-not-forwarded'],
    ['204', 204, {}, 'probe-upgrade-not-forwarded'],
    ['200 of a file', 200, { headers: ['ETag', '"1"', 'Last-Modified', 'x'] }, 'probe-not-an-endpoint'],
    ['nginx’s start page', 200, { body: 'Welcome to nginx!' }, 'probe-not-an-endpoint'],
    ['200, and 101 with a slash', 200, { tries: { slash: worked } }, 'probe-path-slash'],
    ['200, and 101 the next time', 200, { tries: { again: worked } }, 'probe-some-servers'],
    ['301 to https', 301, { headers: ['Location', 'https://example.com/chat'] }, 'probe-redirect-https'],
    [
      '301 to https on another path',
      301,
      { headers: ['Location', 'https://example.com/'] },
      'probe-redirect-elsewhere',
    ],
    ['301 with a slash', 301, { headers: ['Location', '/chat/'] }, 'probe-path-slash'],
    ['302 to a login', 302, { headers: ['Location', '/login?next=/chat'] }, 'probe-redirect-login'],
    ['307 elsewhere', 307, { headers: ['Location', 'http://www.example.com/chat'] }, 'probe-redirect-elsewhere'],
    ['308 without Location', 308, {}, 'probe-redirect-elsewhere'],
    ['400 of a TLS port', 400, { body: 'The plain HTTP request was sent to HTTPS port' }, 'probe-answer-tls'],
    ['400, header too large', 400, { body: 'Request Header Or Cookie Too Large' }, 'probe-headers-too-large'],
    ['400 of Socket.IO', 400, { body: '{"code":0,"message":"Transport unknown"}' }, 'probe-socketio'],
    [
      '400 of gorilla',
      400,
      {
        body: "websocket: the client is not using the websocket protocol: 'upgrade' token not found",
        tries: {
          'plain-get': {
            status: 400,
            body: "websocket: the client is not using the websocket protocol: 'upgrade' token not found",
          },
        },
      },
      'probe-upgrade-not-forwarded',
    ],
    [
      '400 about HTTP/1.0',
      400,
      { body: 'a WebSocket handshake needs HTTP/1.1; a proxy in front may be speaking HTTP/1.0' },
      'probe-http10',
    ],
    ['400, and 101 without extensions', 400, { tries: { 'no-extensions': worked } }, 'probe-extension-wrong'],
    ['400', 400, { body: 'no' }, 'probe-bad-request'],
    ['401', 401, { headers: ['WWW-Authenticate', 'Bearer realm="x"'] }, 'probe-credentials'],
    ['403, and 101 with the own origin', 403, { tries: { 'own-origin': worked } }, 'probe-origin-refused'],
    [
      '403 that speaks of Origin',
      403,
      { body: 'websocket: request origin not allowed by Upgrader.CheckOrigin' },
      'probe-origin-refused',
    ],
    ['403', 403, { body: nginxPage }, 'probe-forbidden'],
    ['404 of nginx', 404, { headers: ['Server', 'nginx/1.22.1'], body: nginxPage }, 'probe-not-found-proxy'],
    [
      '404 of a server behind nginx',
      404,
      { headers: ['Server', 'nginx/1.22.1'], body: 'Cannot GET /chat' },
      'probe-not-found',
    ],
    ['405', 405, {}, 'probe-method'],
    ['418', 418, {}, 'probe-status'],
    ['426', 426, {}, 'probe-upgrade-not-forwarded'],
    ['429', 429, {}, 'probe-too-many'],
    ['431', 431, {}, 'probe-headers-too-large'],
    ['500', 500, {}, 'probe-server-error'],
    ['502', 502, {}, 'probe-bad-gateway'],
    ['503', 503, {}, 'probe-unavailable'],
    ['503 with Retry-After', 503, { headers: ['Retry-After', '7'] }, 'probe-unavailable'],
    ['504', 504, {}, 'probe-gateway-timeout'],
    ['522', 522, { headers: ['Server', 'cloudflare'] }, 'probe-cdn-origin'],
  ])('%s', (_, code, given, expected) => {
    expect(status(code, given).code).toBe(expected);
  });

  test('what a second try proved is called proved', () => {
    expect(status(403, { tries: { 'own-origin': worked } }).certainty).toBe('proved');
    expect(status(403).certainty).toBe('possible');
    expect(
      status(301, { headers: ['Location', 'https://example.com/chat'], tries: { redirect: worked } }),
    ).toMatchObject({
      certainty: 'proved',
      remedy: 'dial wss://example.com/chat, in the page as well',
    });
  });

  test('recipes are for the proxy that answered', () => {
    const software = (headers: readonly string[], body = '') =>
      status(200, { headers, body }).recipes.map((each) => each.software);
    expect(software(['Server', 'nginx/1.22.1'])).toEqual(['nginx']);
    expect(software(['Server', 'cloudflare'])).toEqual(['Cloudflare']);
    expect(software(['Server', 'awselb/2.0'])).toEqual(['AWS ELB']);
    expect(software([])).toEqual(['nginx', 'HAProxy', 'Caddy']);
    expect(software(['Server', 'gunicorn'])).toEqual(['nginx', 'HAProxy', 'Caddy']);
  });

  test('503 of HAProxy is known by its page', () => {
    const body =
      '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n';
    expect(status(503, { body })).toMatchObject({
      cause: 'HAProxy has no server that passes its health check',
      recipes: [{ software: 'HAProxy' }],
    });
  });
});

const certificate = {
  subject: 'CN=a',
  issuer: 'CN=b',
  names: 'DNS:a',
  validFrom: 'then',
  validTo: 'now',
  chainLength: 1,
};
const facts = { version: 'TLSv1.3', cipher: 'c', alpn: null, distrust: 'x', certificate };
const tls = (code: string, withFacts = false): DialFailure => ({
  phase: 'tls',
  code,
  detail: 'd',
  facts: withFacts ? facts : null,
});
const answer = (code: string, received = ''): DialFailure => ({
  phase: 'answer',
  code,
  detail: 'd',
  received: Buffer.from(received, 'latin1'),
});
const upgrade = (code: Extract<DialFailure, { phase: 'upgrade' }>['code']): DialFailure => ({
  phase: 'upgrade',
  code,
  detail: 'd',
  body: new Uint8Array(0),
  answer: { httpVersion: '1.1', status: 101, reason: '', rawHeaders: [] },
});

describe('every other phase', () => {
  test.each<[DialFailure, Code, Given?]>([
    [{ phase: 'url', code: 'scheme', detail: 'd' }, 'probe-url', { url: 'nonsense' }],
    [{ phase: 'dns', code: 'aborted', detail: 'd' }, 'probe-stopped'],
    [answer('aborted'), 'probe-stopped'],
    [{ phase: 'dns', code: 'ENOTFOUND', detail: 'd' }, 'probe-name-unknown'],
    [{ phase: 'dns', code: 'EAI_AGAIN', detail: 'd' }, 'probe-resolver-failed'],
    ...(['ECONNREFUSED', 'EHOSTUNREACH', 'timeout', 'ENOENT', 'EMFILE'] as const).map(
      (code, i): [DialFailure, Code] => [
        { phase: 'tcp', code, detail: 'd', attempts: [{ address: 'a', code }] },
        (['probe-refused', 'probe-unreachable', 'probe-tcp-timeout', 'probe-socket-path', 'probe-tcp-failed'] as const)[
          i
        ]!,
      ],
    ),
    [{ phase: 'proxy', code: 'refused', detail: 'd', answer: null }, 'probe-proxy-failed'],
    [tls('CERT_HAS_EXPIRED', true), 'probe-certificate-expired'],
    [tls('CERT_NOT_YET_VALID', true), 'probe-certificate-not-yet-valid'],
    [tls('DEPTH_ZERO_SELF_SIGNED_CERT', true), 'probe-certificate-self-signed'],
    [tls('UNABLE_TO_VERIFY_LEAF_SIGNATURE', true), 'probe-certificate-chain'],
    [tls('ERR_TLS_CERT_ALTNAME_INVALID', true), 'probe-certificate-name'],
    [tls('CERT_REVOKED', true), 'probe-certificate-untrusted'],
    [tls('ERR_SSL_WRONG_VERSION_NUMBER'), 'probe-tls-not-spoken'],
    [tls('closed'), 'probe-tls-closed'],
    [tls('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'probe-tls-client-certificate'],
    [tls('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), 'probe-tls-version'],
    [tls('ERR_SSL_TLSV1_UNRECOGNIZED_NAME'), 'probe-tls-name'],
    [tls('timeout'), 'probe-tls-timeout'],
    [tls('ERR_SSL_SOMETHING'), 'probe-tls-failed'],
    [{ phase: 'request', code: 'unwritable', detail: 'd' }, 'probe-request-failed'],
    [answer('timeout'), 'probe-answer-timeout'],
    [answer('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'probe-tls-client-certificate'],
    [answer('closed'), 'probe-answer-closed'],
    [answer('ECONNRESET'), 'probe-answer-closed'],
    [answer('closed'), 'probe-some-servers', { tries: { again: worked } }],
    [answer('not-http', '\x15\x03\x03\x00\x02\x02\x28'), 'probe-answer-tls'],
    [answer('not-http', '\x00\x00\x12\x04\x00'), 'probe-answer-http2'],
    [answer('not-http', 'SSH-2.0-x'), 'probe-answer-garbage'],
    [answer('head-too-long'), 'probe-answer-endless'],
    [upgrade('accept'), 'probe-accept-wrong'],
    [upgrade('connection'), 'probe-upgrade-answer'],
    [upgrade('subprotocol-unoffered'), 'probe-subprotocol-wrong'],
    [upgrade('extension-parameters'), 'probe-extension-wrong'],
  ])('$phase $code', (failure, expected, given) => {
    const cause = causeOf(failure, given);
    expect(cause.code).toBe(expected);
    expect(cause.remedy).toBe(catalogue[expected].remedy);
  });
});

test('a port that turns out to speak WebSocket without TLS: the remedy is the URL that works', () => {
  const url = 'ws://example.com:8080/chat';
  for (const code of ['closed', 'ERR_SSL_WRONG_VERSION_NUMBER']) {
    const cause = causeOf(tls(code), { tries: { 'other-scheme': { ...worked, url } } });
    expect(cause).toMatchObject({ code: 'probe-tls-not-spoken', certainty: 'proved' });
    expect(cause.remedy).toContain(`dial ${url}`);
  }
  // Not proved before that was tried, so that it is.
  expect(causeOf(tls('ERR_SSL_WRONG_VERSION_NUMBER')).certainty).toBe('likely');
});

test('what a proxy answers to CONNECT names the cause', () => {
  const head = { httpVersion: '1.1' as const, status: 407, reason: 'X', rawHeaders: [] };
  const cause = causeOf({ phase: 'proxy', code: 'refused', detail: 'd', answer: head });
  expect(cause).toMatchObject({
    code: 'probe-proxy-failed',
    certainty: 'proved',
    cause: expect.stringContaining('user and password'),
  });
});

test('recipes name the path that was dialled, where a configuration can', () => {
  const lines = (url: string) => status(404, { url, body: nginxPage }).recipes.flatMap((recipe) => recipe.lines);
  expect(lines('ws://example.com/app/chat?x=1').join()).toContain('location /app/chat {');
  for (const url of ['ws://example.com/', 'ws://example.com/a%20b', `ws://example.com/${'x'.repeat(60)}`])
    expect(lines(url).join()).toContain('location /ws {');
});

test('a certificate that nginx misses', () => {
  const body = '<center>No required SSL certificate was sent</center>';
  expect(status(400, { body }).code).toBe('probe-tls-client-certificate');
});

test('whatever an answer says of itself is cut to what can be read', () => {
  const cause = status(404, {
    body: `<script>${'x'.repeat(3000)}</script><b>gone</b>${' word'.repeat(5000)}`,
    headers: ['Via', 'v'.repeat(5000)],
  });
  expect(cause.evidence.find((line) => line.startsWith('the body says'))).toMatch(/^the body says: gone word/);
  expect(Math.max(...cause.evidence.map((line) => line.length))).toBeLessThan(260);
});
