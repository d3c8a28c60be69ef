// How each kind of row is measured at one proxy, once. Each answers `{ value, … }`; `value` is what gets compared.
import { setTimeout as delay } from 'node:timers/promises';
import { privateBytes } from './processes.mjs';

/** The first time, compilers and caches get this long; later, only the connections have to settle. */
const firstWarmMs = 1500;
const warmMs = 300;
export const measureMs = 800;

/** `fresh` rows start a process of their own each time: what a heap grew to before would hide what it grows by. */
export const kinds = {
  messages: {
    fresh: false,
    async measure(stage, { port, pids }, options, { first }) {
      const warm = first ? firstWarmMs : warmMs;
      const answer = await stage.ask('messages', { port, pids, ...options, warmMs: warm, measureMs });
      return { value: answer.cpuMicros, ...answer };
    },
  },

  handshakes: {
    fresh: false,
    async measure(stage, { port, pids }, { warmCount, ...options }, { first }) {
      const answer = await stage.ask('handshakes', { port, pids, ...options, warmCount: first ? warmCount : 100 });
      return { value: answer.cpuMicros, ...answer };
    },
  },

  idle: {
    fresh: true,
    async measure(stage, { port, pids }, { count, warmCount, atOnce, settleMs }) {
      const way = { port, path: '/echo?bytes=64', atOnce };
      // A few first: what a proxy allocates once is not what a connection costs.
      await stage.ask('hold', { ...way, count: warmCount });
      await stage.ask('release', {});
      await delay(settleMs);
      const before = privateBytes(pids);
      await stage.ask('hold', { ...way, count });
      await delay(settleMs);
      const after = privateBytes(pids);
      await stage.ask('release', {});
      return { value: (after - before) / 1000 / count, beforeMb: before / 1e6, afterMb: after / 1e6 };
    },
  },

  slow: {
    fresh: true,
    async measure(stage, { port, pids }, { floodBytes, watchMs }) {
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
