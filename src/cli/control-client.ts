import type { Command } from 'commander';
import { type Code, catalogue } from '../base/catalogue/catalogue.ts';
import { HoldlineError } from '../base/error.ts';
import type { Cli } from './command.ts';

/** A control API somewhere, as the commands that steer an edge see it. */
export interface ControlClient {
  /** The parsed answer. Throws what the API says is wrong, or `control-unreachable`. */
  call<Answer>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer>;
  /** Server-sent events, from after the event with this id; for as long as the edge and `signal` let it. */
  stream(path: string, lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

export interface ControlOptions {
  readonly control: string;
  readonly token?: string;
}

const controlDefault = '127.0.0.1:4653';
/** More than the API itself waits for its workers. */
const answerTimeoutMs = 15_000;

/** Adds --control and --token to a command. */
export function addControlOptions(command: Command): Command {
  return command
    .option('--control <address>', 'where the control API of the edge listens', controlDefault)
    .option('--token <token>', 'its token; better in HOLDLINE_TOKEN, where ps does not show it');
}

export function controlClient(options: ControlOptions, cli: Cli): ControlClient {
  const base = baseUrl(options.control);
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
      if (!response.ok) throw failure(answer, `${base} answered ${response.status}`);
      return answer as never;
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
      throw failure(await response.json().catch(() => null), `${base} answered ${response.status}`);
    },
  };
}

/** `4653`, `127.0.0.1:4653` or a URL. */
function baseUrl(control: string): string {
  if (/^https?:\/\//.test(control)) return control.replace(/\/+$/, '');
  return `http://${/^\d+$/.test(control) ? `127.0.0.1:${control}` : control}`;
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = (error as Error).cause;
    const reason = cause instanceof Error ? ('code' in cause ? cause.code : cause.message) : (error as Error).message;
    throw new HoldlineError('control-unreachable', `no edge answers on ${new URL(url).host} (${reason})`, {
      cause: error,
    });
  }
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
