import type { Register } from './command.ts';

/**
 * A command as the list of commands shows it. It is loaded only when it is wanted: a plain --help costs no linter and
 * no probe.
 */
export interface CommandEntry {
  readonly name: string;
  /** Its line in the list; what its own --help says stands with the command. */
  readonly summary: string;
  readonly load: () => Promise<Register>;
}

/** Every command, in the order in which the help lists them. One file each under commands/. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'run the edge, from a spec or in front of a server',
    load: async () => (await import('./commands/up.ts')).registerUp,
  },
  {
    name: 'check',
    summary: 'check a spec and say what is wrong, where, and what to do',
    load: async () => (await import('./commands/check.ts')).registerCheck,
  },
  {
    name: 'lint',
    summary: 'find what breaks WebSockets in an nginx configuration',
    load: async () => (await import('./commands/lint.ts')).registerLint,
  },
  {
    name: 'import',
    summary: 'write the spec that an nginx configuration amounts to, and what became of each line',
    load: async () => (await import('./commands/import.ts')).registerImport,
  },
  {
    name: 'drift',
    summary: 'hold an nginx configuration against a spec, and say what each difference means',
    load: async () => (await import('./commands/drift.ts')).registerDrift,
  },
  {
    name: 'plan',
    summary: 'work out every nginx number for a given load of WebSockets, each with its reason',
    load: async () => (await import('./commands/plan.ts')).registerPlan,
  },
  {
    name: 'generate',
    summary: 'write an nginx.conf for a given load of WebSockets, every line with its reason',
    load: async () => (await import('./commands/generate.ts')).registerGenerate,
  },
  {
    name: 'verify',
    summary: 'start the generated nginx on free ports and show that it does what it should',
    load: async () => (await import('./commands/verify.ts')).registerVerify,
  },
  {
    name: 'explain',
    summary: 'explain a directive, a piece of advice or a rule in five lines',
    load: async () => (await import('./commands/explain.ts')).registerExplain,
  },
  {
    name: 'probe',
    summary: 'test a WebSocket endpoint step by step, and say what is wrong and what to change',
    load: async () => (await import('./commands/probe.ts')).registerProbe,
  },
  {
    name: 'connect',
    summary: 'talk to a WebSocket endpoint: type and read messages, or pipe them',
    load: async () => (await import('./commands/connect.ts')).registerConnect,
  },
  {
    name: 'bench',
    summary: 'load an endpoint and measure it',
    load: async () => (await import('./commands/bench.ts')).registerBench,
  },
  {
    name: 'status',
    summary: 'show on one screen what is running, what it carries, and what needs attention',
    load: async () => (await import('./commands/status.ts')).registerStatus,
  },
  {
    name: 'health',
    summary: 'say whether the edge is alive, or ready, for health checks',
    load: async () => (await import('./commands/health.ts')).registerHealth,
  },
  {
    name: 'top',
    summary: 'watch the edge in the terminal: counts, connections, filter, sort, kick',
    load: async () => (await import('./commands/top.ts')).registerTop,
  },
  {
    name: 'ls',
    summary: 'list the live connections',
    load: async () => (await import('./commands/ls.ts')).registerLs,
  },
  {
    name: 'tap',
    summary: 'watch one connection: the headers of its frames, never their content',
    load: async () => (await import('./commands/tap.ts')).registerTap,
  },
  {
    name: 'servers',
    summary: 'list the servers, add, drain and remove them while clients are connected',
    load: async () => (await import('./commands/servers.ts')).registerServers,
  },
  {
    name: 'drain',
    summary: 'close connections at a pace',
    load: async () => (await import('./commands/drain.ts')).registerDrain,
  },
  {
    name: 'restart',
    summary: 'replace the servers that Holdline starts, new ones first',
    load: async () => (await import('./commands/restart.ts')).registerRestart,
  },
  {
    name: 'gate',
    summary: 'refuse new clients, or let them in again',
    load: async () => (await import('./commands/gate.ts')).registerGate,
  },
  {
    name: 'counts',
    summary: 'count the live connections by one of their fields',
    load: async () => (await import('./commands/counts.ts')).registerCounts,
  },
  {
    name: 'history',
    summary: 'list who was connected, and why each one left',
    load: async () => (await import('./commands/history.ts')).registerHistory,
  },
  {
    name: 'events',
    summary: 'list or follow what happens to the edge, including mass disconnects and their cause',
    load: async () => (await import('./commands/events.ts')).registerEvents,
  },
  {
    name: 'workers',
    summary: 'list the processes that hold the connections',
    load: async () => (await import('./commands/status.ts')).registerWorkers,
  },
  {
    name: 'even',
    summary: 'spread the connections evenly over the workers, without closing any',
    load: async () => (await import('./commands/even.ts')).registerEven,
  },
  {
    name: 'upgrade',
    summary: 'replace the running edge with the code on disk, without closing connections',
    load: async () => (await import('./commands/upgrade.ts')).registerUpgrade,
  },
  {
    name: 'kick',
    summary: 'close connections with a code and a reason',
    load: async () => (await import('./commands/kick.ts')).registerKick,
  },
  {
    name: 'send',
    summary: 'send a message into connections',
    load: async () => (await import('./commands/send.ts')).registerSend,
  },
  {
    name: 'origins',
    summary: 'list the origins seen so far, ready to paste into the spec',
    load: async () => (await import('./commands/origins.ts')).registerOrigins,
  },
  {
    name: 'service',
    summary: 'write the files that run the edge under systemd',
    load: async () => (await import('./commands/service.ts')).registerService,
  },
  {
    name: 'reload',
    summary: 'make a running edge read its spec again',
    load: async () => (await import('./commands/reload.ts')).registerReload,
  },
];
