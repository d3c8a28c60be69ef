/**
 * Everything of Node's inside that TLS without `tls.TLSSocket` leans on: `tls_wrap`, which lays TLS over a TCP handle
 * and is read and written like one (`handle.ts`). It has been the same from Node 20 to 26. `trial-tls.ts` tries it at
 * start; where it does not do what is said here, TLS goes over public sockets.
 */
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
// Its loading gives the handle of TLS the calls of the handle below (`getpeername`, `reset`).
import { CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW, type SecureContext } from 'node:tls';
import type { Handle } from './handle.ts';

/** What a server side of TLS goes by. */
export interface TlsTerms {
  readonly context: SecureContext;
  /**
   * The contexts for a name that a client asks for, one for each kind of key; null where the first one serves every
   * name.
   */
  readonly contextsFor: ((name: string) => readonly SecureContext[]) | null;
  readonly asksClients: boolean;
}

/** Who waits for a TLS handshake to be complete. */
export interface TlsGuest {
  onSecured(): void;
}

/** TLS over a TCP handle, as far as it is used beyond `Handle`. */
export interface TlsHandle extends Handle {
  /** Ours. */
  terms: TlsTerms;
  /** Ours: who is to be told, once, that the handshake is complete; null from then on. */
  guest: TlsGuest | null;
  /** Ours: how many handshakes were begun in the window that began at `windowSeconds`. */
  handshakes: number;
  windowSeconds: number;
  /** Ours: for whoever looks for the owner of what was thrown. */
  destroy: (this: TlsHandle, error: Error) => void;

  /** Whatever is not about bytes is asked of it. */
  _parent: Handle;
  /** The context whose certificate is shown. */
  sni_context: unknown;
  onhandshakestart: (this: TlsHandle) => void;
  onhandshakedone: (this: TlsHandle) => void;
  oncertcb: (this: TlsHandle, info: { readonly servername?: string | false }) => void;
  onerror: (this: TlsHandle, error: Error) => void;
  enableCertCb(): void;
  certCbDone(): void;
  setKeyCert(context: unknown): void;
  setALPNProtocols(protocols: Uint8Array): void;
  setVerifyMode(asks: boolean, rejects: boolean): void;
  verifyError(): Error | null | undefined;
  getPeerCertificate(abbreviated: boolean): { readonly raw?: Uint8Array } | null | undefined;
  /** Bytes that somebody else has read. */
  receive(bytes: Uint8Array): void;
  /** Ends what is under way, and gives the memory of TLS back. */
  destroySSL(): void;
}

type Wrap = (handle: Handle, context: unknown, isServer: boolean, writes: boolean) => TlsHandle;

const methods = [
  'enableCertCb',
  'certCbDone',
  'setKeyCert',
  'setALPNProtocols',
  'setVerifyMode',
  'verifyError',
  'getPeerCertificate',
  'receive',
  'destroySSL',
  'readStart',
  'readStop',
  'useUserBuffer',
  'writeBuffer',
  'shutdown',
  'getpeername',
] as const satisfies (keyof TlsHandle)[];

interface Bindings {
  readonly wrap: Wrap;
  readonly TLSWrap: { new (): TlsHandle; readonly prototype: object };
}

const inside = find();

/** Why there is no TLS without its streams on this Node, as far as names tell; null when all are there. */
export const tlsMissing: string | null = missingOf(inside);

/** `http/1.1`, the only protocol that is spoken, as RFC 7301, 3.1 writes a list. */
const protocols = Buffer.from('\x08http/1.1', 'latin1');

/**
 * TLS over a TCP handle, as the server. The `owner` of what is returned is told, by its `destroy`, of what goes wrong.
 * What the client has said already is for `receive`, as soon as it is read from. Room for the first bytes that it gets
 * that way is a kilobyte; TLS that reads them itself sets 64 aside, and keeps them.
 */
export function secured(handle: Handle, terms: TlsTerms): TlsHandle {
  // A handle that reads cannot be told to.
  handle.readStop();
  const tls = inside!.wrap(handle, contextOf(terms.context), true, false);
  tls.terms = terms;
  tls.guest = null;
  // The first handshake is no repetition.
  tls.handshakes = -1;
  tls.windowSeconds = nowSeconds();
  tls._parent = handle;
  // Node itself holds the lower handle alone: nobody else may be left to hold this one for a while.
  handle.owner = tls;
  tls.onhandshakestart = onHandshakeStart;
  tls.onhandshakedone = onHandshakeDone;
  tls.onerror = destroyOwner;
  tls.destroy = destroyOwner;
  tls.close = close;
  tls.setALPNProtocols(protocols);
  // A client that shows none is told so in words of HTTP, so that nobody is rejected here.
  tls.setVerifyMode(terms.asksClients, false);
  if (terms.contextsFor !== null) {
    tls.oncertcb = onCertificate;
    tls.enableCertCb();
  }
  return tls;
}

