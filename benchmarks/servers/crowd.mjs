// Clients that send a numbered message each second and come back with backoff, and the servers that echo them.
import { WebSocket, WebSocketServer } from 'ws';

export async function echoServer(name) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.send(name);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

/** `count` clients that are open, with what happens to them. */
export async function crowd(url, count) {
  const clients = Array.from({ length: count }, () => new Client(url));
  for (let begun = 0; begun < count; begun += 20)
    await Promise.all(clients.slice(begun, begun + 20).map((client) => client.open()));
  // One message each, at least, before anything happens.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  return {
    mark() {
      for (const client of clients) client.begin();
      return performance.now();
    },
    seen: (sinceMs) => summary(clients, sinceMs),
    close() {
      for (const client of clients) client.end();
    },
  };
}

class Client {
  closes = [];
  opens = [];
  at = null;
  first = null;
  lost = 0;
  longestMs = 0;
  #url;
  #socket = null;
  #timer = null;
  #heardMs = performance.now();
  #number = 0;
  #waiting = new Set();
  #ended = false;

  constructor(url) {
    this.#url = url;
  }

  open() {
    return new Promise((resolve) => {
      const socket = new WebSocket(this.#url);
      this.#socket = socket;
      socket.on('open', () => {
        this.opens.push(performance.now());
        this.#timer = setInterval(() => this.#send(), 1000);
        resolve();
      });
      socket.on('message', (data) => this.#hear(String(data)));
      socket.on('error', () => undefined);
      socket.on('close', (code) => {
        clearInterval(this.#timer);
        this.lost += this.#waiting.size;
        this.#waiting.clear();
        if (this.at !== null) this.closes.push({ at: performance.now(), code, from: this.at });
        this.at = null;
        // As a careful page does: half a second, and up to a second more by chance.
        if (!this.#ended) setTimeout(() => void this.open(), 500 + Math.random() * 1000);
        resolve();
      });
    });
  }

  begin() {
    this.first = this.at;
    this.closes = [];
    this.opens = [];
    this.lost = 0;
    this.longestMs = 0;
  }

  end() {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#socket?.terminate();
  }

  #send() {
    this.#number++;
    this.#waiting.add(String(this.#number));
    this.#socket?.send(String(this.#number));
  }

  #hear(text) {
    const now = performance.now();
    this.longestMs = Math.max(this.longestMs, now - this.#heardMs);
    this.#heardMs = now;
    if (!this.#waiting.delete(text)) this.at = text;
  }
}

function summary(clients, sinceMs) {
  const there = clients.filter(({ first }) => first === 'a');
  const elsewhere = clients.filter(({ first }) => first === 'b');
  const closes = clients.flatMap((client) => client.closes);
  const times = closes.map(({ at }) => at - sinceMs).sort((a, b) => a - b);
  const codes = {};
  for (const { code } of closes) codes[code] = (codes[code] ?? 0) + 1;
  const silences = clients.map(({ longestMs }) => longestMs).sort((a, b) => a - b);
  return {
    there: there.length,
    elsewhere: elsewhere.length,
    closedThere: there.filter((client) => client.closes.length > 0).length,
    closedElsewhere: elsewhere.filter((client) => client.closes.length > 0).length,
    codes:
      closes.length === 0
        ? 'nobody closed'
        : Object.entries(codes)
            .map(([code, count]) => `${code === '1006' ? 'none' : code} × ${count}`)
            .join(', '),
    closesPeak: peak(times),
    firstMs: times[0] ?? null,
    lastMs: times.at(-1) ?? null,
    silence: [0.5, 0.99, 1].map(
      (share) => silences[Math.min(silences.length - 1, Math.floor(silences.length * share))],
    ),
    handshakesPeak: peak(clients.flatMap(({ opens }) => opens).sort((a, b) => a - b)),
    lost: clients.reduce((sum, client) => sum + client.lost, 0),
    left: clients.filter(({ at }) => at === 'a').length,
  };
}

/** Most of them within any one second. */
function peak(sorted) {
  let most = 0;
  let from = 0;
  for (const [index, at] of sorted.entries()) {
    while (at - sorted[from] >= 1000) from++;
    most = Math.max(most, index - from + 1);
  }
  return most;
}
