// The clients, a process of its own: raw sockets, messages made before, every answer counted and timed. It reads the proxy's processor
// time itself, at the same moments as its own counters. The parent asks one thing at a time by message and gets one answer.

import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { handshakeRequest, message } from './frames.mjs';
import { LatencyTable } from './latency.mjs';
import { cpuNanoseconds } from './processes.mjs';

const held = [];
const latencies = new LatencyTable();
let answered = 0;
let lost = 0;

/** All sockets read into this one: no bytes are kept, only counted. */
const shared = Buffer.allocUnsafe(256 * 1024);

/** Opens one WebSocket; resolves when the 101 is complete. */
function open(port, request) {
  return new Promise((resolve, reject) => {
    let head = '';
    const socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: shared,
        callback(length, buffer) {
          if (socket.received !== undefined) {
            socket.received(length);
            return true;
          }
          head += buffer.latin1Slice(0, length);
          const end = head.indexOf('\r\n\r\n');
          if (end < 0) return true;
          if (head.startsWith('HTTP/1.1 101 ')) {
            socket.received = () => undefined;
            socket.off('close', refused);
            resolve(socket);
          } else socket.destroy();
          return true;
        },
      },
    });
    const refused = () =>
      reject(new Error(`a handshake failed: ${head.slice(0, 200).split('\r\n', 1)[0] || 'closed without an answer'}`));
    socket.once('close', refused);
    socket.on('error', () => socket.destroy());
    socket.once('connect', () => socket.write(request));
  });
}

async function openMany({ port, path, count, atOnce }) {
  const request = handshakeRequest(path);
  let left = count;
  const sockets = [];
  const one = async () => {
    while (left > 0) {
      left--;
      sockets.push(await open(port, request));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, one));
  return sockets;
}

/** `depth` messages stay in flight on the socket: each answer sends the next. */
function talk(socket, depth, frame) {
  const answerBytes = frame.length - 4;
  const sentAt = new Float64Array(depth);
  let turn = 0;
  let pendingBytes = 0;
  socket.received = (length) => {
    pendingBytes += length;
    if (pendingBytes < answerBytes) return;
    const now = performance.now();
    while (pendingBytes >= answerBytes) {
      pendingBytes -= answerBytes;
      latencies.add(now - sentAt[turn]);
      answered++;
      sentAt[turn] = now;
      if (++turn === depth) turn = 0;
      socket.write(frame);
    }
  };
  sentAt.fill(performance.now());
  for (let i = 0; i < depth; i++) socket.write(frame);
}

const asks = {
  /** Messages on `connections` sockets: opens them, warms up, measures, closes them. */
  async messages({ port, pids, payloadBytes, connections, depth, warmMs, measureMs }) {
    const frame = message(payloadBytes, { masked: true });
    const sockets = await openMany({ port, path: `/echo?bytes=${payloadBytes}`, count: connections, atOnce: 32 });
    lost = 0;
    for (const socket of sockets) {
      socket.once('close', () => lost++);
      talk(socket, depth, frame);
    }
    await delay(warmMs);
    latencies.clear();
    const [cpuBefore, ownBefore, countBefore, start] = [cpuNanoseconds(pids), ownCpu(), answered, performance.now()];
    await delay(measureMs);
    const [cpu, own] = [cpuNanoseconds(pids) - cpuBefore, ownCpu() - ownBefore];
    const elapsedMs = performance.now() - start;
    const messages = answered - countBefore;
    const wasLost = lost;
    closeAll(sockets);
    if (wasLost > 0) throw new Error(`${wasLost} of ${connections} connections were lost`);
    if (messages === 0) throw new Error('no message came back');
    return {
      messages,
      cpuMicros: cpu / 1000 / messages,
      perSecond: (messages * 1000) / elapsedMs,
      p50Micros: latencies.quantile(0.5) * 1000,
      p99Micros: latencies.quantile(0.99) * 1000,
      proxyBusy: cpu / 1e6 / elapsedMs,
      loadBusy: own / 1e3 / elapsedMs,
    };
  },

  /** Handshakes, `atOnce` at a time. The time that the closes take is not in the figure. */
  async handshakes({ port, pids, count, atOnce }) {
    const way = { port, path: '/echo?bytes=64', atOnce };
    const [cpuBefore, start] = [cpuNanoseconds(pids), performance.now()];
    const sockets = await openMany({ ...way, count });
    const elapsedMs = performance.now() - start;
    const cpu = cpuNanoseconds(pids) - cpuBefore;
    closeAll(sockets);
    return { cpuMicros: cpu / 1000 / count, perSecond: (count * 1000) / elapsedMs, proxyBusy: cpu / 1e6 / elapsedMs };
  },

  /** Opens and holds. */
  async hold({ port, path, count, atOnce }) {
    held.push(...(await openMany({ port, path, count, atOnce })));
    return { held: held.length };
  },

  /** One reader that stops after the handshake. */
  async stall({ port, path }) {
    const [socket] = await openMany({ port, path, count: 1, atOnce: 1 });
    // Read before it could be stopped: the bytes that came with the answer.
    socket.pause();
    held.push(socket);
    return { held: held.length };
  },

  async release() {
    closeAll(held.splice(0));
    return { held: 0 };
  },
};

/** Cut, not closed in order: no port of ours waits, so that rounds do not run out of them. */
function closeAll(sockets) {
  for (const socket of sockets) socket.resetAndDestroy();
}

function ownCpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

process.on('message', ({ ask, options }) => {
  asks[ask](options).then(
    (answer) => process.send({ answer }),
    (error) => process.send({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);
process.send({ ready: true });
