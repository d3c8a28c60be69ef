import { closeSync, open, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { escapedJson } from '../../base/json-text.ts';
import { closeFields } from './close-fields.ts';
import type { LogEvent } from './events.ts';
import type { EdgeEvent, EdgeEventSink, Notice } from './notices.ts';

/** What waits in memory for a slow disk or a blocked terminal; beyond it lines are dropped rather than kept. */
const waitingBytesMax = 8 * 1024 * 1024;

/** JSON lines, one for each event, `time` in milliseconds since 1970. */
export interface EdgeLog {
  readonly write: EdgeEventSink;
  /**
   * Goes on in a file of the same name, opened anew: the one from before was renamed. Rejects, and goes on as before,
   * when it cannot be.
   */
  reopen(): Promise<void>;
  /** Writes out what waits. Idempotent. */
  close(): Promise<void>;
}

/** `destination`: a file, which is appended to, or a file descriptor. Rejects when the file cannot be opened. */
export async function openLog(options: { readonly destination: string | number }): Promise<EdgeLog> {
  const { destination } = options;
  let current = await openStream(destination);
  let closing: Promise<void> | null = null;
  return {
    write(event) {
      const { level, message, fields } = logLine(event, Date.now());
      current.logger[level](fields, message);
    },
    async reopen() {
      if (typeof destination === 'number' || closing !== null) return;
      const next = await openStream(destination);
      const before = current;
      current = next;
      await before.end();
    },
    close() {
      closing ??= current.end();
      return closing;
    },
  };
}

async function openStream(destination: string | number) {
  // Opened here rather than by pino, whose stream throws at the exit of a process in which it could not be opened.
  const dest = typeof destination === 'number' ? destination : await openForAppending(destination);
  const stream = pino.destination({ dest, sync: false, maxLength: waitingBytesMax });
  // A log that can no longer be written must not end the edge; pino keeps trying, within the bound above.
  let broken = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Its reader is gone: pino's stream does nothing from now on, and would never say that it has closed.
    if (error.code === 'EPIPE') broken = true;
  });
  return {
    // Lines end up on terminals, and clients name what stands in them.
    logger: pino({ base: null, timestamp: false }, { write: (line: string) => stream.write(escapedJson(line)) }),
    /** Writes out what waits; what nobody takes any more is lost. */
    end: () =>
      new Promise<void>((resolve) => {
        if (broken) return resolve();
        stream.once('close', resolve);
        stream.end();
      }),
  };
}

/** Writes a line at once. Throws where the file cannot be opened or takes no more. */
export function writeLine(file: string, event: EdgeEvent): void {
  let text = '';
  const { level, message, fields } = logLine(event, Date.now());
  pino({ base: null, timestamp: false }, { write: (line: string) => (text = escapedJson(line)) })[level](
    fields,
    message,
  );
  const descriptor = openSync(file, 'a');
  try {
    if (writeSync(descriptor, text) < Buffer.byteLength(text)) throw new Error('there is no room for a line');
  } finally {
    closeSync(descriptor);
  }
}

