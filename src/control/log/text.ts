import { firstLineOf, printable } from '../../base/printable.ts';
import type { EdgeEvent } from './notices.ts';

/** An event as people read it: what it is about, in a word, and what happened. */
export interface EventText {
  readonly label: string;
  readonly sentence: string;
}

/** null for connections that open, close and move, which are no events but what an edge does. */
export function eventText(event: EdgeEvent): EventText | null {
  switch (event.kind) {
    case 'refused': {
      const status = event.status === null ? '' : ` (${event.status})`;
      const whither = `${event.clientAddress} ${event.host}${event.path}`;
      return text('refused', `${whither}: ${event.outcome}${status}, ${event.detail}`);
    }
    case 'server-unreachable':
      return text('server', `${event.server} cannot be reached: ${event.detail}`);
    case 'suppressed':
      return text('', `and ${event.count} more refusals`);
    case 'hook-failed': {
      const where = event.route === null ? '' : ` on ${event.route}`;
      const more = event.suppressed === 0 ? '' : ` (and ${event.suppressed} times since the last line)`;
      return text('hook', `${event.hook} failed${where}: ${firstLineOf(event.message)}${more}`);
    }
    case 'hooks-loaded':
      return text('hooks', `${event.file} was loaded anew`);
    case 'hooks-kept':
      return text('hooks', `those from before go on: ${firstLineOf(event.message)}`);
    case 'sockets-public': {
      const why = `Node ${event.node} cannot be used directly${event.of === 'tls' ? ' for TLS' : ''} (${event.problem})`;
      return text('sockets', `${why}; its streams are used, which carry fewer messages`);
    }
    case 'fault': {
      const what = event.ends === 'socket' ? 'one connection was cut' : 'its worker shuts down and is replaced';
      return text('fault', `a fault of Holdline's own; ${what}. Please report it: ${event.stack ?? event.message}`);
    }
    case 'worker-silent': {
      const { worker, silentMs, endsInMs } = event;
      const end = `it is ended in ${endsInMs / 1000} s unless it does`;
      return text('worker', `${worker} has not reported for ${silentMs / 1000} s; ${end}`);
    }
    case 'addresses-changed': {
      const joined = event.joined.map((url) => `${url} joined`);
      const left = event.left.map((url) => `${url} left`);
      return text('names', `${event.upstream}: ${[...joined, ...left].join(', ')}`);
    }
    case 'name-unresolved':
      return text('names', `${event.upstream}: ${event.message}; the addresses from before go on`);
    case 'log-reopened':
      return text('log', `${event.file} was opened anew`);
    case 'log-kept':
      return text('log', `${event.file} cannot be opened anew (${event.message}); the file from before goes on`);
    case 'signal-ignored':
      return text('signal', `${event.signal} does nothing: ${event.why}`);
    case 'socket-unused':
      return text('service', `the socket ${event.socket} that was passed is not used: ${event.why}`);
    case 'service-untold':
      return text('service', `the service manager cannot be told that the edge is ready: ${event.message}`);
    case 'nginx-up': {
      const { version, pid, found } = event;
      const how =
        found === null
          ? `was started as process ${pid}`
          : `was found running as process ${pid}, with ${found} ${found === 1 ? 'connection' : 'connections'}`;
      return text('nginx', `${version} ${how}; modules: ${event.modules || 'none'}`);
    }
    case 'nginx-ended': {
      const orphans = event.orphans === 0 ? '' : `; ${event.orphans} workers go on without it and are told to leave`;
      return text('nginx', `the master ${event.pid} ended${orphans}; it starts again ${when(event.restartInMs)}`);
    }
    case 'nginx-said':
      return text('nginx', event.line);
    case 'nginx-reloaded':
      return text('nginx', `nginx was reloaded; ${event.stay}`);
    case 'watchdog-short':
      return text(
        'service',
        `WATCHDOG_USEC=${event.askedMs * 1000} asks for more signs of life than the edge gives, one every ${event.everyMs} ms: it will be ended; set WatchdogSec= to 30 or more`,
      );
    case 'nginx-reload-waits': {
      const at = new Date(event.dueAtMs).toTimeString().slice(0, 8);
      return text(
        'nginx',
        `nginx is reloaded at ${at}, since it was reloaded often; until then this waits: ${event.changed.join('; ')}`,
      );
    }
    case 'worker-ready':
      return text('worker', `${event.worker} is ready`);
    case 'worker-crashed': {
      const next = `a new one starts ${when(event.restartInMs)}`;
      return text('worker', `${event.worker} died (${event.how}); ${event.lost} connections were lost; ${next}`);
    }
    case 'worker-left': {
      const { worker, how, lost } = event;
      return text(
        'worker',
        how === null ? `${worker} has left` : `${worker} died (${how}); ${lost} connections were lost`,
      );
    }
    case 'handed-over': {
      const stayed = Object.entries(event.stayed).map(([cause, count]) => `${count} ${cause}`);
      const stay = stayed.length === 0 ? '' : `; they stay: ${stayed.join(', ')}`;
      return text(
        'moved',
        `${event.moved} connections, ${event.why}, in ${(event.elapsedMs / 1000).toFixed(1)} s${stay}`,
      );
    }
    case 'upgrade':
      return text('upgrade', upgradeSentence(event));
    case 'supervisor-restarted':
      return text('supervisor', `died (${event.why}); another one goes on with ${event.workers} workers`);
    case 'worker-not-started':
      return text('worker', `did not start (${firstLineOf(event.message)}); again ${when(event.restartInMs)}`);
    case 'instance-ready':
      return text('started', `${name(event)} on ${event.url}`);
    case 'instance-ended':
      return text('ended', `${name(event)} (${event.how}); it starts again ${when(event.restartInMs)}`);
    case 'instance-output':
      return text(name(event), event.line);
    case 'restart-started': {
      const what = `${event.upstream}, ${event.instances} new first, as generation ${event.generation}`;
      return text('restart', `${what}: ${event.why}`);
    }
    case 'restart-ended':
      return text(
        'restart',
        event.problem === null
          ? `${event.upstream} is done: generation ${event.generation} serves alone`
          : `${event.upstream} stopped after ${event.exchanged} old ones had ended; the others go on: ${event.problem}`,
      );
    case 'scaled':
      return text('scaled', `${event.upstream} from ${event.from} to ${event.to} instances: ${event.reason}`);
    case 'load-unknown':
      return text('load', `of ${event.upstream} is not known: ${event.message}`);
    case 'watched-file-missing':
      return text('restart', `${event.file} is not there; ${event.upstream} restarts when it comes`);
    case 'events-dropped':
      return text('log', `${event.count} lines were lost: the log was too slow`);
    case 'server-state': {
      const why = event.reason === '' ? '' : `: ${event.reason}`;
      return text('server', `${event.server} of ${event.upstream} is ${event.state}${why}`);
    }
    case 'server-added':
      return text('server', `${event.server} joins ${event.upstream}`);
    case 'server-removed':
      return text('server', `${event.server} has left ${event.upstream}`);
    case 'drain-started': {
      if (event.total === 0) return null;
      return text('drain', `${event.drain} of ${event.what}: ${event.total} connections at ${event.ratePerSecond}/s`);
    }
    case 'drain-ended': {
      if (event.total === 0) return null;
      const counts = `${event.closed} closed, ${event.gone} had left, in ${(event.elapsedMs / 1000).toFixed(1)} s`;
      return text('drain', `${event.drain} ${event.state}: ${counts}`);
    }
    case 'gate':
      return text('gate', `${event.closed ? 'closed' : 'open'}${event.route === null ? '' : ` for ${event.route}`}`);
    case 'reloaded':
      return text('reloaded', event.changed.join('; '));
    case 'incident':
      return text('many', event.incident.sentence);
    case 'steered':
      return text('by hand', `${event.who}: ${event.act}`);
    case 'open':
    case 'close':
    case 'moved':
    case 'move-failed':
      return null;
  }
}

