// npm run bench:wires: both kinds of wire over real loopback pairs, 10,000 random lives each (the tests do 300): random
// chunks, pauses, half-closes, resets. The same bytes must arrive and the same ends be told. A seed is printed with a
// failure. Needs a Node that strips types (22.18, 24, 26).
import fc from 'fast-check';
import { loopback } from '../../test/gateway/sockets/loopback.ts';
import { play, script } from '../../test/gateway/sockets/wires.ts';

const runs = Number(process.argv[2] ?? 10_000);
/** A life takes some milliseconds; one that takes this long hangs. */
const lifeMs = 20_000;
const over = { handle: await loopback('handle'), socket: await loopback('socket') };
const startMs = performance.now();
const property = fc.asyncProperty(script, async (life) => {
  const one = await inTime(play(over.handle, life));
  const other = await inTime(play(over.socket, life));
  if (JSON.stringify(one) !== JSON.stringify(other))
    throw new Error(`${JSON.stringify(one)} is not ${JSON.stringify(other)}`);
});
await fc.assert(property, { numRuns: runs });
const seconds = Math.round((performance.now() - startMs) / 1000);
console.log(`Node ${process.version}: ${runs} lives over each kind of wire, the same bytes and ends, in ${seconds} s`);
for (const each of Object.values(over)) each.close();

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
