/**
 * What a listener speaks TLS with: which certificate for which name (SNI, RFC 6066), ECDSA beside RSA, whether clients are asked for one,
 * and tickets by which a session is resumed.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { Certificate, KeyPair } from '../surface.ts';

export interface ServerTls {
  /** For the server itself: what a client gets that asks for no name, or for one that no certificate has. */
  readonly options: SecureContextOptions & { readonly ticketKeys?: Buffer | undefined };
  readonly asksClients: boolean;
  readonly clientsNeedOne: boolean;
  /** The context for a name; undefined for that of the server itself. */
  contextFor(name: string): SecureContext | undefined;
}

/** Throws OpenSSL's error for what cannot be used. */
export function serverTls(certificate: Certificate): ServerTls {
  const pairs = [certificate, ...(certificate.others ?? [])].map(withFacts);
  const clients = certificate.clients ?? null;
  const common: SecureContextOptions = {
    minVersion: 'TLSv1.2',
    // Sessions are resumed by any worker, but never under another policy for clients' certificates.
    sessionIdContext: createHash('sha256').update(JSON.stringify(clients)).digest('hex').slice(0, 32),
    ...(clients === null ? {} : { ca: clients.ca }),
  };
  const first = pairs[0]!;
  const firstName = first.names[0] ?? '';
  const oneName = pairs.every((pair) => pair === first || pair.fits(firstName));
  // Of SNI's context Node takes one certificate and lays it over the server's own (UseSNIContext in its crypto_tls.cc): what the server has
  // of another kind stays, and a client that prefers that kind would be shown the wrong name.
  const stray = oneName ? undefined : pairs.find((pair) => pair.kind !== first.kind);
  if (stray !== undefined)
    throw new Error(
      `the certificates are for different names and have keys of different kinds (${first.kind} and ${stray.kind}); ` +
        'give all of them the same kind, or each kind a listener of its own',
    );
  const own = oneName ? [...new Map(pairs.toReversed().map((pair) => [pair.kind, pair])).values()] : [first];
  const contexts = new Map<FactualPair, SecureContext>();
  return {
    options: {
      ...common,
      cert: own.map(({ cert }) => cert),
      key: own.map(({ key }) => key),
      ...(certificate.ticketKeys === undefined ? {} : { ticketKeys: Buffer.from(certificate.ticketKeys) }),
    },
    asksClients: clients !== null,
    clientsNeedOne: clients?.required === true,
    contextFor(name) {
      const pair = oneName ? undefined : pairs.find((each) => each.fits(name));
      if (pair === undefined) return undefined;
      let context = contexts.get(pair);
      if (context === undefined) {
        context = createSecureContext({ ...common, cert: pair.cert, key: pair.key });
        contexts.set(pair, context);
      }
      return context;
    },
  };
}

/**
 * Whether the client showed a certificate that was verified. Node calls a client authorized that is resumed in TLS 1.3 without having shown
 * one (VerifyPeerCertificate in its crypto_common.cc takes it for a pre-shared key), so the certificate itself has to be there.
 */
export function hasCertificate(socket: object): boolean {
  const secure = socket as Partial<Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>>;
  return secure.authorized === true && secure.getPeerX509Certificate?.() !== undefined;
}

/**
 * Who the client is by its certificate (RFC 4514: `CN=ann,O=Example`, last part first); empty when it showed none that was verified.
 */
export function subjectOf(socket: object): string {
  if (!hasCertificate(socket)) return '';
  return (socket as TLSSocket)
    .getPeerX509Certificate()!
    .subject.split('\n')
    .reverse()
    .map((part) => {
      const equals = part.indexOf('=');
      return `${part.slice(0, equals)}=${escaped(part.slice(equals + 1))}`;
    })
    .join(',')
    .slice(0, subjectLengthMax);
}

/** A subject is a few names; a header of more than this would not fit beside the others. */
const subjectLengthMax = 1024;

interface FactualPair extends KeyPair {
  readonly kind: string;
  readonly names: readonly string[];
  fits(name: string): boolean;
}

function withFacts({ cert, key }: KeyPair): FactualPair {
  const parsed = new X509Certificate(cert);
  const names = [...(parsed.subjectAltName ?? '').matchAll(/DNS:([^,\s"]+)/g)].map((match) =>
    match[1]!.replace('*', 'any'),
  );
  return {
    cert,
    key,
    kind: parsed.publicKey.asymmetricKeyType ?? '',
    names,
    fits: (name) => parsed.checkHost(name) !== undefined,
  };
}

/** RFC 4514, 2.4; what is not ASCII as the bytes of its UTF-8 form, since this goes into a header. */
function escaped(value: string): string {
  const special = value.replace(/[",+;<>\\]/g, '\\$&').replace(/^[ #]| $/g, '\\$&');
  return special.replace(/[^\x20-\x7e]/gu, (character) =>
    [...Buffer.from(character, 'utf8')].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}
