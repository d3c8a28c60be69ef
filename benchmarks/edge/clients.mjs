// Clients of a proxy: they open WebSockets, and keep messages in flight on them.
import { connectRaw, connectTls } from './ends.mjs';
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

export async function openMany({ port, secure, path, count, atOnce }, each = (end) => end) {
  const request = handshakeRequest(path);
  let left = count;
  const ends = [];
  const one = async () => {
    while (left > 0) {
      left--;
      const kept = each(await open({ port, secure }, request));
      if (kept !== null) ends.push(kept);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, one));
  return ends;
}

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
