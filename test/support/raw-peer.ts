/** One end of a WebSocket at the level of frames: it sends any bytes it is told to, and notes what comes. */
import { randomBytes } from 'node:crypto';
import { Decoder } from '../../src/ws/decoder.ts';
import type { Inflater } from '../../src/ws/deflate.ts';
import { encodeClose, encodeFrame, textOf } from '../../src/ws/frame.ts';
import { acceptFor } from '../../src/ws/handshake.ts';
import { type Opcode, opcodes } from '../../src/ws/opcode.ts';
import type { Violation } from '../../src/ws/violation.ts';
import { dialRaw, headEnd, type RawSocket } from './raw-socket.ts';

export type PeerEvent =
  | { readonly kind: 'text'; readonly data: string }
  | { readonly kind: 'binary' | 'ping' | 'pong'; readonly data: Buffer }
  | { readonly kind: 'close'; readonly code: number | null; readonly reason: string };

export type Close = Extract<PeerEvent, { kind: 'close' }>;

export interface PeerOptions {
  readonly inflater?: Inflater | null;
  /** `polite` answers a close frame and finishes its side after the other; `mute` does nothing of the kind. */
  readonly manners?: 'polite' | 'mute';
  /** Pongs are sent for pings unless this is false. */
  readonly pongs?: boolean;
}

export class RawPeer {
  readonly events: PeerEvent[] = [];
  /** What was wrong with the bytes that came: always a fault of whoever sent them. */
  violation: Violation | null = null;
  readonly raw: RawSocket;
  readonly role: 'client' | 'server';
  readonly #waiters = new Set<() => void>();
  #closeSent = false;

  constructor(raw: RawSocket, role: 'client' | 'server', behind: Buffer, options: PeerOptions = {}) {
    const { manners = 'polite', pongs = true } = options;
    this.raw = raw;
    this.role = role;
    const decoder = new Decoder({
      from: role === 'client' ? 'server' : 'client',
      messageBytesMax: 64 * 1024 * 1024,
      inflater: options.inflater ?? null,
    });
    const take = (chunk: Uint8Array) => {
      if (this.violation !== null) return;
      this.violation = decoder.push(chunk, (event) => {
        if (event.kind === 'close') {
          this.events.push(event);
          if (manners === 'polite' && !this.#closeSent) this.close(event.code);
        } else if (event.kind === 'text') {
          this.events.push({ kind: 'text', data: textOf(event.data) });
        } else {
          this.events.push({ kind: event.kind, data: Buffer.from(event.data) });
          if (event.kind === 'ping' && pongs) this.frame(opcodes.pong, event.data);
        }
      });
      this.#wake();
    };
    raw.socket.on('data', take);
    raw.socket.on('end', () => {
      if (manners === 'polite') raw.socket.end();
    });
    void raw.over.then(() => this.#wake());
    if (behind.length > 0) take(behind);
  }

  get closed(): Close | null {
    return this.events.find((event) => event.kind === 'close') ?? null;
  }

  /** `close 1002`, or `cut` when the socket ended without a close frame. */
  async ending(): Promise<string> {
    await this.raw.over;
    if (this.violation !== null) return `violation ${this.violation}`;
    return this.closed === null ? 'cut' : `close ${this.closed.code ?? 1005}`;
  }

  /** Resolves once there are `count` events of the kind; rejects when the socket ends before. */
  next<Kind extends PeerEvent['kind']>(kind: Kind, count = 1): Promise<Extract<PeerEvent, { kind: Kind }>> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.events.filter((event) => event.kind === kind)[count - 1];
        if (found === undefined && !this.raw.ended) return;
        this.#waiters.delete(look);
        if (found !== undefined) resolve(found as Extract<PeerEvent, { kind: Kind }>);
        else reject(new Error(`no ${kind} came before the end, but ${JSON.stringify(this.events).slice(0, 300)}`));
      };
      this.#waiters.add(look);
      look();
    });
  }

  write(bytes: Uint8Array): void {
    this.raw.write(bytes);
  }

  frame(opcode: Opcode, payload: Uint8Array | string, more: { fin?: boolean; rsv1?: boolean } = {}): void {
    this.write(this.encoded(opcode, payload, more));
  }

  encoded(opcode: Opcode, payload: Uint8Array | string, more: { fin?: boolean; rsv1?: boolean } = {}): Uint8Array {
    const bytes = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload;
    return encodeFrame({ opcode, payload: bytes, mask: this.#mask(), ...more });
  }

  close(code: number | null, reason = ''): void {
    this.#closeSent = true;
    this.write(encodeClose({ code, reason, mask: this.#mask() }));
  }

  #mask(): Uint8Array | null {
    return this.role === 'client' ? randomBytes(4) : null;
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}

export interface RawHandshake {
  readonly target?: string;
  /** Whole header lines. */
  readonly headers?: readonly string[];
  /** Sent in the same packet. */
  readonly behind?: Uint8Array;
}

/** The key of RFC 6455, 1.3: nothing here depends on its being random. */
export const testKey = 'dGhlIHNhbXBsZSBub25jZQ==';

export function handshakeText(handshake: RawHandshake = {}): string {
  const lines = [
    `GET ${handshake.target ?? '/'} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${testKey}`,
    'Sec-WebSocket-Version: 13',
    ...(handshake.headers ?? []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export interface Upgraded {
  readonly peer: RawPeer;
  /** The answer's head as text. */
  readonly head: string;
}

/** Dials and upgrades as a client; rejects when the answer is not 101. `options` may depend on the answer. */
export async function dialPeer(
  port: number,
  handshake: RawHandshake = {},
  options: PeerOptions | ((head: string) => PeerOptions) = {},
): Promise<Upgraded> {
  const raw = await dialRaw(port);
  raw.write(Buffer.concat([Buffer.from(handshakeText(handshake), 'latin1'), handshake.behind ?? Buffer.alloc(0)]));
  const end = await raw.until(headEnd);
  const head = raw.received.toString('latin1', 0, end);
  if (!head.startsWith('HTTP/1.1 101')) {
    raw.socket.destroy();
    throw new Error(`the answer is ${head.split('\r\n')[0]}`);
  }
  const chosen = typeof options === 'function' ? options(head) : options;
  return { head, peer: new RawPeer(raw, 'client', raw.received.subarray(end), chosen) };
}

/** Reads a handshake as a server and answers 101, with `behind` in the same packet. */
export async function acceptPeer(
  raw: RawSocket,
  answer: { readonly headers?: readonly string[]; readonly behind?: Uint8Array } = {},
  options: PeerOptions = {},
): Promise<Upgraded> {
  const end = await raw.until(headEnd);
  const head = raw.received.toString('latin1', 0, end);
  raw.write(
    Buffer.concat([Buffer.from(switching(keyIn(head), answer.headers), 'latin1'), answer.behind ?? Buffer.alloc(0)]),
  );
  return { head, peer: new RawPeer(raw, 'server', raw.received.subarray(end), options) };
}

export function keyIn(head: string): string {
  return /sec-websocket-key: (.*)\r\n/i.exec(head)?.[1] ?? '';
}

export function switching(key: string, headers: readonly string[] = []): string {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptFor(key)}`,
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
