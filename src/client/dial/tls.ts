/** The TLS phase: checks the certificate itself, so that a refusal can still say what the certificate was. */

import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';
import { codeOf, within } from './limit.ts';
import type { CertificateFacts, TlsFacts } from './tls-facts.ts';
import type { TlsOptions } from './tls-options.ts';

export type TlsOutcome =
  | { readonly ok: true; readonly socket: TLSSocket }
  | { readonly ok: false; readonly code: string; readonly detail: string; readonly facts: TlsFacts | null };

export async function secure(
  socket: Socket,
  options: {
    readonly host: string;
    readonly tls: TlsOptions | undefined;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<TlsOutcome> {
  const { host, tls = noOptions } = options;
  let context: SecureContext;
  try {
    context = contextFor(tls);
  } catch (error) {
    socket.destroy();
    return failed(codeOf(error), `the TLS options cannot be used: ${(error as Error).message}`, null);
  }
  const servername = tls.servername ?? (isIP(host) === 0 ? host : undefined);
  const secured = connect({
    socket,
    host,
    secureContext: context,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
    ...(servername === undefined ? {} : { servername }),
  });
  return await within<TlsOutcome>(
    options,
    (done) => {
      const onSecure = () => {
        const distrust = distrustOf(secured);
        if (distrust === null || tls.insecure) return done({ ok: true, socket: secured });
        const facts = tlsFacts(secured);
        secured.destroy();
        done(failed(distrust, `the certificate of ${host} is not trusted: ${distrust}`, facts));
      };
      const onError = (error: Error) => done(failed(codeOf(error), `the TLS handshake failed: ${error.message}`, null));
      const onClose = () => done(failed('closed', 'the server ended the connection during the TLS handshake', null));
      secured.on('secureConnect', onSecure);
      // Stays: an error may follow the one that decided, and nobody else listens yet.
      secured.on('error', onError);
      secured.on('close', onClose);
      return () => {
        secured.off('secureConnect', onSecure);
        secured.off('close', onClose);
      };
    },
    (why) => {
      secured.destroy();
      return failed(why, why === 'timeout' ? 'the TLS handshake took too long' : 'the dial was aborted', null);
    },
  );
}

/**
 * What was agreed, and the certificate. Reading the certificate takes a while: ask when it is shown, not for every
 * connection.
 */
export function tlsFacts(socket: TLSSocket): TlsFacts {
  return {
    version: socket.getProtocol(),
    cipher: socket.getCipher()?.name ?? null,
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : null,
    distrust: distrustOf(socket),
    certificate: certificateFacts(socket.getPeerCertificate(true)),
  };
}

const noOptions: TlsOptions = {};

/** A context loads the authorities' certificates: it is made once for all dials that share their options. */
const contexts = new WeakMap<TlsOptions, SecureContext>();

function contextFor(tls: TlsOptions): SecureContext {
  let context = contexts.get(tls);
  if (context === undefined) {
    const { ca, cert, key, minVersion } = tls;
    context = createSecureContext({ ca, cert, key, minVersion });
    contexts.set(tls, context);
  }
  return context;
}

/** Node's types say Error; what it sets is the code. */
function distrustOf(socket: TLSSocket): string | null {
  if (socket.authorized) return null;
  const error: unknown = socket.authorizationError;
  return typeof error === 'string' ? error : codeOf(error ?? { code: 'unauthorized' });
}

/** Longest chain that is counted; Node links a root to itself, and a server may send what it likes. */
const chainLengthMax = 20;

function certificateFacts(certificate: ReturnType<TLSSocket['getPeerCertificate']>): CertificateFacts | null {
  if (certificate === null || certificate.subject === undefined) return null;
  let chainLength = 1;
  let current = certificate as PeerCertificate & { issuerCertificate?: PeerCertificate };
  while (
    chainLength < chainLengthMax &&
    current.issuerCertificate !== undefined &&
    current.issuerCertificate.fingerprint256 !== current.fingerprint256
  ) {
    current = current.issuerCertificate;
    chainLength++;
  }
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: certificate.subjectaltname ?? '',
    validFrom: certificate.valid_from,
    validTo: certificate.valid_to,
    chainLength,
  };
}

function nameOf(name: PeerCertificate['subject']): string {
  return Object.entries(name ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

function failed(code: string, detail: string, facts: TlsFacts | null): TlsOutcome {
  return { ok: false, code, detail, facts };
}
