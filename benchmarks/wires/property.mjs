// npm run bench:wires: both kinds of wire over real loopback pairs, plain and with the server side of TLS 1.3 and 1.2,
// 10,000 random lives of each (the tests do 300, 60 and 20): random chunks, pauses, half-closes, resets. The same bytes
// must arrive and the same ends be told. A seed is printed with a failure. `node property.mjs 500 TLSv1.3` plays fewer,
// and over that alone. Needs a Node that strips types (22.18, 24, 26).
import fc from 'fast-check';
import { loopback } from '../../test/gateway/sockets/loopback.ts';
import { tlsLoopback } from '../../test/gateway/sockets/tls-loopback.ts';
import { play, script } from '../../test/gateway/sockets/wires.ts';

const runs = Number(process.argv[2] ?? 10_000);
/** A life takes some milliseconds; one that takes this long hangs. */
const lifeMs = 20_000;
const pairs = {
  plain: loopback,
  'TLSv1.3': async (kind) => tlsLoopback(kind, 'TLSv1.3'),
  'TLSv1.2': async (kind) => tlsLoopback(kind, 'TLSv1.2'),
};
const chosen = process.argv[3] === undefined ? Object.keys(pairs) : [process.argv[3]];

for (const name of chosen) {
  const over = { handle: await pairs[name]('handle'), socket: await pairs[name]('socket') };
  const startMs = performance.now();
  const property = fc.asyncProperty(script, async (life) => {
    const one = await inTime(play(over.handle, life));
    const other = await inTime(play(over.socket, life));
    if (JSON.stringify(one) !== JSON.stringify(other))
      throw new Error(`${JSON.stringify(one)} is not ${JSON.stringify(other)}`);
  });
  await fc.assert(property, { numRuns: runs });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const what = `${runs} lives over each kind of wire, the same bytes and ends`;
  console.log(`Node ${process.version}, ${name}: ${what}, in ${seconds} s`);
  for (const each of Object.values(over)) each.close();
}

async function inTime(outcome) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${lifeMs} ms`)), lifeMs);
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}
process.exit(0);
