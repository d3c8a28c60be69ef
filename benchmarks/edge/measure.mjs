// How each kind of row is measured at one proxy, once. Each answers `{ value, … }`; `value` is what gets compared.
import { setTimeout as delay } from 'node:timers/promises';
import { privateBytes } from './processes.mjs';

/**
 * The first time, compilers and caches get longer; later, only the connections have to settle. `quick` is for seeing
 * that it works.
 */
const times = {
  usual: { firstWarmMs: 900, warmMs: 200, measureMs: 600, settleMs: 1000, idleShare: 1, watchMs: 1000 },
  quick: { firstWarmMs: 300, warmMs: 100, measureMs: 200, settleMs: 200, idleShare: 0.02, watchMs: 300 },
};
/** A quick run does a tenth of what is counted in connections. */
const quickShare = 0.1;
export const measureMs = times.usual.measureMs;

/** To the proxy: in the open, or over TLS. */
function wayTo({ port, tlsPort }, { tls = false }) {
  return tls ? { port: tlsPort, secure: {} } : { port };
}

/** Connections that are opened and counted one by one: `handshakes` and `churn`. */
const opened = (ask) => ({
  fresh: false,
  async measure(stage, proxy, { count, warmCount, againCount, atOnce, tls, resumed }, { first, quick }) {
    const share = quick ? quickShare : 1;
    const way = { ...wayTo(proxy, { tls }), pids: proxy.pids, atOnce, resumed };
    await stage.ask(ask, { ...way, count: (first ? warmCount : againCount) * share });
    const answer = await stage.ask(ask, { ...way, count: count * share });
    return { value: answer.cpuMicros, ...answer };
  },
});

/** `fresh` rows start a process of their own each time: what a heap grew to before would hide what it grows by. */
export const kinds = {
  messages: {
    fresh: false,
    async measure(stage, proxy, { tls, ...options }, { first, quick }) {
      const { firstWarmMs, warmMs, measureMs } = quick ? times.quick : times.usual;
      const wait = { warmMs: first ? firstWarmMs : warmMs, measureMs };
      const answer = await stage.ask('messages', { ...wayTo(proxy, { tls }), pids: proxy.pids, ...options, ...wait });
      return { value: answer.cpuMicros, ...answer };
    },
  },

  handshakes: opened('handshakes'),
  churn: opened('churn'),

  storm: {
    fresh: true,
    async measure(stage, proxy, { count, ...options }, { quick }) {
      const share = quick ? quickShare : 1;
      const answer = await stage.ask('storm', { ...wayTo(proxy, options), ...options, count: count * share });
      return { value: answer.seconds, ...answer };
    },
  },

  idle: {
    fresh: true,
    async measure(stage, proxy, { count: usual, warmCount, atOnce, idleMs, tls }, { quick }) {
      const { pids } = proxy;
      const { settleMs, idleShare } = quick ? times.quick : times.usual;
      const count = quick ? usual * quickShare : usual;
      const way = { ...wayTo(proxy, { tls }), path: '/echo?bytes=64', atOnce };
      // A few first: what a proxy allocates once is not what a connection costs.
      await stage.ask('hold', { ...way, count: warmCount });
      await stage.ask('release', {});
      await delay(settleMs);
      const before = privateBytes(pids);
      await stage.ask('hold', { ...way, count });
      // Idle is what has been so for a while, heaps tidied up; or what it is when the last one has come.
      await delay(idleMs * idleShare);
      const after = privateBytes(pids);
      await stage.ask('release', {});
      return { value: (after - before) / 1000 / count, beforeMb: before / 1e6, afterMb: after / 1e6 };
    },
  },

  slow: {
    fresh: true,
    async measure(stage, { port, pids }, { floodBytes }, { quick }) {
      const { watchMs } = quick ? times.quick : times.usual;
      const small = { port, pids, payloadBytes: 64, connections: 8, depth: 1, warmMs: 200, measureMs: 300 };
      await stage.ask('messages', small);
      const before = privateBytes(pids);
      await stage.ask('stall', { port, path: `/flood?bytes=${floodBytes}` });
      let most = before;
      for (const end = Date.now() + watchMs; Date.now() < end; await delay(25))
        most = Math.max(most, privateBytes(pids));
      await stage.ask('release', {});
      return { value: (most - before) / 1e6, beforeMb: before / 1e6, mostMb: most / 1e6 };
    },
  },
};