function upgradeSentence({ phase, from, to, problem, exchanged }: Extract<EdgeEvent, { kind: 'upgrade' }>): string {
  const version = to === null ? 'the code on disk' : `version ${to}`;
  switch (phase) {
    case 'probation':
      return `the code on disk is being tried with test clients;  ${from ?? 'the version before'} goes on`;
    case 'supervisor':
      return `${version} has passed; its supervisor takes over from ${from ?? 'the one before'}`;
    case 'exchange':
      return `${version}: the workers are exchanged one after the other`;
    case 'done':
      return `${exchanged} workers of ${version} have taken over from ${from ?? 'those before'}`;
    case 'would':
      return `${version} has passed; nothing was exchanged`;
    case 'cancelled':
      return problem === null
        ? `cancelled after ${exchanged} workers`
        : `called off after ${exchanged} workers: ${problem}`;
    case 'kept':
      return `${from ?? 'the version before'} goes on: ${version}: ${problem ?? 'it was not said why'}`;
  }
}

function text(label: string, sentence: string): EventText {
  return { label: printable(label), sentence: printable(sentence) };
}

function name(event: { readonly upstream: string; readonly instance: number }): string {
  return `${event.upstream}/${event.instance}`;
}

function when(ms: number): string {
  return ms === 0 ? 'at once' : `in ${ms / 1000} s`;
}
