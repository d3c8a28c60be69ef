/** `holdline up` with nginx in the place of the built-in edge. */
import path from 'node:path';
import { HoldlineError } from '../../base/error.ts';
import { formatDuration } from '../../base/units.ts';
import { startControlServer } from '../../control/api/server.ts';
import { gathered } from '../../control/edge/gathered.ts';
import { previewReload } from '../../control/edge/preview.ts';
import { createReloader } from '../../control/edge/reload.ts';
import { type ServerChange, saveServer } from '../../control/edge/save.ts';
import type { EdgeSource } from '../../control/edge/source.ts';
import { watchSpec } from '../../control/edge/watch.ts';
import { openIn } from '../../registry/totals.ts';
import type { Spec } from '../../spec/model.ts';
import type { Cli } from '../command.ts';
import type { CliContext, ExitCode } from '../context.ts';
import { untilToldToEnd } from '../signals.ts';
import { banner } from '../terminal/banner.ts';
import { connectionsText } from '../terminal/line.ts';
import { showCounts } from './counts.ts';
import type { UpOptions } from './prepare.ts';
import type { Surroundings } from './supervision.ts';

/** Changes of several files, or several edits of one, make one reload. */
const gatherMs = 1000;
/**
 * Every five minutes one: each leaves a generation of workers with its memory, for as long as worker_shutdown_timeout.
 */
export const reloadsPerHourDefault = 12;

export interface NginxRun {
  readonly spec: Spec;
  readonly options: UpOptions;
  readonly cli: Cli;
}

/** Runs nginx until this process is told to end. */
export async function runNginx(around: Surroundings, { spec, options, cli }: NginxRun): Promise<ExitCode> {
  const { prepared, terminal, onEvent, version } = around;
  const { plan, source, report, directory, watched } = prepared;
  if (options.sockets !== undefined)
    throw new HoldlineError(
      'engine-without-effect',
      '--sockets is for the built-in edge, and nginx carries the connections',
    );
  // Loaded only here: few edges are nginx, and its generator is a lot of code.
  const { startNginxEngine } = await import('../../control/engines/nginx/start.ts');
  const engine = await startNginxEngine({
    spec,
    plan,
    directory,
    prefix: path.resolve(options.prefix ?? defaultPrefix(source, directory, cli.env)),
    searchPath: cli.env.PATH ?? '',
    reloadsPerHour: options.reloadsPerHour ?? reloadsPerHourDefault,
    onEvent,
    remembered: around.remembered,
  });
  cli.stderr.write(report(engine.diagnostics, new Map()));
  const { reporter, passed } = around.service;
  for (const { name, shown } of passed)
    onEvent({ kind: 'socket-unused', socket: `${shown} (${name})`, why: 'nginx opens its sockets itself' });
  const reading = { source, engine: 'nginx', overridden: prepared.overridden } as const;
  const readAgain = createReloader({
    ...reading,
    apply: (read) => engine.apply(read.spec, read.plan),
    onFindings: (diagnostics, sources) => terminal.print(report(diagnostics, sources).trimEnd()),
  });
  const reload = gathered(() => reporter.reloading(readAgain), gatherMs);
  const signals = untilToldToEnd(
    {
      onReload: () => {
        around.reopenLog();
        void reload();
      },
      onReopenLog: around.reopenLog,
      onUpgrade: () => onEvent({ kind: 'signal-ignored', signal: 'SIGUSR2', why: 'nginx carries the connections' }),
      terminal: terminal.live,
    },
    around.signals,
  );
  const save = (change: ServerChange) => saveServer(source, change);
  const preview = () => previewReload(reading, (read) => engine.preview(read.spec, read.plan));
  const target = { ...engine, version, reload, preview, save };
  const api = await startControlServer({ target, address: plan.control.address, tokens: prepared.tokens }).catch(
    async (error: unknown) => {
      await engine.close({ deadlineMs: 0 });
      throw error;
    },
  );
  const watchers = watched.map((each) => watchSpec(each, () => void reload()));
  const facts = { supervisor: engine, controlUrl: api.url, file: watched[0] ?? null, log: around.logFile };
  for (const line of banner(facts)) terminal.print(line);
  const stopCounting = showCounts(engine, terminal);
  reporter.ready(engine);

  await signals.first;
  let wasCut = false;
  void signals.second.then(() => {
    wasCut = true;
    engine.cut();
  });
  reporter.stopping();
  for (const watcher of watchers) watcher.close();
  stopCounting();
  const within = formatDuration(engine.plan().drain.deadlineMs);
  const open = connectionsText(openIn(engine.totals()));
  terminal.print(
    `Waiting for ${open}; who is left after ${within} is cut without a close frame. Ctrl-C again cuts them now.`,
  );
  await engine.close();
  await api.close();
  signals.close();
  terminal.print(wasCut ? 'Cut.' : 'All closed.');
  return wasCut ? 1 : 0;
}

/** A service has a folder of its own (StateDirectory=); elsewhere it stands beside the spec, one for each spec. */
function defaultPrefix(source: EdgeSource, directory: string, env: CliContext['env']): string {
  const name = source.kind === 'file' ? path.parse(source.file).name : 'options';
  if (env.STATE_DIRECTORY !== undefined) return path.join(env.STATE_DIRECTORY.split(':')[0]!, 'nginx');
  return path.join(directory, '.holdline', `nginx-${name}`);
}
