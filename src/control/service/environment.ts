/**
 * What a service manager hands to the process that it starts: sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3).
 */

export interface ServiceEnvironment {
  /** Where the manager listens for news; null when nobody does. */
  readonly notifySocket: string | null;
  /** How long the manager waits for a sign of life before it ends the service, milliseconds; null for no watchdog. */
  readonly watchdogMs: number | null;
  /** Sockets that the manager has opened already. */
  readonly sockets: readonly PassedSocket[];
}

export interface PassedSocket {
  readonly descriptor: number;
  /** FileDescriptorName= of the socket unit, by default the unit's own name. */
  readonly name: string;
}

/** They speak of one process only: no worker and no server that the edge starts may take them for its own. */
export const serviceVariables = [
  'NOTIFY_SOCKET',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
] as const;

/** The first descriptor that is passed (SD_LISTEN_FDS_START). */
const firstDescriptor = 3;
/** More than any unit passes. What is not open among them is said when it is looked at. */
const socketsMax = 1024;

/** `pid`: of the process that asks; what was meant for another one is left alone. */
export function serviceEnvironment(env: Readonly<Record<string, string | undefined>>, pid: number): ServiceEnvironment {
  return { notifySocket: env.NOTIFY_SOCKET || null, watchdogMs: watchdogMs(env, pid), sockets: sockets(env, pid) };
}

export function withoutServiceVariables(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const names: readonly string[] = serviceVariables;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

function watchdogMs(env: Readonly<Record<string, string | undefined>>, pid: number): number | null {
  const microseconds = whole(env.WATCHDOG_USEC);
  const forPid = env.WATCHDOG_PID;
  if (microseconds === null || microseconds === 0) return null;
  return forPid === undefined || whole(forPid) === pid ? microseconds / 1000 : null;
}

function sockets(env: Readonly<Record<string, string | undefined>>, pid: number): PassedSocket[] {
  if (whole(env.LISTEN_PID) !== pid) return [];
  const names = env.LISTEN_FDNAMES?.split(':') ?? [];
  return Array.from({ length: Math.min(whole(env.LISTEN_FDS) ?? 0, socketsMax) }, (_, index) => ({
    descriptor: firstDescriptor + index,
    name: names[index] ?? 'unknown',
  }));
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
