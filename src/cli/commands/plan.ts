import type { Command } from 'commander';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { formatVersion, versionDefault } from '../../base/nginx-version.ts';
import { readSpecFile } from '../../control/edge/spec-file.ts';
import { readMachineFacts } from '../../host/machine-facts.ts';
import { findNginx } from '../../host/nginx-binary.ts';
import { compareWithEdge } from '../../plan/nginx/comparison.ts';
import { machineFromSpec, workloadFromSpec } from '../../plan/nginx/from-spec.ts';
import { completeMachine, type MachineFacts } from '../../plan/nginx/machine.ts';
import { type NginxPlan, planNginx, targetOf } from '../../plan/nginx/plan.ts';
import { systemSettings } from '../../plan/nginx/system.ts';
import { completeWorkload, type Workload } from '../../plan/nginx/workload.ts';
import { renderText } from '../../report/diagnostics.ts';
import { renderPlanMarkdown } from '../../report/plan/markdown.ts';
import { renderPlanText } from '../../report/plan/text.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { addExamples } from '../help.ts';
import { addPlanOptions, type PlanOptions, workloadFromOptions } from '../options/plan.ts';
import { showLive } from '../plan/live.ts';

interface LivePlanOptions extends PlanOptions {
  readonly live?: string;
}

export function registerPlan(program: Command, cli: Cli): void {
  const command = addPlanOptions(
    program
      .command('plan')
      .description(
        'Works out what a host can carry and every number that nginx needs for it, each with its reason. Without --cores and --memory the host is this machine.',
      )
      .argument('[file]', 'a spec to take the workload, host and routes from'),
  )
    .option(
      '--live <pid or url>',
      'look at a running nginx instead: its process id, or the URL of its stub_status page',
    )
    .action(cli.action((file: string | undefined, options: LivePlanOptions) => plan(file, options, cli)));
  addExamples(command, [
    'holdline plan --cores 1 --memory 8g --connections 20000',
    'holdline plan holdline.yaml --tls --hop cloudflare --markdown > plan.md',
    'holdline plan --connections 5000 --worker-connections 1024 --sums',
    'holdline plan --live $(cat /run/nginx.pid)',
  ]);
}

async function plan(file: string | undefined, options: LivePlanOptions, cli: Cli): Promise<ExitCode> {
  if (options.live !== undefined) return showLive(options.live, options.json === true ? 'json' : 'text', cli);
  const fromFile = file === undefined ? { workload: {}, machine: {}, diagnostics: [] } : await fromSpec(file);
  if (fromFile === null || hasErrors(fromFile.diagnostics)) {
    report(fromFile?.diagnostics ?? [], cli);
    return 1;
  }
  const { value, diagnostics } = planNginx({
    workload: completeWorkload({ ...fromFile.workload, ...workloadFromOptions(options) }),
    machine: machineFor(options, fromFile.machine),
    target: options.target ?? findNginx(cli.env.PATH ?? '')?.version ?? formatVersion(versionDefault),
  });
  if (options.json)
    cli.stdout.write(`${JSON.stringify({ plan: value === null ? null : json(value), diagnostics }, null, 2)}\n`);
  else if (value !== null) cli.stdout.write(render(value, options, cli));
  if (!options.json) report(diagnostics, cli);
  return hasErrors(diagnostics) ? 1 : 0;
}

interface FromSpec {
  readonly workload: Partial<Workload>;
  readonly machine: Partial<MachineFacts>;
  readonly diagnostics: readonly Diagnostic[];
}

async function fromSpec(file: string): Promise<FromSpec> {
  const { value, diagnostics } = await readSpecFile(file);
  if (value === null) return { workload: {}, machine: {}, diagnostics };
  return { workload: workloadFromSpec(value), machine: machineFromSpec(value), diagnostics };
}

/**
 * Processors and memory given make it another host, whose other facts are assumed; otherwise it is this machine with
 * what was given.
 */
export function machineFor(options: PlanOptions, said: Partial<MachineFacts>): MachineFacts {
  const given = {
    ...said,
    ...(options.cores === undefined ? {} : { cores: options.cores }),
    ...(options.memory === undefined ? {} : { memoryBytes: options.memory, memoryLimitBytes: null }),
    ...(options.descriptors === undefined
      ? {}
      : { descriptorsHard: options.descriptors, descriptorsSoft: Math.min(1_024, options.descriptors) }),
  };
  if (given.cores !== undefined && given.memoryBytes !== undefined) return completeMachine(given);
  return { ...readMachineFacts(), ...given };
}

function render(value: NginxPlan, options: PlanOptions, cli: Cli): string {
  if (options.markdown) return renderPlanMarkdown(value);
  return renderPlanText(value, {
    columns: cli.stdout.columns ?? 80,
    colour: wantsColour(cli.stdout, cli.env),
    sums: options.sums === true,
  });
}

/** What is known, for programs: the version as text, the comparison and the settings outside nginx beside it. */
function json(value: NginxPlan): object {
  return { ...value, version: targetOf(value), system: systemSettings(value), comparison: compareWithEdge(value) };
}

/** To stderr, so that a document on stdout stays one. */
function report(diagnostics: readonly Diagnostic[], cli: Cli): void {
  if (diagnostics.length === 0) return;
  const colour = wantsColour(cli.stderr, cli.env);
  cli.stderr.write(renderText(diagnostics, { colour, sources: new Map() }));
}
