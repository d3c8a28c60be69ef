import type { Command } from 'commander';
import { type Code, catalogue } from '../../base/catalogue/catalogue.ts';
import { HoldlineError } from '../../base/error.ts';
import type { Cli } from '../command.ts';

/** A control API somewhere, as the commands that steer an edge see it. */
export interface ControlClient {
  /** The parsed answer. Throws what the API says is wrong, or `control-unreachable`. */
  call<Answer>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer>;
  /** What `/healthz` or `/readyz` says, good or bad. Throws `control-unreachable` when nobody says anything. */
  check(path: '/healthz' | '/readyz'): Promise<HealthAnswer>;
  /** Server-sent events, from after the event with this id; for as long as the edge and `signal` let it. */
  stream(path: string, lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

export interface HealthAnswer {
  readonly ok: boolean;
  readonly problem: string | null;
}

export interface ControlOptions {
  readonly control?: string;
  readonly token?: string;
}

const controlDefault = '127.0.0.1:4653';
/** Where the control API is when no option says so; servers that Holdline starts have it in their environment. */
const controlVariable = 'HOLDLINE_CONTROL';
/** More than the API itself waits for its workers. */
const answerTimeoutMs = 15_000;

/** What looks at an edge’s health every few seconds waits no longer. */
const healthTimeoutMs = 3000;

/** Adds --control and --token to a command. */
export function addControlOptions(command: Command): Command {
  return command
    .option(
      '--control <address>',
      `where the control API of the edge listens: an address, or unix:PATH (default: ${controlVariable}, or ${controlDefault})`,
    )
    .option('--token <token>', 'its token; better in HOLDLINE_TOKEN, where ps does not show it');
}

export function controlClient(options: ControlOptions, cli: Cli): ControlClient {
  const { base, socketPath, shown } = placeOf(options.control ?? cli.env[controlVariable] ?? controlDefault);
  const ask = asker(shown, socketPath);
  const token = options.token ?? cli.env.HOLDLINE_TOKEN;
  return {
    async call(method, path, body) {
      const response = await ask(`${base}${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      const answer: unknown = await response.json().catch(() => null);
      if (!response.ok) throw failure(answer, `${shown} answered ${response.status}`);
      return answer as never;
    },
    async check(path) {
      const response = await ask(`${base}${path}`, { headers: {}, signal: AbortSignal.timeout(healthTimeoutMs) });
      const answer: unknown = await response.json().catch(() => null);
      if (typeof answer === 'object' && answer !== null && 'ok' in answer) return answer as HealthAnswer;
      throw failure(answer, `${shown} answered ${response.status}`);
    },
    async stream(path, lastEventId, signal) {
      const response = await ask(`${base}${path}`, {
        headers: {
          accept: 'text/event-stream',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
        },
        signal,
      });
      if (response.ok && response.body !== null) return response.body;
      throw failure(await response.json().catch(() => null), `${shown} answered ${response.status}`);
    },
  };
}

interface Place {
  readonly base: string;
  readonly socketPath: string | null;
  /** As people read it. */
  readonly shown: string;
}

/** `4653`, `127.0.0.1:4653`, a URL, `unix:edge.sock`, or a path. */
function placeOf(control: string): Place {
  const path =
    /^(?:http:\/\/)?unix:(?:\/\/(?=\/))?(.+)$/.exec(control)?.[1] ??
    (/^[./]|^[^:/]+\.sock$/.test(control) ? control : null);
  if (path !== null) return { base: 'http://localhost', socketPath: path, shown: `unix:${path}` };
  const written = /^\d+$/.test(control) ? `127.0.0.1:${control}` : control;
  const base = /^https?:\/\//.test(written) ? written.replace(/\/+$/, '') : `http://${written}`;
  if (!URL.canParse(base))
    throw new HoldlineError('control-unreachable', `"${control}" is not where a control API could be`, {
      help: 'write --control 4653, --control 127.0.0.1:4653 or --control unix:/run/holdline.sock',
    });
  return { base, socketPath: null, shown: base };
}

/** What both ways of asking take; Node's fetch knows no Unix sockets. */
type Ask = (
  url: string,
  init: { method?: string; headers: Record<string, string>; body?: string; signal: AbortSignal },
) => Promise<Pick<Response, 'ok' | 'status' | 'json'> & { readonly body: ReadableStream<Uint8Array> | null }>;

function asker(shown: string, socketPath: string | null): Ask {
  return async (url, init) => {
    try {
      return socketPath === null ? await fetch(url, init) : await fetchOverSocket(socketPath, url, init);
    } catch (error) {
      const cause = (error as Error).cause;
      const reason = cause instanceof Error ? ('code' in cause ? cause.code : cause.message) : (error as Error).message;
      const host = socketPath === null ? new URL(shown).host : shown;
      throw new HoldlineError('control-unreachable', `no edge answers on ${host} (${reason})`, { cause: error });
    }
  };
}

async function fetchOverSocket(socketPath: string, ...[url, init]: Parameters<Ask>): ReturnType<Ask> {
  // Loaded only here: most edges listen on a port.
  const { Agent, fetch: fetchBy } = await import('undici');
  // No stream of events may be cut for its silence: a dead peer of the same machine is noticed at once.
  const dispatcher = new Agent({ connect: { socketPath }, bodyTimeout: 0, pipelining: 0 });
  return (await fetchBy(url, { ...init, dispatcher })) as unknown as Awaited<ReturnType<Ask>>;
}

function failure(answer: unknown, otherwise: string): HoldlineError {
  if (typeof answer !== 'object' || answer === null || !('code' in answer) || !('message' in answer)) {
    return new HoldlineError('control-failed', `${otherwise}, which is not the answer of a control API`);
  }
  const code =
    typeof answer.code === 'string' && Object.hasOwn(catalogue, answer.code) ? (answer.code as Code) : 'control-failed';
  const help = 'help' in answer && typeof answer.help === 'string' ? { help: answer.help } : {};
  return new HoldlineError(code, String(answer.message), help);
}
