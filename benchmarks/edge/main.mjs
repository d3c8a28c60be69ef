// npm run bench:edge: the Holdline edge beside its peers, in one run, in turns. `--help` says what it takes.
import os from 'node:os';
import { ensureTestPrograms } from '../../scripts/test-programs.mjs';
import { machineFacts, readResults, resultsFile, writePage, writeResults } from './files.mjs';
import { help, readFlags } from './flags.mjs';
import { measureMs } from './measure.mjs';
import { linesOf } from './page.mjs';
import { measureAll } from './rounds.mjs';
import { Stage } from './stage.mjs';
import { table } from './table.mjs';

process.exit(await main(process.argv.slice(2)));

async function main(args) {
  const { flags, problem } = readFlags(args);
  if (problem !== null) {
    console.error(`${problem}\n\n${help}`);
    return 2;
  }
  if (flags.help) {
    console.log(help);
    return 0;
  }
  if (flags.page) {
    console.log(`Written: ${writePage(readResults()).join(', ')}`);
    return 0;
  }
  if (process.platform !== 'linux') {
    console.error('The measurements read /proc, so they need Linux.');
    return 3;
  }
  if (!ensureTestPrograms(flags.peers.flatMap((peer) => peer.package ?? []))) return 3;
  const stage = new Stage();
  process.on('exit', () => stage.close());
  process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143));
  try {
    const report = await run(stage, flags);
    console.log(table(linesOf(report)));
    console.log(
      `${Math.max(report.rounds, report.freshRounds)} rounds in ${Math.round(report.seconds)} s. Ratios are medians over the rounds of the ratio within a round.`,
    );
    if (flags.json !== null) writeResults(flags.json, report);
    if (flags.everything) {
      writeResults(resultsFile, report);
      console.log(`Written: benchmarks/results/edge.json, ${writePage(report).join(', ')}`);
    }
    for (const failure of report.failures) console.error(`Left out: ${failure}`);
    return report.failures.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(`The run ended early: ${error.message}`);
    return 1;
  }
}

async function run(stage, flags) {
  const loadBefore = os.loadavg()[0];
  const startedAt = new Date().toISOString();
  const start = performance.now();
  await stage.open();
  const { results, failures, done } = await measureAll(stage, flags, (line) => console.error(line));
  return {
    startedAt,
    seconds: (performance.now() - start) / 1000,
    ...done,
    quick: flags.quick,
    measureMs,
    machine: { ...machineFacts(), loadBefore, loadAfter: os.loadavg()[0] },
    versions: Object.fromEntries(flags.peers.map((peer) => [peer.id, peer.version()])),
    rows: flags.rows.map(({ id, what, unit, target, options }) => ({ id, what, unit, target, options })),
    results,
    failures,
  };
}
