// What the history of ended connections takes when it is full: `npm run build && node --expose-gc
// benchmarks/history.mjs`. Rows are told apart in everything that is different in life: addresses, ages, counts, paths
// with ids, users, close reasons.
import { chronicle, endedMax } from '../dist/control/history/chronicle.js';

const history = chronicle({
  nowMs: Date.now,
  read: () => ({ totals: {}, memoryBytes: 0, loopDelayMs: 0 }),
  survivors: async () => [],
  onIncident: () => undefined,
});

function row(index) {
  return JSON.parse(
    JSON.stringify({
      id: `w1-${index.toString(36).padStart(8, '0')}`,
      openedAtMs: 1_700_000_000_000 + index * 37,
      clientAddress: `203.0.${(index >> 8) & 255}.${index & 255}`,
      clientPort: 1024 + (index % 60_000),
      peerAddress: '10.0.0.7',
      tls: true,
      route: 'chat',
      upstream: 'chat',
      server: `http://10.0.0.${index % 8}:9000`,
      host: 'app.example.com',
      path: `/rooms/${index}/socket`,
      origin: 'https://app.example.com',
      userAgent: `Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1${index % 40}.0.0.0 Safari/537.36`,
      subprotocol: null,
      compressed: false,
      tags: { user: `user-${index}` },
      clientBytes: index * 13,
      clientMessages: index,
      serverBytes: index * 31,
      serverMessages: index * 2,
      rttMs: (index % 100) + 0.5,
      ageMs: index * 7,
      idleMs: index % 60_000,
      endedAtMs: 1_700_000_000_000 + index * 41,
      by: 'client',
      cause: 'client-closed',
      code: 1001,
      reason: '',
    }),
  );
}

globalThis.gc();
const before = process.memoryUsage().heapUsed;
for (let start = 0; start < endedMax; start += 1000)
  history.remember(Array.from({ length: 1000 }, (_, index) => row(start + index)));
globalThis.gc();
const bytes = process.memoryUsage().heapUsed - before;
console.log(`${endedMax} rows: ${(bytes / 1e6).toFixed(1)} MB, ${Math.round(bytes / endedMax)} bytes each`);
