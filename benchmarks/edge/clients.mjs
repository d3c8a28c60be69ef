// Clients of a proxy: they open WebSockets, and keep messages in flight on them.
import { connectRaw, connectTls, dialRaw } from './ends.mjs';
import { handshakeRequest, message } from './frames.mjs';

/** Opens one WebSocket; resolves when the 101 is complete. */
export async function open({ port, secure }, request) {
  const end = secure === undefined ? await connectRaw(port) : await connectTls(port, secure);
  return new Promise((resolve, reject) => {
    let head = '';
    const refused = () =>
      reject(new Error(`a handshake failed: ${head.slice(0, 200).split('\r\n', 1)[0] || 'closed without an answer'}`));
    end.onClosed = refused;
    end.onBytes = (length, bytes) => {
      head += bytes.latin1Slice(0, length);
      if (!head.includes('\r\n\r\n')) return;
      if (!head.startsWith('HTTP/1.1 101 ')) {
        end.cut();
        return;
      }
      end.onBytes = () => undefined;
      end.onClosed = () => undefined;
      resolve(end);
    };
    end.write(request);
  });
}

export async function openMany({ port, secure, path, count, atOnce }) {
  const request = handshakeRequest(path);
  let left = count;
  const ends = [];
  const one = async () => {
    while (left > 0) {
      left--;
      ends.push(await open({ port, secure }, request));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, one));
  return ends;
}

/**
 * Opens so many in the open, each cut when its 101 is complete; resolves when the last one is. No promise, no text and
 * no closure that one could do without: what a client costs here, the proxy has to wait for.
 */
export function churn({ port, path, count, atOnce }) {
  const request = handshakeRequest(path);
  return new Promise((resolve, reject) => {
    let left = count;
    let ended = 0;
    const next = () => {
      if (left-- > 0) dialRaw(port, connected);
    };
    const over = () => {
      if (++ended === count) resolve();
      else next();
    };
    const connected = (end, status) => {
      if (end === null) {
        reject(new Error(`a connect failed (${status})`));
        return;
      }
      end.onBytes = (length, bytes) => {
        // A frame may stand behind it already: a ping of the proxy's own.
        const end101 = bytes.indexOf(headEnd);
        if (end101 === -1 || end101 + 4 > length || bytes.compare(begin101, 0, 12, 0, 12) !== 0) {
          reject(new Error(`a handshake failed: ${JSON.stringify(bytes.latin1Slice(0, Math.min(length, 200)))}`));
          return;
        }
        end.onClosed = over;
        end.cut();
      };
      end.onClosed = () => reject(new Error('a handshake failed: closed without an answer'));
      end.write(request);
    };
    for (let i = 0; i < Math.min(atOnce, count); i++) next();
  });
}

const begin101 = Buffer.from('HTTP/1.1 101');
const headEnd = Buffer.from('\r\n\r\n');

/** Messages on one connection, answers timed in `latencies` and counted in `counts.answered`. */
export class Talk {
  #end;
  #frame;
  #answerBytes;
  #sentAt;
  #latencies;
  #counts;
  #again;
  #turn = 0;
  #pendingBytes = 0;

  /** `depth` messages stay in flight: each answer sends the next, unless `pausedMs` says to wait that long before. */
  constructor(end, { payloadBytes, depth, pausedMs = 0 }, { latencies, counts }) {
    this.#end = end;
    this.#frame = message(payloadBytes, { masked: true });
    this.#answerBytes = this.#frame.length - 4;
    this.#sentAt = new Float64Array(depth);
    this.#latencies = latencies;
    this.#counts = counts;
    this.#again =
      pausedMs === 0 ? (now) => this.#send(now) : () => setTimeout(() => this.#send(performance.now()), pausedMs);
    end.onBytes = (length) => this.#take(length);
    const now = performance.now();
    for (let i = 0; i < depth; i++) this.#send(now);
  }

  #take(length) {
    this.#pendingBytes += length;
    if (this.#pendingBytes < this.#answerBytes) return;
    const now = performance.now();
    while (this.#pendingBytes >= this.#answerBytes) {
      this.#pendingBytes -= this.#answerBytes;
      this.#latencies.add(now - this.#sentAt[this.#turn]);
      this.#counts.answered++;
      this.#again(now);
    }
  }

  #send(now) {
    this.#sentAt[this.#turn] = now;
    if (++this.#turn === this.#sentAt.length) this.#turn = 0;
    this.#end.write(this.#frame);
  }
}
