/**
 * Everything of Node's inside that tunnels lean on: the handles under `net.Socket` (`handle.ts` has their shape), with
 * the requests that they want. They have been the same from Node 20 to 26 but for the write, which `writeToHandle`
 * says. `trial.ts` tries all of it at start; where it does not do what is said here, the edge uses public sockets.
 */
import net, { type Server, type Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { unixPeer } from '../../base/address.ts';
import type { Handle, WriteOwner, WriteRequest } from './handle.ts';

/** What the bindings give, as far as it is used. */
interface Bindings {
  readonly TCP: new (kind: number) => Handle;
  readonly Pipe: new (kind: number) => Handle;
  readonly TCPConnectWrap: new () => { oncomplete?: (status: number) => void };
  readonly PipeConnectWrap: new () => { oncomplete?: (status: number) => void };
  /** The same numbers for both. */
  readonly constants: { readonly SOCKET: number; readonly SERVER: number };
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => { oncomplete?: (status: number) => void };
  readonly kReadBytesOrError: number;
  readonly kArrayBufferOffset: number;
  readonly kLastWriteWasAsync: number;
  /** Node 26: there, `writeBuffer(null, bytes)` makes a request when it needs one. */
  readonly kLastWriteErr?: number;
  readonly streamBaseState: Int32Array;
}

const names = [
  'TCP',
  'Pipe',
  'TCPConnectWrap',
  'PipeConnectWrap',
  'constants',
  'WriteWrap',
  'ShutdownWrap',
  'kReadBytesOrError',
  'kArrayBufferOffset',
  'kLastWriteWasAsync',
  'streamBaseState',
] as const satisfies (keyof Bindings)[];

const found = find();
/** Only asked for once `missing` has said null. */
const inside = found as Bindings;
const makesRequests = inside.kLastWriteErr !== undefined;

/** Why there is no going past `net.Socket` on this Node, as far as names tell; null when all are there. */
export const missing: string | null = missingOf(found);

export function newHandle(kind: 'socket' | 'listener', over: 'tcp' | 'unix' = 'tcp'): Handle {
  const { SOCKET, SERVER } = inside.constants;
  return new inside[over === 'tcp' ? 'TCP' : 'Pipe'](kind === 'socket' ? SOCKET : SERVER);
}

/** True for the handle of a TCP or Unix socket or listener, and not for one of TLS, or of a cluster's round robin. */
export function isPlainHandle(handle: unknown): handle is Handle {
  return missing === null && (handle instanceof inside.TCP || handle instanceof inside.Pipe);
}

function isTcp(handle: Handle): boolean {
  return handle instanceof inside.TCP;
}

/** Small writes leave at once; a Unix socket never holds them back. */
export function withoutDelay(handle: Handle): void {
  if (isTcp(handle)) handle.setNoDelay(true);
}

/** Bytes that the last `onread` brought, or a negative error number (`endOfFile` among them). */
export function bytesRead(): number {
  return inside.streamBaseState[inside.kReadBytesOrError]!;
}

/** What the last `onread` brought in memory of Node's; it may be kept. */
export function readFrom(memory: ArrayBuffer, length: number): Buffer {
  return Buffer.from(memory, inside.streamBaseState[inside.kArrayBufferOffset]!, length);
}

/** libuv's UV_EOF. */
export const endOfFile: number = -4095;

/** Serves write after write, until one stays behind and takes it. */
let spare: WriteRequest | null = null;

/**
 * Writes: 0 when the kernel has taken all of it, 1 when some waits and `owner` will be told (then `bytes` belongs to
 * the handle until it is), below 0 an error. Whether it waits is what the handle says of the write itself; the size of
 * a queue can be 0 while a request is under way.
 */
export function writeToHandle(handle: Handle, bytes: Uint8Array, owner: WriteOwner): number {
  return makesRequests ? writeAsked(handle, bytes, owner) : writeGiven(handle, bytes, owner);
}

/** Node 20 to 24: every write wants a request, and leaves it as it was when the kernel took all at once. */
function writeGiven(handle: Handle, bytes: Uint8Array, owner: WriteOwner): number {
  if (spare === null) {
    spare = new inside.WriteWrap();
    spare.oncomplete = onWritten;
  }
  const request = spare;
  const status = handle.writeBuffer(request, bytes) as number;
  const waits = inside.streamBaseState[inside.kLastWriteWasAsync] !== 0;
  if (status === 0 && !waits) return 0;
  spare = null;
  return status !== 0 ? status : keepUntilWritten(request, bytes, owner);
}

/** From Node 26 on: the handle makes the request, and only for what stays behind. */
function writeAsked(handle: Handle, bytes: Uint8Array, owner: WriteOwner): number {
  const made = handle.writeBuffer(null, bytes);
  if (typeof made === 'number') return made;
  const status = inside.streamBaseState[inside.kLastWriteErr!]!;
  return status !== 0 ? status : keepUntilWritten(made, bytes, owner);
}

/** A write over TLS that fails is over within the call, before anybody could be told. */
function keepUntilWritten(request: WriteRequest, bytes: Uint8Array, owner: WriteOwner): number {
  const early = request.writeStatus ?? null;
  if (early !== null) return early;
  request.bytes = bytes;
  request.owner = owner;
  request.oncomplete = onWritten;
  return 1;
}

function onWritten(this: WriteRequest, status: number): void {
  if (this.owner === undefined) this.writeStatus = status;
  else this.owner.onWritten(status);
}

/**
 * Sends FIN behind what has been written. `done` is called in a later turn, or in this one when the peer is gone
 * already.
 */
export function shutDown(handle: Handle, done: () => void): void {
  const request = new inside.ShutdownWrap();
  request.oncomplete = done;
  const status = handle.shutdown(request);
  // 1 is the answer of a handle that has nothing to wait for. Any error means that nobody is left to read the FIN.
  if (status !== 0) done();
}

/**
 * Connects to an address, not a name. `done` is called in a later turn, with 0 or an error number. Below 0: it could
 * not even be begun.
 */
export function connectTo(
  handle: Handle,
  address: { readonly host: string; readonly port: number; readonly family: 4 | 6 },
  done: (status: number) => void,
): number {
  const request = new inside.TCPConnectWrap();
  request.oncomplete = done;
  const { host, port, family } = address;
  return family === 4 ? handle.connect(request, host, port) : handle.connect6(request, host, port);
}

/** The same for the path of a Unix socket. */
export function connectToPath(handle: Handle, path: string, done: (status: number) => void): number {
  const request = new inside.PipeConnectWrap();
  request.oncomplete = done;
  // Some versions of Node return nothing where nothing can go wrong before `done`.
  return (handle.connect(request, path) as number | undefined) ?? 0;
}

/**
 * Takes the handle off a public socket, which is destroyed without it. Null, and nothing has changed, when it has none
 * that can be used: TLS, a socket that is gone, or one with bytes to write.
 */
export function takeHandle(socket: Socket): { readonly handle: Handle; readonly unread: Buffer | null } | null {
  const inner = socket as unknown as { _handle: (Handle & Record<symbol, unknown>) | null };
  const handle = inner._handle;
  if (handle === null || !isPlainHandle(handle) || socket.destroyed || socket.connecting || socket.writableLength > 0)
    return null;
  socket.pause();
  // In this order: taking what was read may make the stream read on, and a handle that reads cannot be told to.
  const unread = socket.read() as Buffer | null;
  handle.readStop();
  inner._handle = null;
  // The handle would keep the socket alive for as long as it lives itself.
  for (const symbol of Object.getOwnPropertySymbols(handle))
    if (symbol.description === 'owner_symbol') handle[symbol] = undefined;
  socket.destroy();
  return { handle, unread };
}

/** A public socket that reads nothing, with the handle under it and what it had read and not given yet. */
export interface StoppedSocket {
  readonly handle: Handle;
  readonly unread: Uint8Array;
}

/**
 * Stops a public socket at the handle itself: pausing it alone would let it read on into its buffer. Null when the
 * handle is none that can be used. It must have no listener for `data`, which would be told of what is read here.
 */
export function stopReading(socket: Socket): StoppedSocket | null {
  const handle = (socket as unknown as { readonly _handle: unknown })._handle;
  if (!isPlainHandle(handle)) return null;
  socket.pause();
  // In this order: taking what was read may make the stream read on.
  const unread = (socket.read() as Buffer | null) ?? new Uint8Array(0);
  handle.readStop();
  return { handle, unread };
}

/** The opposite. The socket stays paused. */
export function readOn(socket: Socket, stopped: StoppedSocket): void {
  if (stopped.unread.length > 0) socket.unshift(stopped.unread);
  stopped.handle.readStart();
}

/** What was read from a handle before it became a public socket, and whether the peer had finished by then. */
export interface ReadBefore {
  readonly unread: Uint8Array;
  readonly ended: boolean;
}

/** A public socket around a handle, paused. What was read before comes first. */
export function publicSocket(handle: Handle, { unread, ended }: ReadBefore): Socket {
  handle.owner = undefined;
  // Half-open: a peer's FIN must not end our side while something is still to be said.
  const options = { handle, allowHalfOpen: true, pauseOnCreate: true, readable: true, writable: true };
  const socket = new net.Socket(options as net.SocketConstructorOpts);
  if (unread.length > 0) socket.unshift(unread);
  if (ended) socket.push(null);
  return socket;
}

/**
 * Accepts what comes to a listening server as handles; the server itself sees no connection any more. False, and
 * nothing has changed, when it listens on something that is no such handle.
 */
export function acceptHandles(server: Server, onHandle: (handle: Handle) => void): boolean {
  const listening = (server as unknown as { readonly _handle: unknown })._handle;
  if (!isPlainHandle(listening)) return false;
  listening.onconnection = (_status, handle) => {
    // An accept that failed (no descriptor is left) has taken nobody: whoever waits is asked for again with the next
    // one.
    if (handle !== undefined) onHandle(handle);
  };
  return true;
}

/**
 * The other end, as the system has it: `unix:` for a Unix socket, and the empty address for a handle whose peer is gone
 * already.
 */
export function peerOf(handle: Handle): { readonly address: string; readonly port: number } {
  if (!isTcp(handle)) return { address: unixPeer, port: 0 };
  const peer = { address: '', port: 0 };
  handle.getpeername(peer);
  return peer;
}

/** As many as there are calls and numbers of errors: a crowd of clients that reset costs no stack for each. */
const systemErrors = new Map<string, Error>();

/** The error that `net.Socket` would have given. One for all of a kind: it says nothing of whose it is. */
export function systemError(status: number, syscall: string): Error {
  const key = `${syscall} ${status}`;
  let error = systemErrors.get(key);
  if (error === undefined) {
    const code = getSystemErrorName(status);
    error = Object.assign(new Error(`${syscall} ${code}`), { code, errno: status, syscall });
    systemErrors.set(key, error);
  }
  return error;
}

function find(): Partial<Bindings> {
  const { binding } = process as unknown as { binding?: (name: string) => object };
  try {
    if (binding !== undefined) return { ...binding('pipe_wrap'), ...binding('tcp_wrap'), ...binding('stream_wrap') };
  } catch {
    // A Node that has taken them away, or forbids them (--permission): `missing` names what there is not.
  }
  return {};
}

function missingOf(bindings: Partial<Bindings>): string | null {
  const absent = names.filter((name) => bindings[name] === undefined);
  if (absent.length === 0) return null;
  return `this Node has no ${absent.join(', ')} in process.binding`;
}

/** Bytes that the kernel has not taken yet; 0 where this cannot be seen. */
export function leavingBytesOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
