// Sockets of the clients and of the server, as cheap as Node has them, so that it is the proxy that is kept busy: TCP
// handles without the streams around them (`process.binding`, the same in Node 20 to 26), and TLS sockets where the
// proxy is to be spoken to in TLS.
//
// An end: `onBytes(length, bytes)` is called with what came, valid until it returns; `onDrain()` when what had to wait
// has left; `onClosed()` once. `write(bytes)` answers false when something waits. `cut()` resets the connection: no
// port of ours waits for the last packets.
import net from 'node:net';
import tls from 'node:tls';

const { TCP, TCPConnectWrap, constants } = process.binding('tcp_wrap');
const { WriteWrap, kReadBytesOrError, kLastWriteWasAsync, kLastWriteErr, streamBaseState } =
  process.binding('stream_wrap');

/** All handles read into this one: no bytes are kept, only counted. */
const shared = Buffer.allocUnsafeSlow(256 * 1024);
/** From Node 26 on the handle makes the request that a write needs. */
const makesRequests = kLastWriteErr !== undefined;
let spare = new WriteWrap();

class RawEnd {
  onBytes = nothing;
  onDrain = nothing;
  onClosed = nothing;
  #handle;
  #waiting = [];
  #pending = false;

  constructor(handle) {
    this.#handle = handle;
    handle.owner = this;
    handle.onread = onRead;
    handle.setNoDelay(true);
    handle.useUserBuffer(shared);
    handle.readStart();
  }

  write(bytes) {
    if (this.#handle === null) return true;
    if (this.#pending) this.#waiting.push(bytes);
    else this.#send(bytes);
    return !this.#pending;
  }

  pause() {
    this.#handle?.readStop();
  }

  cut() {
    this.#close((handle, done) => handle.reset(done));
  }

  end() {
    this.#close((handle, done) => handle.close(done));
  }

  take(length) {
    if (length > 0) this.onBytes(length, shared);
    else if (length < 0) this.end();
  }

  onWritten(status) {
    this.#pending = false;
    if (status < 0) this.end();
    while (!this.#pending && this.#waiting.length > 0 && this.#handle !== null) this.#send(this.#waiting.shift());
    if (!this.#pending) this.onDrain();
  }

  #send(bytes) {
    const request = makesRequests ? this.#handle.writeBuffer(null, bytes) : spare;
    if (makesRequests) {
      if (typeof request === 'number') return request < 0 ? this.end() : undefined;
    } else {
      const status = this.#handle.writeBuffer(request, bytes);
      if (status < 0) return this.end();
      if (streamBaseState[kLastWriteWasAsync] === 0) return undefined;
      spare = new WriteWrap();
    }
    this.#pending = true;
    // The bytes must live until they have left.
    request.bytes = bytes;
    request.oncomplete = (status) => this.onWritten(status);
    return undefined;
  }

  #close(way) {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    way(handle, () => this.onClosed());
  }
}

function onRead() {
  this.owner.take(streamBaseState[kReadBytesOrError]);
}

class TlsEnd {
  onBytes = nothing;
  onDrain = nothing;
  onClosed = nothing;
  #socket;
  #carrier;

  constructor(socket, carrier) {
    this.#socket = socket;
    this.#carrier = carrier;
    socket.on('data', (bytes) => this.onBytes(bytes.length, bytes));
    socket.on('drain', () => this.onDrain());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.onClosed());
  }

  write(bytes) {
    return this.#socket.write(bytes);
  }

  pause() {
    this.#socket.pause();
  }

  cut() {
    // Only what is under TLS can be reset.
    this.#carrier.resetAndDestroy();
    this.#socket.destroy();
  }

  end() {
    this.#socket.destroy();
  }
}

/** An end connected to a port of loopback. */
export function connectRaw(port) {
  return new Promise((resolve, reject) =>
    dialRaw(port, (end, status) => {
      if (end === null) reject(new Error(`a connect failed (${status})`));
      else resolve(end);
    }),
  );
}

/** The same without a promise: `done(end, status)`, with an end of null when it failed. */
export function dialRaw(port, done) {
  const handle = new TCP(constants.SOCKET);
  const request = new TCPConnectWrap();
  request.oncomplete = (status) => {
    if (status < 0) {
      handle.close();
      done(null, status);
    } else done(new RawEnd(handle), 0);
  };
  const status = handle.connect(request, '127.0.0.1', port);
  if (status < 0) setImmediate(done, null, status);
}

/** The same over TLS; `session` is one to resume, `onSession` gets the last ticket that came. */
export function connectTls(port, { session = null, onSession = nothing } = {}) {
  return new Promise((resolve, reject) => {
    const carrier = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const options = { socket: carrier, servername: 'app.example.com', rejectUnauthorized: false };
    const socket = tls.connect({ ...options, ...(session === null ? {} : { session }) });
    carrier.once('error', reject);
    socket.once('error', reject);
    socket.on('session', onSession);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      carrier.off('error', reject).on('error', () => socket.destroy());
      resolve(Object.assign(new TlsEnd(socket, carrier), { resumed: socket.isSessionReused() }));
    });
  });
}

/** Listens on a free port of loopback and answers it. */
export function listenRaw(onEnd) {
  const listener = new TCP(constants.SERVER);
  const bound = {};
  const failed = listener.bind('127.0.0.1', 0) || listener.listen(4096) || listener.getsockname(bound);
  if (failed !== 0) throw new Error(`no listening on loopback (${failed})`);
  listener.onconnection = (_status, handle) => {
    if (handle !== undefined) onEnd(new RawEnd(handle));
  };
  return bound.port;
}

function nothing() {
  // Nobody has asked to be told.
}
