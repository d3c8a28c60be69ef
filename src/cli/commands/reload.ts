import type { Command } from 'commander';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import type { ReloadPreview } from '../../control/edge/preview.ts';
import type { ReloadOutcome } from '../../control/supervisor.ts';
import { renderText } from '../../report/diagnostics.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

export function registerReload(program: Command, cli: Cli): void {
  const command = program
    .command('reload')
    .description('Makes a running edge read its spec again and apply it. A spec with errors changes nothing.');
  addControlOptions(command)
    .option('--dry-run', 'say what a reload would change and what would become of the connections; change nothing')
    .action(cli.action((options: ReloadOptions) => reload(options, cli)));
  addExamples(command, ['holdline reload', 'holdline reload --dry-run']);
}

interface ReloadOptions extends ControlOptions {
  readonly dryRun?: boolean;
}

async function reload(options: ReloadOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  if (options.dryRun === true) return dryRun(await client.call<ReloadPreview>('GET', '/reload'), cli);
  const answer = await client.call<ReloadOutcome>('POST', '/reload');
  cli.stderr.write(
    shown(
      answer.diagnostics.filter(({ code }) => code === 'engine-reload-waits'),
      cli,
    ),
  );
  cli.stdout.write(`${reloadText(answer)}\n`);
  return 0;
}

function dryRun({ changed, diagnostics, effects }: ReloadPreview, cli: Cli): ExitCode {
  cli.stderr.write(shown(diagnostics, cli));
  if (hasErrors(diagnostics)) {
    cli.stdout.write('a reload would change nothing: what is above keeps it from it\n');
    return 1;
  }
  const lines = [changed.length === 0 ? 'nothing has changed' : `would change: ${changed.join('; ')}`, ...effects];
  cli.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** As the API writes a finding: what it has nothing to say of is null. */
type Finding = Pick<Diagnostic, 'code' | 'severity' | 'message'> & { readonly help?: string | null };

function shown(findings: readonly Finding[], cli: Cli): string {
  const diagnostics = findings.map(({ code, severity, message, help }) => ({
    code,
    severity,
    message,
    ...(help == null ? {} : { help }),
  }));
  return renderText(diagnostics, { colour: wantsColour(cli.stderr, cli.env), sources: new Map() });
}

type ReloadAnswer = Pick<ReloadOutcome, 'changed' | 'lastChange'>;

/**
 * The edge watches its file, and has usually read it before anybody asks: then the change that is meant is the one
 * before.
 */
export function reloadText({ changed, lastChange }: ReloadAnswer): string {
  if (changed.length > 0) return `changed: ${changed.join('; ')}`;
  if (lastChange === null) return 'nothing has changed since the edge was started';
  const at = new Date(lastChange.atMs).toTimeString().slice(0, 8);
  return `nothing has changed since ${at}, when the edge took over: ${lastChange.changed.join('; ')}`;
}