async function openForAppending(file: string): Promise<number> {
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  return promisify(open)(file, 'a');
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What one event looks like in the log. The fields are a promise to whoever reads the log by program. */
export function logLine(event: EdgeEvent, nowMs: number): LogLine {
  if (event.kind === 'close') {
    const fields = { time: event.atMs, event: 'close', ...closeFields(event) };
    return { level: levels.close, message: messages.close, fields };
  }
  const { kind, ...rest } = event;
  const level = levelOf(event);
  if ('atMs' in rest) {
    const { atMs, ...fields } = rest;
    return { level, message: messages[kind], fields: { time: atMs, event: kind, ...fields } };
  }
  return { level, message: messages[kind], fields: { time: nowMs, event: kind, ...rest } };
}

/**
 * Of its kind, but for what may have gone well: a server that is up again, or that leaves on purpose, and an upgrade
 * that was not refused.
 */
export function levelOf(event: EdgeEvent): LogLine['level'] {
  if (event.kind === 'server-state') return event.state === 'down' || event.state === 'suspect' ? 'warn' : 'info';
  if (event.kind === 'upgrade') return event.phase === 'kept' ? 'warn' : 'info';
  return levels[event.kind];
}

type Kind = LogEvent['kind'] | Notice['kind'];

const levels: Readonly<Record<Kind, LogLine['level']>> = {
  open: 'info',
  close: 'info',
  refused: 'warn',
  'server-unreachable': 'warn',
  fault: 'error',
  'hook-failed': 'error',
  moved: 'info',
  'move-failed': 'warn',
  'hooks-loaded': 'info',
  'hooks-kept': 'error',
  suppressed: 'warn',
  'sockets-public': 'warn',
  'nginx-up': 'info',
  'nginx-ended': 'error',
  'nginx-said': 'warn',
  'nginx-reloaded': 'info',
  'nginx-reload-waits': 'warn',
  'worker-ready': 'info',
  'worker-silent': 'error',
  'worker-crashed': 'error',
  'worker-left': 'info',
  'handed-over': 'info',
  upgrade: 'info',
  'supervisor-restarted': 'error',
  'worker-not-started': 'error',
  'events-dropped': 'warn',
  'instance-ready': 'info',
  'instance-ended': 'error',
  'instance-output': 'info',
  'restart-started': 'info',
  'restart-ended': 'info',
  scaled: 'info',
  'load-unknown': 'warn',
  'watched-file-missing': 'warn',
  'server-state': 'info',
  'server-added': 'info',
  'server-removed': 'info',
  'drain-started': 'info',
  'drain-ended': 'info',
  gate: 'warn',
  reloaded: 'info',
  'addresses-changed': 'info',
  'name-unresolved': 'warn',
  'log-reopened': 'info',
  'log-kept': 'error',
  'signal-ignored': 'warn',
  'socket-unused': 'warn',
  'service-untold': 'error',
  'watchdog-short': 'error',
  incident: 'warn',
  steered: 'info',
};

const messages: Readonly<Record<Kind, string>> = {
  open: 'connection opened',
  close: 'connection closed',
  refused: 'handshake refused',
  'server-unreachable': 'server unreachable',
  fault: 'a fault of Holdline’s own',
  'hook-failed': 'hook failed',
  moved: 'connection moved to another server',
  'move-failed': 'connection could not be moved',
  'hooks-loaded': 'hooks loaded anew',
  'hooks-kept': 'hooks cannot be loaded; those from before go on',
  suppressed: 'lines of refusals left out',
  'sockets-public': 'direct sockets do not work on this Node; streams are used',
  'nginx-up': 'nginx runs',
  'nginx-ended': 'nginx ended',
  'nginx-said': 'nginx wrote to its error log',
  'nginx-reloaded': 'nginx reloaded',
  'nginx-reload-waits': 'a reload of nginx waits',
  'worker-ready': 'worker ready',
  'worker-silent': 'worker does not report',
  'worker-crashed': 'worker crashed',
  'worker-left': 'worker left',
  'handed-over': 'connections handed to other workers',
  upgrade: 'edge exchanged for the code on disk',
  'supervisor-restarted': 'supervisor died and was replaced',
  'worker-not-started': 'worker did not start',
  'events-dropped': 'lines lost: the log was too slow',
  'instance-ready': 'server started',
  'instance-ended': 'server ended',
  'instance-output': 'output of a server',
  'restart-started': 'rolling restart started',
  'restart-ended': 'rolling restart ended',
  scaled: 'number of instances changed',
  'load-unknown': 'the load of a server is not known',
  'watched-file-missing': 'a file of restartOn is not there',
  'server-state': 'server changed its state',
  'server-added': 'server added',
  'server-removed': 'server removed',
  'drain-started': 'drain started',
  'drain-ended': 'drain ended',
  gate: 'gate moved',
  reloaded: 'configuration reloaded',
  'addresses-changed': 'addresses of a name changed',
  'name-unresolved': 'name cannot be looked up; the addresses from before go on',
  'log-reopened': 'log opened anew',
  'log-kept': 'log could not be opened anew; the file from before goes on',
  'signal-ignored': 'signal ignored',
  'socket-unused': 'a socket of the service manager is not used',
  'service-untold': 'the service manager cannot be told',
  'watchdog-short': 'the watchdog is too impatient',
  incident: 'many connections ended together',
  steered: 'steered by hand',
};
