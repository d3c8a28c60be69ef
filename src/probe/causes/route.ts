/** Causes between the URL and TLS. */
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { DialFailure } from '../../client/dial/failure.ts';
import { type Cause, type FailureFacts, worked } from './cause.ts';

export const routeCauses: readonly Cause[] = [
  // Whatever step it was in: what was cut off by us says nothing about the server.
  { code: 'probe-stopped', when: ({ failure }) => failure.code === 'aborted', certainty: 'proved' },
  { code: 'probe-url', when: phase('url'), certainty: 'proved' },
  { code: 'probe-name-unknown', when: phase('dns', 'ENOTFOUND', 'ENODATA'), certainty: 'proved' },
  { code: 'probe-resolver-failed', when: phase('dns'), certainty: 'likely' },
  { code: 'probe-refused', when: phase('tcp', 'ECONNREFUSED'), certainty: 'proved' },
  { code: 'probe-unreachable', when: phase('tcp', 'EHOSTUNREACH', 'ENETUNREACH'), certainty: 'proved' },
  { code: 'probe-tcp-timeout', when: phase('tcp', 'timeout', 'ETIMEDOUT'), certainty: 'likely' },
  { code: 'probe-socket-path', when: phase('tcp', 'ENOENT', 'EACCES', 'ENOTSOCK'), certainty: 'proved' },
  { code: 'probe-tcp-failed', when: phase('tcp'), certainty: 'possible' },
  {
    code: 'probe-proxy-failed',
    when: phase('proxy'),
    certainty: ({ failure }) => (failure.phase === 'proxy' && failure.answer !== null ? 'proved' : 'likely'),
    because: ({ failure }) => {
      const status = failure.phase === 'proxy' ? (failure.answer?.status ?? 0) : 0;
      return proxySays[status] ?? catalogue['probe-proxy-failed'].means;
    },
  },

  { code: 'probe-certificate-expired', when: phase('tls', 'CERT_HAS_EXPIRED'), certainty: 'proved', because: expired },
  { code: 'probe-certificate-not-yet-valid', when: phase('tls', 'CERT_NOT_YET_VALID'), certainty: 'proved' },
  {
    code: 'probe-certificate-self-signed',
    when: phase('tls', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'),
    certainty: 'proved',
  },
  {
    code: 'probe-certificate-chain',
    when: phase(
      'tls',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ),
    certainty: 'likely',
    because: ({ failure }) =>
      failure.phase === 'tls' && failure.facts?.certificate?.chainLength === 1
        ? `the server sends its own certificate alone, signed by ${failure.facts.certificate.issuer}, which is not known here`
        : 'the chain that the server sends does not end at an authority that is known here',
  },
  {
    code: 'probe-certificate-name',
    when: phase('tls', 'ERR_TLS_CERT_ALTNAME_INVALID'),
    certainty: 'proved',
    because: ({ failure, url }) =>
      `the certificate is for ${(failure.phase === 'tls' && failure.facts?.certificate?.names) || 'no name at all'}, not for ${new URL(url).hostname}`,
  },
  {
    code: 'probe-tls-not-spoken',
    when: (facts) =>
      phase('tls', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST')(facts) ||
      (facts.failure.phase === 'tls' && worked(facts, 'other-scheme')),
    // Likely at first, so that the same port is tried without TLS.
    certainty: (facts) => (worked(facts, 'other-scheme') ? 'proved' : 'likely'),
    because: (facts) =>
      worked(facts, 'other-scheme')
        ? 'the port speaks WebSocket without TLS'
        : 'the port answers, and not in TLS: it speaks plain HTTP or something else',
    remedy: (facts) =>
      worked(facts, 'other-scheme')
        ? `dial ${facts.tries.get('other-scheme')!.url}, or make the port a TLS port at the server`
        : catalogue['probe-tls-not-spoken'].remedy,
  },
  {
    code: 'probe-tls-client-certificate',
    when: (facts) =>
      facts.failure.phase === 'tls' && /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE_CERT/.test(facts.failure.code),
    certainty: 'proved',
  },
  {
    code: 'probe-tls-version',
    when: (facts) =>
      facts.failure.phase === 'tls' &&
      /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|ALERT_HANDSHAKE_FAILURE|NO_CIPHERS|INAPPROPRIATE_FALLBACK/.test(
        facts.failure.code,
      ),
    certainty: 'likely',
  },
  {
    code: 'probe-tls-name',
    when: (facts) => facts.failure.phase === 'tls' && /UNRECOGNIZED_NAME|ALERT_INTERNAL_ERROR/.test(facts.failure.code),
    certainty: 'likely',
  },
  {
    code: 'probe-certificate-untrusted',
    when: (facts) => facts.failure.phase === 'tls' && facts.failure.facts !== null,
    certainty: 'proved',
  },
  { code: 'probe-tls-timeout', when: phase('tls', 'timeout'), certainty: 'likely' },
  { code: 'probe-tls-closed', when: phase('tls', 'closed', 'ECONNRESET', 'EPIPE'), certainty: 'likely' },
  { code: 'probe-tls-failed', when: phase('tls'), certainty: 'possible' },
  { code: 'probe-request-failed', when: phase('request'), certainty: 'proved' },
];

const proxySays: Readonly<Record<number, string>> = {
  403: 'the HTTP proxy on the way does not allow this host or port',
  407: 'the HTTP proxy on the way wants a user and password',
  502: 'the HTTP proxy on the way could not connect to the host and port',
  503: 'the HTTP proxy on the way could not connect to the host and port',
  504: 'the HTTP proxy on the way got no answer from the host and port',
};

/** Holds for failures of one phase, with any code or with one of those given. */
function phase(name: DialFailure['phase'], ...codes: readonly string[]): (facts: FailureFacts) => boolean {
  return ({ failure }) => failure.phase === name && (codes.length === 0 || codes.includes(failure.code));
}

function expired({ failure }: FailureFacts): string {
  const certificate = failure.phase === 'tls' ? (failure.facts?.certificate ?? null) : null;
  if (certificate === null) return 'the server’s certificate has expired';
  return `the certificate of ${certificate.subject} was valid until ${certificate.validTo}`;
}
