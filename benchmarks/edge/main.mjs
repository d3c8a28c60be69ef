// npm run bench:edge: the Holdline edge beside its peers, in one run, in turns. `--help` says what it takes.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureTestPrograms } from '../../scripts/test-programs.mjs';
import { help, readFlags } from './flags.mjs';
import { peers } from './peers.mjs';
import { measureAll } from './rounds.mjs';
import { Stage } from './stage.mjs';
import { summarize } from './statistics.mjs';
import { table } from './table.mjs';

const { flags, problem } = readFlags(process.argv.slice(2));
if (problem !== null) {
  console.error(`${problem}\n\n${help}`);
  process.exit(2);
}
if (flags.help) {
  console.log(help);
  process.exit(0);
}
if (process.platform !== 'linux') {
  console.error('The measurements read /proc, so they need Linux.');
  process.exit(3);
}
const installed = flags.peers.map((peer) => peer.package).filter((name) => name !== undefined);
if (!ensureTestPrograms(installed)) process.exit(3);

const stage = new Stage();
process.on('exit', () => stage.close());
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.on(signal, () => process.exit(code));

const startedAt = new Date();
await stage.open();
const results = await measureAll(stage, flags, (line) => console.error(line));
const lines = summarize(results, flags.rows, peers);
console.log(table(lines));
const seconds = (Date.now() - startedAt) / 1000;
console.log(
  `${flags.rounds} rounds in ${Math.round(seconds)} s. Ratios are medians over rounds of the ratio within a round.`,
);
if (flags.json !== null) {
  mkdirSync(path.dirname(path.resolve(flags.json)), { recursive: true });
  writeFileSync(flags.json, `${JSON.stringify({ startedAt, seconds, results }, null, 1)}\n`);
}
process.exit(0);
