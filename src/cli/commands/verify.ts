import type { Command } from 'commander';
import { runVerifyChecks } from '../../nginx/run/verify/run-checks.ts';
import { prepareTrial } from '../../nginx/run/verify/trial.ts';
import { findVerifiable } from '../../nginx/toolkit/verify.ts';
import { renderText } from '../../report/diagnostics.ts';
import { renderVerification } from '../../report/verification.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { readSource } from '../generate/source.ts';
import { addExamples } from '../help.ts';
import { addSiteOptions, type SiteOptions } from '../options/generate.ts';

interface VerifyOptions extends SiteOptions {
  readonly json?: boolean;
}

export function registerVerify(program: Command, cli: Cli): void {
  const command = addSiteOptions(
    program
      .command('verify')
      .description(
        'Starts this machine’s nginx with the generated configuration, on free loopback ports and with a test server behind it, and tries it: upgrades, origins, the idle timeout (shortened), plain requests, limits. Nothing that is already running is touched. Exit code 1 when a check fails, 3 when there is no nginx.',
      )
      .argument('[file]', 'a spec, as for generate'),
  )
    .option('--json', 'print the checks as JSON')
    .action(cli.action((file: string | undefined, options: VerifyOptions) => verify(file, options, cli)));
  addExamples(command, [
    'holdline verify holdline.yaml',
    'holdline verify --connections 2000 --origin https://app.example.com --tls',
  ]);
}

async function verify(file: string | undefined, options: VerifyOptions, cli: Cli): Promise<ExitCode> {
  const binary = findVerifiable(cli.env.PATH ?? '');
  // Only the version that is here can be tried.
  const source = await readSource({
    file,
    options: { ...options, target: binary.version },
    form: 'whole',
    env: cli.env,
  });
  if (source.value === null) {
    cli.stderr.write(
      renderText(source.diagnostics, { colour: wantsColour(cli.stderr, cli.env), sources: source.sources }),
    );
    return 1;
  }
  const trial = await prepareTrial(source.value.plan, source.value.site, binary);
  try {
    const results = await runVerifyChecks(trial, binary);
    const failed = results.some(({ outcome }) => outcome === 'failed');
    if (options.json)
      cli.stdout.write(
        `${JSON.stringify({ version: 1, nginx: binary.version, changes: trial.changes, checks: results }, null, 2)}\n`,
      );
    else
      cli.stdout.write(
        renderVerification(trial, results, {
          columns: cli.stdout.columns ?? 80,
          colour: wantsColour(cli.stdout, cli.env),
        }),
      );
    return failed ? 1 : 0;
  } finally {
    await trial.close();
  }
}
