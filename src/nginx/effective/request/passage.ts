/** Follows one request through a configuration, as nginx's phases do: server, rewrite, location, access, content. */

import { locate, namedLocation } from '../locate.ts';
import type { Effective, Location } from '../model.ts';
import { valueIn } from '../values.ts';
import { proxied } from './backend.ts';
import type { ClientRequest, Outcome, Passage } from './model.ts';
import { rewritten } from './rewriting.ts';
import { serverFor } from './server.ts';
import { capture, known, matchAndCapture, type State } from './state.ts';

export function passageOf(model: Effective, request: ClientRequest): Passage {
  const chosen = serverFor(model, request);
  if (chosen === null)
    return {
      request,
      server: null,
      location: null,
      steps: [],
      outcome: { kind: 'lost', because: 'there is no server' },
    };
  const { server } = chosen;
  const state: State = {
    model,
    request,
    server,
    block: null,
    path: decoded(request.path),
    query: request.query,
    isUnchanged: true,
    replacesLocation: true,
    captures: [],
    named: new Map(),
    variables: new Map(),
    steps: [{ text: `${server.label}: ${chosen.because}`, statement: server.statement, certain: chosen.certain }],
  };
  if (chosen.groups !== null) capture(state, chosen.groups);
  const first = rewritten(state, server.statement?.children ?? [], []);
  const outcome = first !== null && first !== 'last' ? first : search(state, 0);
  return { request, server, location: state.block, steps: state.steps, outcome };
}

/** nginx gives up after as many internal redirects (NGX_HTTP_MAX_URI_CHANGES). */
const redirectsMax = 10;

function search(state: State, redirects: number): Outcome {
  if (redirects > redirectsMax)
    return { kind: 'lost', because: 'the request is handed round in a circle (nginx answers 500)' };
  const found = locate(state.server, state.path);
  if (!found.certain)
    state.steps.push({
      text: 'a pattern could not be tried, so another location may take it',
      statement: null,
      certain: false,
    });
  if (found.redirectTo !== null) {
    const slashed = state.server.locations.find(({ pattern }) => pattern === found.redirectTo);
    return { kind: 'answered', status: 301, text: known(found.redirectTo), statement: slashed?.statement ?? null };
  }
  if (found.location === null)
    return {
      kind: 'elsewhere',
      what: 'no location takes it, and the server has files only',
      statement: state.server.statement,
    };
  const internal = found.location.own.get('internal')?.[0];
  // Who was sent there by a rewrite, an error page or try_files is let in.
  if (internal !== undefined && redirects === 0 && state.isUnchanged) {
    state.block = found.location;
    state.steps.push({ text: `${found.location.label} is internal`, statement: internal, certain: true });
    return orErrorPage(state, { kind: 'answered', status: 404, text: known(''), statement: internal }, redirects);
  }
  return enter(state, found.location, redirects);
}

function enter(state: State, location: Location, redirects: number): Outcome {
  state.block = location;
  const { modifier, pattern, statement } = location;
  if (modifier === '~' || modifier === '~*')
    matchAndCapture(state, pattern, state.path, { ignoreCase: modifier === '~*' });
  state.steps.push({ text: `${location.label}: ${whyOf(location)}`, statement, certain: true });
  const blocks = location.locations.filter(({ kind }) => kind === 'if');
  const first = rewritten(state, statement?.children ?? [], blocks);
  if (first === 'last') return search(state, redirects + 1);
  if (first !== null) return first.kind === 'answered' ? orErrorPage(state, first, redirects) : first;
  access(state, state.block ?? location);
  return content(state, state.block ?? location, redirects);
}

function whyOf({ modifier, pattern }: Location): string {
  if (modifier === '=') return 'the path is exactly this';
  if (modifier === '@') return 'it is named there';
  if (modifier.startsWith('~')) return 'the first pattern that fits';
  return pattern === '/' ? 'nothing fits better' : 'the longest prefix that fits';
}

/** What stands between the client and the backend, and is decided while nginx runs. */
function access(state: State, block: Location): void {
  const tell = (name: string, text: (value: string) => string) => {
    const value = valueIn(state.model, block, name);
    const statement = value.statements.at(-1);
    if (statement !== undefined && value.text !== 'off')
      state.steps.push({ text: text(value.text ?? ''), statement, certain: false });
  };
  tell('deny', (value) => `deny ${value} may refuse it`);
  tell('auth_basic', () => 'auth_basic asks for a password');
  tell('auth_request', (value) => `${value} is asked for leave first`);
  tell('limit_conn', (value) => `limit_conn ${value} may refuse it`);
  tell('limit_req', (value) => `limit_req ${value} may refuse it`);
}

function content(state: State, block: Location, redirects: number): Outcome {
  const files = block.own.get('try_files')?.at(-1);
  if (files !== undefined) {
    const to = files.directive.args.at(-1) ?? '';
    state.steps.push({ text: `unless one of the files exists, it goes to ${to}`, statement: files, certain: false });
    if (to.startsWith('=')) return { kind: 'answered', status: Number(to.slice(1)), text: known(''), statement: files };
    return jump(state, to, redirects);
  }
  const { handler } = block;
  if (handler.kind === 'proxy') return proxied(state, block as Location & { handler: { kind: 'proxy' } });
  const what = handler.kind === 'static' ? 'nginx looks for a file' : `it goes to ${handler.kind}`;
  return { kind: 'elsewhere', what, statement: handler.kind === 'static' ? block.statement : handler.statement };
}

function jump(state: State, to: string, redirects: number): Outcome {
  if (!to.startsWith('@')) {
    const [path = '', query] = to.split('?');
    if (path.includes('$')) return { kind: 'lost', because: `where ${to} leads depends on the request` };
    state.path = path;
    if (query !== undefined) state.query = query;
    state.isUnchanged = false;
    return search(state, redirects + 1);
  }
  const named = namedLocation(state.server, to);
  return named === null ? { kind: 'lost', because: `there is no location ${to}` } : enter(state, named, redirects + 1);
}

/** error_page 418 = @websocket sends what was answered with that status on. */
function orErrorPage(state: State, answer: Outcome & { kind: 'answered' }, redirects: number): Outcome {
  const scope = state.block ?? state.server;
  for (const { directive } of valueIn(state.model, scope, 'error_page').statements) {
    const to = directive.args.at(-1) ?? '';
    if (!directive.args.slice(0, -1).includes(String(answer.status)) || !/^[@/]/.test(to)) continue;
    const statement = valueIn(state.model, scope, 'error_page').statements.find(
      (each) => each.directive === directive,
    )!;
    state.steps.push({ text: `${answer.status} hands it on to ${to}`, statement, certain: true });
    return jump(state, to, redirects);
  }
  return answer;
}

/** nginx compares locations with the path decoded, and takes one of several slashes (merge_slashes). */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path).replace(/\/{2,}/g, '/');
  } catch {
    // Bytes that are no UTF-8 stay as they came.
    return path.replace(/\/{2,}/g, '/');
  }
}
