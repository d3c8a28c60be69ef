// The clients' process: messages made before, every answer counted and timed. It reads the proxy's processor time
// itself, at the same moments as its own counters. The parent asks one thing at a time by message and gets one answer.

import { setTimeout as delay } from 'node:timers/promises';
import { churn, open, openMany, Talk } from './clients.mjs';
import { handshakeRequest } from './frames.mjs';
import { LatencyTable } from './latency.mjs';
import { cpuNanoseconds } from './processes.mjs';

const held = [];
const latencies = new LatencyTable();
const counts = { answered: 0 };

const asks = {
  /** Messages on `connections` sockets: opens them, warms up, measures, closes them. */
  async messages({ pids, payloadBytes, connections, depth, warmMs, measureMs, ...way }) {
    const path = `${way.path ?? ''}/echo?bytes=${payloadBytes}`;
    const ends = await openMany({ ...way, path, count: connections, atOnce: 32 });
    let lost = 0;
    for (const end of ends) {
      end.onClosed = () => lost++;
      new Talk(end, { payloadBytes, depth }, { latencies, counts });
    }
    await delay(warmMs);
    latencies.clear();
    const [cpuBefore, ownBefore, countBefore, start] = [
      cpuNanoseconds(pids),
      ownCpu(),
      counts.answered,
      performance.now(),
    ];
    await delay(measureMs);
    const [cpu, own] = [cpuNanoseconds(pids) - cpuBefore, ownCpu() - ownBefore];
    const elapsedMs = performance.now() - start;
    const messages = counts.answered - countBefore;
    const wasLost = lost;
    cutAll(ends);
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
  async handshakes({ pids, count, atOnce, resumed = false, ...way }) {
    const secure = resumed ? { session: await sessionOf(way) } : way.secure;
    const [cpuBefore, ownBefore, start] = [cpuNanoseconds(pids), ownCpu(), performance.now()];
    const ends = await openMany({ ...way, secure, path: '/echo?bytes=64', count, atOnce });
    const elapsedMs = performance.now() - start;
    const loadBusy = (ownCpu() - ownBefore) / 1e3 / elapsedMs;
    const cpu = cpuNanoseconds(pids) - cpuBefore;
    const afresh = resumed ? ends.filter((end) => !end.resumed).length : 0;
    cutAll(ends);
    if (afresh > 0) throw new Error(`${afresh} of ${count} TLS sessions were not resumed`);
    return { ...figures({ cpu, elapsedMs, count }), loadBusy };
  },

  /** Connections that are opened and closed at once: all that one costs from its first packet to its last. */
  async churn({ pids, count, atOnce, ...way }) {
    const [cpuBefore, ownBefore, start] = [cpuNanoseconds(pids), ownCpu(), performance.now()];
    await churn({ ...way, path: '/echo?bytes=64', count, atOnce });
    const elapsedMs = performance.now() - start;
    const loadBusy = (ownCpu() - ownBefore) / 1e3 / elapsedMs;
    // The last closes are still on their way through the proxy.
    await delay(100);
    return { ...figures({ cpu: cpuNanoseconds(pids) - cpuBefore, elapsedMs, count }), loadBusy };
  },

  /** All come at once, while others who are connected go on talking. */
  async storm({ count, atOnce, talkers, pausedMs, ...way }) {
    const path = '/echo?bytes=64';
    const talking = await openMany({ ...way, path, count: talkers, atOnce: 32 });
    for (const end of talking) new Talk(end, { payloadBytes: 64, depth: 1, pausedMs }, { latencies, counts });
    await delay(500);
    latencies.clear();
    const start = performance.now();
    const ends = await openMany({ ...way, path, count, atOnce });
    const elapsedMs = performance.now() - start;
    const [p50Micros, p99Micros] = [latencies.quantile(0.5) * 1000, latencies.quantile(0.99) * 1000];
    cutAll([...talking, ...ends]);
    return { seconds: elapsedMs / 1000, perSecond: (count * 1000) / elapsedMs, p50Micros, p99Micros };
  },

  /** Opens and holds. */
  async hold(way) {
    held.push(...(await openMany(way)));
    return { held: held.length };
  },

  /** One reader that stops after the handshake. */
  async stall({ path, ...way }) {
    const end = await open(way, handshakeRequest(path));
    end.pause();
    held.push(end);
    return { held: held.length };
  },

  async release() {
    cutAll(held.splice(0));
    return { held: 0 };
  },
};

/** A ticket of this proxy's. TLS 1.3 sends it behind the handshake, so that it is waited for. */
async function sessionOf(way) {
  let end;
  const session = await new Promise((resolve, reject) => {
    open({ ...way, secure: { onSession: resolve } }, handshakeRequest('/echo?bytes=64')).then((opened) => {
      end = opened;
      setTimeout(reject, 5000, new Error('no ticket for a TLS session came'));
    }, reject);
  });
  end?.cut();
  return session;
}

function figures({ cpu, elapsedMs, count }) {
  return { cpuMicros: cpu / 1000 / count, perSecond: (count * 1000) / elapsedMs, proxyBusy: cpu / 1e6 / elapsedMs };
}

/** Cut, not closed in order: no port of ours waits, so that rounds do not run out of them. */
function cutAll(ends) {
  for (const end of ends) {
    end.onClosed = () => undefined;
    end.cut();
  }
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