export function isTlsHandle(handle: Handle): handle is TlsHandle {
  return tlsMissing === null && handle instanceof inside!.TLSWrap;
}

/**
 * Bytes of a write under way that the kernel has not taken. Of TLS, what it has handed down, by what is left of it; and
 * before that all of the write, which it may keep encrypted or, while it has something of its own to say, as it is.
 */
export function leavingOf(handle: Handle, writtenBytes: number): number {
  if (!isTlsHandle(handle)) return handle.writeQueueSize;
  const below = handle._parent.writeQueueSize;
  return below > 0 ? below : writtenBytes;
}

/** What a client has shown of itself, in the words of `tls.TLSSocket`. */
export interface Shown {
  readonly authorized: boolean;
  getPeerX509Certificate(): X509Certificate | undefined;
}

export function shownTo(handle: TlsHandle): Shown {
  const asks = handle.terms.asksClients;
  return {
    authorized: asks && (handle.verifyError() ?? null) === null,
    getPeerX509Certificate: () => {
      const raw = asks ? handle.getPeerCertificate(true)?.raw : undefined;
      return raw === undefined ? undefined : new X509Certificate(raw);
    },
  };
}

/** Makes a public socket around the handle look like one of TLS to whoever asks for what a client has shown. */
export function dressAsTls(socket: Socket, handle: TlsHandle): void {
  const { authorized, getPeerX509Certificate } = shownTo(handle);
  Object.assign(socket, { encrypted: true, authorized, getPeerX509Certificate });
  handle.onerror = (error) => socket.destroy(error);
}

/**
 * A client of TLS 1.2 may begin its handshake again, as often as Node's own sockets have it and no more. (With
 * OpenSSL's way to refuse it, a client that does not read could pile up the refusals.)
 */
function onHandshakeStart(this: TlsHandle): void {
  const seconds = nowSeconds();
  if (seconds - this.windowSeconds >= CLIENT_RENEG_WINDOW) {
    this.windowSeconds = seconds;
    this.handshakes = 0;
  } else this.handshakes++;
  // Not from within OpenSSL, which is in the middle of it.
  if (this.handshakes > CLIENT_RENEG_LIMIT) setImmediate(endAttack, this);
}

function endAttack(tls: TlsHandle): void {
  tls.onerror(attack);
}

const attack = Object.assign(new Error('the client began too many TLS handshakes'), { code: 'ERR_TLS_SESSION_ATTACK' });

function onHandshakeDone(this: TlsHandle): void {
  const { guest } = this;
  this.guest = null;
  guest?.onSecured();
}

/** Each kind of the name's certificates is laid over the server's own before OpenSSL chooses. */
function onCertificate(this: TlsHandle, { servername }: { readonly servername?: string | false }): void {
  const contexts = typeof servername === 'string' ? this.terms.contextsFor!(servername) : [];
  for (let i = 1; i < contexts.length; i++) this.setKeyCert(contextOf(contexts[i]!));
  if (contexts.length > 0) this.sni_context = contextOf(contexts[0]!);
  this.certCbDone();
}

function destroyOwner(this: TlsHandle, error: Error): void {
  (this.owner as { destroy(error: Error): void } | undefined)?.destroy(error);
}

function close(this: TlsHandle, done?: () => void): void {
  this._parent.close(() => {
    this.destroySSL();
    done?.();
  });
}

function contextOf(context: SecureContext): unknown {
  return (context as { readonly context: unknown }).context;
}

function nowSeconds(): number {
  return Math.floor(performance.now() / 1000);
}

function find(): Bindings | null {
  const { binding } = process as unknown as { binding?: (name: string) => object };
  try {
    return (binding?.('tls_wrap') ?? null) as Bindings | null;
  } catch {
    // A Node that has taken it away, or forbids it (--permission).
    return null;
  }
}

function missingOf(found: Bindings | null): string | null {
  if (typeof found?.wrap !== 'function' || typeof found.TLSWrap !== 'function')
    return 'this Node has no tls_wrap in process.binding';
  const absent = methods.filter((name) => !(name in found.TLSWrap.prototype));
  return absent.length === 0 ? null : `TLS of this Node has no ${absent.join(', ')}`;
}
