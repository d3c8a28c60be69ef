/** Causes when something else came than an answer in HTTP, or nothing at all. */
import { type Cause, type FailureFacts, worked } from './cause.ts';

export const answerCauses: readonly Cause[] = [
  {
    // In TLS 1.3 the client is done before the server has looked for a certificate.
    code: 'probe-tls-client-certificate',
    when: (facts) => facts.failure.phase === 'answer' && /CERTIFICATE_REQUIRED/.test(facts.failure.code),
    certainty: 'proved',
  },
  {
    code: 'probe-some-servers',
    when: (facts) => facts.failure.phase === 'answer' && worked(facts, 'again'),
    certainty: 'proved',
  },
  {
    code: 'probe-answer-tls',
    when: (facts) => isAnswer(facts) && (tlsRecord.test(facts.body) || worked(facts, 'other-scheme')),
    certainty: 'proved',
  },
  {
    // A SETTINGS frame is what a server of HTTP/2 says first: its type is 4.
    code: 'probe-answer-http2',
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the frame's bytes are what this looks for.
    when: (facts) => isAnswer(facts) && /^\x00\x00[\s\S]\x04/.test(facts.body),
    certainty: 'likely',
  },
  {
    code: 'probe-subprotocol-wanted',
    when: (facts) => facts.failure.phase === 'answer' && worked(facts, 'vite'),
    certainty: 'proved',
    because: () => 'the server answers only clients that offer the subprotocol vite-hmr: it is Vite’s own',
    remedy: () => 'offer it: --subprotocol vite-hmr',
  },
  {
    code: 'probe-answer-timeout',
    when: (facts) => isAnswer(facts, 'timeout'),
    certainty: 'likely',
    because: ({ body }) =>
      body === ''
        ? 'the connection was accepted, but nothing came: the server hangs, or its backlog took the connection while it did not'
        : `the answer began and did not end: ${body.length} bytes came`,
  },
  {
    code: 'probe-answer-endless',
    when: (facts) => isAnswer(facts, 'head-too-long', 'too-many-headers'),
    certainty: 'proved',
  },
  {
    code: 'probe-answer-garbage',
    when: (facts) =>
      isAnswer(facts, 'not-http', 'status-line', 'bare-line-feed', 'control-byte', 'folded-header', 'header-name'),
    certainty: 'proved',
    because: ({ body }) => {
      const known = greetings.find(([mark]) => mark.test(body));
      return known === undefined
        ? 'the program that answered does not speak HTTP'
        : `${known[1]} listens there, not HTTP`;
    },
  },
  {
    code: 'probe-answer-closed',
    when: (facts) => isAnswer(facts) && (facts.tries.get('plain-get')?.status ?? 0) > 0,
    certainty: 'likely',
    because: () =>
      'the server ended the handshake without a word, and answers a plain GET: it takes WebSockets on another path (so does Socket.IO), or its code for upgrades fails',
    remedy: () =>
      'correct the path (Socket.IO: /socket.io/?EIO=4&transport=websocket); else read the log of the server',
  },
  {
    code: 'probe-answer-closed',
    when: (facts) => facts.failure.phase === 'answer',
    certainty: 'possible',
    because: ({ failure }) =>
      failure.phase === 'answer' && failure.code === 'ECONNRESET'
        ? 'the server, or a firewall on the way, reset the connection when it saw the request'
        : 'the server took the request and ended the connection without a word',
  },
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: a TLS record begins with its type and the version 3.
const tlsRecord = /^[\x15\x16]\x03[\x00-\x04]/;

const greetings: readonly (readonly [RegExp, string])[] = [
  [/^SSH-/, 'SSH'],
  [/^220[ -].*(?:SMTP|FTP)/i, 'a mail or FTP server'],
  [/^\* OK/, 'an IMAP server'],
  [/^-ERR|^\+PONG/, 'Redis'],
  [/mysql|mariadb/i, 'MySQL'],
];

function isAnswer({ failure }: FailureFacts, ...codes: readonly string[]): boolean {
  return failure.phase === 'answer' && (codes.length === 0 || codes.includes(failure.code));
}
