import { HoldlineError } from '../../base/error.ts';
import { checkListenable } from '../../control/listen/listeners.ts';
import { LocalKeeper } from '../../control/succession/keeper.ts';
import { quickSpecText } from '../../spec/quick/text.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { forwardedSignals } from '../signals.ts';
import { broughtBack } from './coming-back.ts';
import { runNginx } from './nginx.ts';
import { prepare, readWanted, type UpOptions } from './prepare.ts';
import { runSuccessor } from './successor.ts';
import { supervise, type Takeover } from './supervision.ts';
import { surroundings } from './surroundings.ts';

/** Runs the edge until it is told to end. */
export async function runEdge(file: string, options: UpOptions, cli: Cli, version: string): Promise<ExitCode> {
  if (cli.successor !== undefined) return runSuccessor(cli.successor, { file, options, cli, version });
  const wanted = await readWanted(file, options, cli);
  const { read } = wanted;
  cli.stderr.write(wanted.report(read.diagnostics, read.sources));
  if (read.plan === null) return 1;
  if (options.printSpec === true && wanted.quick !== null) {
    cli.stdout.write(quickSpecText(wanted.quick));
    return 0;
  }
  const prepared = await prepare(wanted, read.plan, options, cli);
  // Before anything starts: finding the port taken after the servers and workers are up would take them down again.
  const { address } = read.plan.control;
  if (address.port !== 0 || address.unix !== undefined) await checkListenable(address);
  if (options.prefix !== undefined && read.plan.engine !== 'nginx')
    throw new HoldlineError('engine-without-nginx', '--prefix is the folder of an nginx, and none runs');
  if (options.reloadsPerHour !== undefined && read.plan.engine !== 'nginx')
    throw new HoldlineError(
      'engine-without-nginx',
      '--reloads-per-hour is for nginx, and the built-in edge reloads without one',
    );

  let onEnd!: (code: ExitCode) => void;
  const ended = new Promise<ExitCode>((resolve) => {
    onEnd = resolve;
  });
  // What is meant for one process of the service manager's is taken out of the environment below.
  const { WATCHDOG_PID: _pid, LISTEN_PID: _listenPid, ...env } = cli.env;
  const keeper = new LocalKeeper({
    program: {
      main: process.argv[1] ?? '',
      args: process.argv.slice(2),
      execArgv: process.execArgv,
      env,
      onErrors: (text) => cli.stderr.write(text),
    },
    onEnd(code, problem) {
      if (problem !== null) cli.stderr.write(`${problem}\n`);
      onEnd(code as ExitCode);
    },
    onRestart: (why) => cli.stderr.write(`the supervisor is gone: ${why}; another one begins\n`),
  });
  const around = await surroundings(prepared, {
    options,
    cli,
    version,
    keeper,
    signals: forwardedSignals((signal) => keeper.signal(signal)),
  });
  // However this process ends, the servers that it started, in process groups of their own, end with it.
  const cut = () => keeper.cut();
  process.once('exit', cut);
  try {
    if (read.plan.engine === 'nginx' && read.spec !== null)
      return await runNginx(around, { spec: read.spec, options, cli });
    for (let takeover: Takeover | null = null; ; ) {
      const end = await supervise(around, takeover, (listeners) =>
        keeper.keepListeners(listeners.map(({ handle }) => handle)),
      );
      if (end.kind === 'ended') return end.code;
      const { outcome } = end.made;
      if (outcome !== 'given-back' && outcome.kind === 'back') {
        takeover = broughtBack(outcome, end);
        continue;
      }
      // From here on this process only keeps.
      const code = await ended;
      keeper.children.close();
      for (const listener of end.listeners) listener.close();
      return code;
    }
  } finally {
    process.off('exit', cut);
    await around.service.reporter.close();
    await around.log?.close();
  }
}
