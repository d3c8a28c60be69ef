/**
 * What a listener speaks TLS with: which certificate for which name (SNI, RFC 6066), ECDSA beside RSA, whether clients
 * are asked for one, and tickets by which a session is resumed.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { Certificate, KeyPair } from '../contract.ts';
import type { TlsTerms } from '../inside/tls.ts';

export interface ServerTls {
  /** For the server itself: what a client gets that asks for no name, or for one that no certificate has. */
  readonly options: SecureContextOptions & { readonly ticketKeys?: Buffer | undefined };
  readonly asksClients: boolean;
  readonly clientsNeedOne: boolean;
  /** The contexts for a name, one for each kind of key; none for those of the server itself. */
  contextsFor(name: string): readonly SecureContext[];
  /** The same for TLS without sockets; made when it is asked for the first time. */
  terms(): TlsTerms;
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
  // A context that is chosen by name has one certificate, and Node lays it over the server's own (UseSNIContext in its
  // crypto_tls.cc): what the server has of another kind stays, and a client that prefers that kind would be shown the
  // wrong name. So with several names the server has one kind, and each name has to have that kind, too.
  const stray = oneName
    ? undefined
    : pairs.find((pair) => !pairs.some((each) => each.kind === first.kind && covers(each, pair)));
  if (stray !== undefined)
    throw new Error(
      `${stray.names[0] ?? 'a certificate'} has a key of the kind ${stray.kind} alone, and the first certificate of the listener has ${first.kind}; ` +
        `give it one of ${first.kind} as well, or a listener of its own`,
    );
  const own = oneName ? ofEachKind(pairs) : [first];
  const contexts = new Map<FactualPair, SecureContext>();
  const contextOf = (pair: FactualPair) => {
    const context = contexts.get(pair) ?? createSecureContext({ ...common, cert: pair.cert, key: pair.key });
    contexts.set(pair, context);
    return context;
  };
  const options = {
    ...common,
    cert: own.map(({ cert }) => cert),
    key: own.map(({ key }) => key),
    ...(certificate.ticketKeys === undefined ? {} : { ticketKeys: Buffer.from(certificate.ticketKeys) }),
  };
  const asksClients = clients !== null;
  const contextsFor = (name: string) =>
    oneName ? [] : ofEachKind(pairs.filter((each) => each.fits(name))).map(contextOf);
  let terms: TlsTerms | null = null;
  return {
    options,
    asksClients,
    clientsNeedOne: clients?.required === true,
    contextsFor,
    terms: () => {
      // The server's own order of ciphers counts, as it does for Node's servers.
      const context = () => createSecureContext({ ...options, honorCipherOrder: true });
      terms ??= { context: context(), contextsFor: oneName ? null : contextsFor, asksClients };
      return terms;
    },
  };
}

/**
 * For `SNICallback`, whose `this` is the socket in all versions of Node that there are: each kind of the name's
 * certificates is laid over the server's own before OpenSSL chooses. Without a socket there is the first kind alone,
 * which is right as well.
 */
export function chooseByName(
  socket: unknown,
  [first, ...others]: readonly SecureContext[],
  done: (error: Error | null, context?: SecureContext) => void,
): void {
  const { setKeyCert } = (socket ?? {}) as { readonly setKeyCert?: (context: SecureContext) => void };
  for (const context of others) setKeyCert?.call(socket, context);
  done(null, first);
}

/** The first of each kind of key, in order. */
function ofEachKind(pairs: readonly FactualPair[]): FactualPair[] {
  return pairs.filter(({ kind }, index) => pairs.findIndex((pair) => pair.kind === kind) === index);
}

/** All names of a certificate are names of another. */
function covers(pair: FactualPair, other: FactualPair): boolean {
  return pair === other || other.names.every((name) => pair.fits(name));
}

/**
 * Whether the client showed a certificate that was verified. Node calls a client authorized that is resumed in TLS 1.3
 * without having shown one (VerifyPeerCertificate in its crypto_common.cc takes it for a pre-shared key), so the
 * certificate itself has to be there.
 */
export function hasCertificate(socket: object): boolean {
  const secure = socket as Partial<Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>>;
  return secure.authorized === true && secure.getPeerX509Certificate?.() !== undefined;
}

/**
 * Who the client is by its certificate (RFC 4514: `CN=ann,O=Example`, last part first); empty when it showed none that
 * was verified.
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
