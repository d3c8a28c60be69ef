import type { Command } from 'commander';
import { HoldlineError } from '../../base/error.ts';
import { startBench } from '../../bench/bench.ts';
import type { BenchReport } from '../../bench/run/report.ts';
import { isScenarioFile, readScenarioFile } from '../../bench/scenario/read-file.ts';
import { readScenario } from '../../bench/scenario/scenario.ts';
import { renderBench } from '../../report/bench/text.ts';
import { renderText } from '../../report/diagnostics.ts';
import { prepareBenchFiles } from '../bench/files.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { addExamples } from '../help.ts';
import { addBenchOptions, type BenchCommandOptions, saidInput } from '../options/bench.ts';
import { untilToldToEnd } from '../signals.ts';
import { liveBench } from '../terminal/bench-live.ts';

export function registerBench(program: Command, cli: Cli): void {
  const command = program
    .command('bench')
    .description(
      'Opens many connections to an endpoint, sends on schedule even when answers are late, and reports latency, losses and drops. Ctrl-C ends it, with the report so far.',
    )
    .argument('<target>', 'ws:// or wss://, or a scenario file: load.yaml');
  addBenchOptions(command).action(
    cli.action((target: string, options: BenchCommandOptions) => bench(target, options, cli)),
  );
  addExamples(command, [
    'holdline bench ws://127.0.0.1:8080/ -c 500 -t "p99 < 50ms" -t "lost = 0"',
    'holdline bench ws://127.0.0.1:8080/room --mode fanout -c 1000 -t "reach = 1"',
    'holdline bench ws://127.0.0.1:8080/ --mode hold -c 5000 -d 1m --storm 10s',
    'holdline bench ws://127.0.0.1:8080/echo --search connections -t "p99 < 50ms"',
    'holdline bench load.yaml',
  ]);
}

async function bench(target: string, options: BenchCommandOptions, cli: Cli): Promise<ExitCode> {
  const said = saidInput(options);
  const {
    value: scenario,
    diagnostics,
    sources,
  } = isScenarioFile(target)
    ? await readScenarioFile(target, said)
    : { ...readScenario({ ...said, url: said.url ?? target }), sources: new Map<string, string>() };
  if (scenario === null) {
    cli.stderr.write(renderText(diagnostics, { colour: wantsColour(cli.stderr, cli.env), sources }));
    return 2;
  }
  const files = prepareBenchFiles(options);
  const aborting = new AbortController();
  const signals = untilToldToEnd({ onReload: () => undefined, terminal: true });
  void signals.first.then(() => aborting.abort());
  const live = liveBench(cli, scenario, { quiet: options.quiet === true });
  try {
    const run = await startBench(scenario, {
      onProgress: live.onProgress,
      onNotice: live.notice,
      signal: aborting.signal,
    });
    void signals.first.then(() => {
      run.stop();
      live.stopping();
    });
    void signals.second.then(run.kill);
    const report = await run.done;
    live.end();
    cli.stdout.write(options.json ? benchJson(report) : renderBench(report));
    files.write(report);
    return exitCodeOf(report);
  } finally {
    live.end();
    signals.close();
  }
}

/** For programs; schema/bench-report.schema.json describes it. */
function benchJson(report: BenchReport): string {
  const $schema = 'https://unpkg.com/holdline/schema/bench-report.schema.json';
  return `${JSON.stringify({ $schema, ...report }, null, 2)}\n`;
}

/** The report has been printed by now; what makes it worthless is said on the error output too. */
function exitCodeOf(report: BenchReport): ExitCode {
  if (report.ended === 'nothing-opened')
    throw new HoldlineError(
      'bench-nothing-opened',
      `not one of ${report.connections.failed} connections could be opened`,
    );
  if (report.ended === 'generator-died')
    throw new HoldlineError('bench-generator-died', 'a process of the load ended unexpectedly');
  const verdicts = [report, ...report.phases].flatMap(({ thresholds }) => thresholds);
  if (report.ended === 'target-gone' || report.search?.best === null || verdicts.some(({ held }) => !held)) return 1;
  // What held so far may have been missed later: a run that was stopped proves no threshold.
  return report.ended === 'interrupted' && verdicts.length > 0 ? 3 : 0;
}
