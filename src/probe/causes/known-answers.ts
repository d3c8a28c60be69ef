/**
 * Answers that only one program gives: the refusal itself says what is wrong, and a status alone would mislead. They
 * come behind what a second try has proved.
 */
import { webSocketPathOf } from '../walk/tries.ts';
import { type Cause, type FailureFacts, worked } from './cause.ts';

export const knownAnswers: readonly Cause[] = [
  {
    code: 'probe-not-an-endpoint',
    when: (facts) => says(facts, /^Welcome to SockJS!/),
    certainty: (facts) => (worked(facts, 'websocket-path') ? 'proved' : 'likely'),
    because: (facts) => `this is where SockJS begins; its WebSockets are on ${onWebSocketPath(facts)}`,
    remedy: (facts) => `dial ${onWebSocketPath(facts)}`,
  },
  {
    code: 'probe-not-found',
    when: (facts) => refused(facts) && worked(facts, 'websocket-path'),
    certainty: 'proved',
    because: (facts) =>
      `nothing takes WebSockets on this path, and the same handshake works on ${onWebSocketPath(facts)}, as with Phoenix and SockJS`,
    remedy: (facts) => `dial ${onWebSocketPath(facts)}; the libraries of the framework add that part by themselves`,
  },
  {
    code: 'probe-answer-tls',
    when: (facts) => facts.status === 426 && /\bTLS\//.test(facts.header('upgrade')),
    certainty: 'likely',
    because: () => 'the server wants TLS: the Upgrade that its 426 asks for is TLS, not a WebSocket',
  },
  {
    code: 'probe-upgrade-not-forwarded',
    when: (facts) => says(facts, /"Connection" must be "Upgrade"/),
    certainty: 'likely',
    because: () => 'the server saw Upgrade and no “Connection: Upgrade”: a proxy on the way has set Connection',
  },
  {
    code: 'probe-upgrade-not-forwarded',
    when: (facts) => says(facts, /Can "Upgrade" only to "WebSocket"/),
    certainty: 'likely',
    because: () => 'the server saw no “Upgrade: websocket”: a proxy on the way dropped it',
  },
  {
    code: 'probe-not-found',
    when: (facts) =>
      facts.status === 400 && says(facts, /^Bad Request$/) && facts.tries.get('plain-get')?.status === 426,
    certainty: 'likely',
    because: () =>
      'the upgrade arrived (a plain GET gets 426), and the path is not the one of the server: the ws library says so with 400',
  },
  {
    code: 'probe-not-found',
    when: (facts) => facts.status === 404 && says(facts, /^404 page not found\n?$/),
    certainty: 'possible',
    because: () =>
      'so speak Go’s servers and Traefik: no router of Traefik fits this host and path, or the program has nothing there',
  },
  {
    code: 'probe-not-found-proxy',
    when: (facts) => says(facts, /"message":\s*"Missing Authentication Token"/),
    certainty: 'likely',
    because: () => 'AWS API Gateway answers like this when the stage or the route in the path does not exist',
    remedy: () => 'dial the address with its stage: wss://ID.execute-api.REGION.amazonaws.com/STAGE',
  },
  {
    code: 'probe-forbidden',
    when: (facts) => refused(facts) && facts.header('cf-mitigated') === 'challenge',
    certainty: 'proved',
    because: () =>
      'Cloudflare wants to see a browser first: its challenge is a page, which no WebSocket client can answer',
    remedy: () => 'let a rule of Cloudflare skip the challenge on the WebSocket’s path',
  },
  {
    code: 'probe-bad-gateway',
    when: (facts) => refused(facts) && facts.header('ngrok-error-code') === 'ERR_NGROK_3200',
    certainty: 'proved',
    because: () => 'the tunnel is offline: no agent of ngrok serves this name now',
    remedy: () => 'start the agent, or dial the name that it shows now',
  },
  {
    code: 'probe-bad-gateway',
    when: (facts) => facts.status === 503 && says(facts, /^upstream connect error/),
    certainty: 'likely',
    because: ({ body }) =>
      `Envoy did not reach the server${/reset reason: ([\w ]+)/.exec(body)?.[1]?.replace(/^/, ': ') ?? ''}`,
  },
  {
    code: 'probe-forbidden',
    when: (facts) => facts.status === 403 && asgi.test(facts.header('server')) && plainDiffers(facts),
    certainty: 'likely',
    because: ({ header }) =>
      `the upgrade arrived at ${/daphne/i.test(header('server')) ? 'Django Channels' : 'the application'} (a plain GET gets another answer): it ended the handshake before it accepted it, or has no WebSocket route on this path`,
    remedy: () => 'send what the page sends (--origin, its cookies or token), and compare the path with the routes',
  },
  {
    code: 'probe-not-found',
    when: (facts) =>
      facts.status === 404 && says(facts, /^Page not found$/) && /^text\/plain/.test(facts.header('content-type')),
    certainty: 'possible',
    because: () =>
      'Action Cable of Rails answers like this: to an Origin that is not in allowed_request_origins, and where Upgrade did not arrive; or nothing is on this path',
  },
];

/** Uvicorn, Hypercorn and Daphne answer 403 when the application closes before it accepts. */
const asgi = /^(?:uvicorn|hypercorn|daphne)/i;

function refused({ failure }: FailureFacts): boolean {
  return failure.phase === 'upgrade' && failure.code === 'status';
}

function says(facts: FailureFacts, pattern: RegExp): boolean {
  return refused(facts) && pattern.test(facts.body);
}

function plainDiffers({ tries, status }: FailureFacts): boolean {
  const plain = tries.get('plain-get');
  return plain !== undefined && plain.status !== 0 && plain.status !== status;
}

function onWebSocketPath({ url }: FailureFacts): string {
  return webSocketPathOf(url) ?? url;
}
