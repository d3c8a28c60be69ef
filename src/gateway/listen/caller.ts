import { anyHolds, type Cidr, parsePeer } from '../../base/address.ts';
import { feedProxy, newProxyParser, type ProxyParser } from '../../policy/client-address/proxy-protocol.ts';
import { readHandshake } from '../../ws/handshake.ts';
import { readRequestHead } from '../../ws/request-head.ts';
import { secured, shownTo, type TlsGuest, type TlsHandle } from '../inside/tls.ts';
import { HandleWire } from '../sockets/handle-wire.ts';
import type { WireListener } from '../tunnel/wire.ts';
import type { Call } from './call.ts';
import type { ProxiedEnds } from './proxied-ends.ts';
import { hasCertificate, type ServerTls, subjectOf } from './tls-options.ts';

/** Who a caller turns to, once it is known what it wants. */
export interface Reception {
  /** Peers whose PROXY protocol header is awaited; null on a listener that expects none. */
  readonly proxies: (() => readonly Cidr[]) | null;
  /** Larger heads are node:http's to refuse. */
  readonly headBytesMax: number;
  /** As it is at the moment; null on a listener in the open. Whoever lacks a certificate is node:http's to refuse. */
  readonly tls: (() => ServerTls) | null;
  /** It is its turn to say something: its time begins anew. */
  await(caller: Caller): void;
  onCall(call: Call): void;
  /** It is no plain handshake: everything that came is to be read again. */
  handOn(caller: Caller, unread: Buffer): void;
  onNonsense(caller: Caller, detail: string): void;
  /** Nothing more is awaited from it. */
  leave(caller: Caller): void;
}

/**
 * A head comes in one packet or two, a large one in a dozen; who sends more pieces than that is node:http's to be
 * patient with.
 */
const piecesMax = 16;

/** Somebody who has connected, until it is known whether a WebSocket is wanted. */
export class Caller implements WireListener, TlsGuest {
  wire: HandleWire;
  /** null for a client that speaks in the open, or has not said anything yet. */
  #secure: TlsHandle | null = null;
  /** As the system has them, or as a trusted PROXY protocol header gave them. */
  ends: ProxiedEnds;
  /** A PROXY protocol header gave the ends. */
  proxied = false;
  /** When it must have said what it wants. */
  deadlineMs = 0;
  readonly #reception: Reception;
  #proxy: ProxyParser | null;
  #held: Buffer | null = null;
  #pieces = 0;

  constructor(wire: HandleWire, ends: ProxiedEnds, reception: Reception) {
    this.wire = wire;
    this.ends = ends;
    this.#reception = reception;
    this.#proxy = awaitsProxy(reception.proxies?.() ?? null, ends.address) ? newProxyParser() : null;
  }

  /** The peer is to send a PROXY protocol header, and has not sent all of it. */
  get inPreface(): boolean {
    return this.#proxy !== null;
  }

  /** The TLS handshake is not complete. */
  get inTls(): boolean {
    return this.#reception.tls !== null && this.#secure?.guest !== null;
  }

  onSecured(): void {
    this.#reception.await(this);
  }

  /** Bytes that have come of a head that is not complete. */
  get held(): Buffer {
    return this.#held ?? empty;
  }

  onBytes(chunk: Buffer): void {
    const bytes = this.#proxy === null ? chunk : this.#afterPreface(this.#proxy, chunk);
    if (bytes === null || bytes.length === 0) return;
    const { tls } = this.#reception;
    if (tls === null || this.#secure !== null) this.#read(bytes);
    else this.#layTls(tls(), bytes);
  }

  /** Only now: somebody who connects and says nothing costs no TLS. */
  #layTls(tls: ServerTls, first: Buffer): void {
    const secure = secured(this.wire.surrender().handle, tls.terms());
    secure.guest = this;
    this.#secure = secure;
    this.wire = new HandleWire(secure);
    this.wire.start(this, null);
    secure.receive(first);
  }

  onDrain(): void {
    // Nothing is said to it before it is known who it is.
  }

  onEnd(): void {
    this.#reception.leave(this);
    if (this.#held === null) this.wire.end();
    else this.#reception.handOn(this, this.#held);
  }

  onClosed(error: Error | null): void {
    this.#reception.leave(this);
    const { code = '' } = (error ?? {}) as NodeJS.ErrnoException;
    if (code.startsWith('ERR_SSL_')) this.#reception.onNonsense(this, `the TLS handshake failed: ${code}`);
  }

  /** What follows the PROXY protocol header; null while it is not complete. */
  #afterPreface(parser: ProxyParser, chunk: Buffer): Buffer | null {
    const step = feedProxy(parser, chunk);
    if (step.kind === 'more') return null;
    if (step.kind === 'error') {
      this.#reception.leave(this);
      this.#reception.onNonsense(this, step.problem);
      return null;
    }
    this.#proxy = null;
    if (step.addresses !== null) {
      this.ends = step.addresses.source;
      this.proxied = true;
    }
    return Buffer.from(step.rest);
  }

  #read(chunk: Buffer): void {
    const before = this.#held;
    const bytes = before === null ? chunk : Buffer.concat([before, chunk]);
    const end = bytes.indexOf('\r\n\r\n', before === null ? 0 : Math.max(0, before.length - 3), 'latin1');
    const { headBytesMax } = this.#reception;
    const goesOn = bytes.length < headBytesMax && ++this.#pieces < piecesMax && beginsLikeGet(bytes);
    if (end === -1 && goesOn) {
      this.#held = bytes;
      return;
    }
    this.#held = null;
    this.#reception.leave(this);
    const request = end === -1 || end + 4 > headBytesMax ? null : readRequestHead(bytes.toString('latin1', 0, end));
    const reading = request === null ? null : readHandshake({ ...request, method: 'GET' });
    const shown = this.#secure === null ? null : shownTo(this.#secure);
    const unknown = shown !== null && this.#reception.tls?.().clientsNeedOne === true && !hasCertificate(shown);
    if (request === null || reading?.ok !== true || unknown) {
      this.#reception.handOn(this, bytes);
      return;
    }
    const { wire, ends } = this;
    const head = end + 4 === bytes.length ? empty : bytes.subarray(end + 4);
    this.#reception.onCall({
      request,
      handshake: reading.handshake,
      wire,
      head,
      ends,
      tls: shown !== null,
      certificateSubject: shown === null ? '' : subjectOf(shown),
    });
  }
}

const empty = Buffer.alloc(0);
const beginning = Buffer.from('GET /', 'latin1');

function beginsLikeGet(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length);
  return bytes.compare(beginning, 0, length, 0, length) === 0;
}

function awaitsProxy(proxies: readonly Cidr[] | null, address: string): boolean {
  if (proxies === null) return false;
  const peer = parsePeer(address);
  return peer !== null && anyHolds(proxies, peer);
}
