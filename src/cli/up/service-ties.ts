import { openPassed, type PassedListener } from '../../control/listen/passed-listeners.ts';
import { serviceEnvironment, serviceVariables, withoutServiceVariables } from '../../control/service/environment.ts';
import { messenger } from '../../control/service/messenger.ts';
import { type ServiceReporter, serviceReporter, signsOfLife } from '../../control/service/reporter.ts';
import type { CliContext } from '../context.ts';

/** What ties the edge to the service manager that started it, if one did. */
export interface ServiceTies {
  readonly reporter: ServiceReporter;
  readonly passed: readonly PassedListener[];
  /** The environment for everything that the edge starts. */
  readonly env: CliContext['env'];
}

export interface ServiceNotices {
  onUntold(message: string): void;
  onUseless(socket: string, why: string): void;
  onImpatient(askedMs: number, everyMs: number): void;
}

/** Takes the manager's variables out of this process's environment: its workers inherit that. */
export function serviceTies(env: CliContext['env'], notices: ServiceNotices): ServiceTies {
  const { notifySocket, watchdogMs, sockets } = serviceEnvironment(env, process.pid);
  const passedOn = withoutServiceVariables(env);
  for (const name of serviceVariables) delete process.env[name];
  const { listeners, useless } = openPassed(sockets);
  for (const { name, why } of useless) notices.onUseless(name, why);
  if (watchdogMs !== null) {
    const { everyMs, suffices } = signsOfLife(watchdogMs);
    if (!suffices) notices.onImpatient(watchdogMs, everyMs);
  }
  const messages =
    notifySocket === null
      ? null
      : messenger({ socket: notifySocket, env: passedOn, onProblem: (message) => notices.onUntold(message) });
  return { reporter: serviceReporter(messages, watchdogMs), passed: listeners, env: passedOn };
}
