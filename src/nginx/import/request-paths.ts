/** What the server is asked for, found by trying: the rule whose answers are nginx's own, for paths of every shape. */
import { compilePath } from '../../policy/rewriting/path.ts';
import type { PathSpec } from '../../spec/model.ts';
import { locate } from '../effective/locate.ts';
import { ask, type RouteTask } from './task.ts';

/** `undefined`: no rule says it. `null`: the path goes on as it came. */
export function pathRule(task: RouteTask, path: string): PathSpec | null | undefined {
  const asked = samplesUnder(task, path).map((target) => ({ target, uri: uriOf(task, target) }));
  const known = asked.filter((each): each is { target: string; uri: string } => each.uri !== null);
  if (known.length === 0) return undefined;
  return candidates(path, known.at(-1)!).find((rule) =>
    known.every(({ target, uri }) => (rule === null ? target : compilePath(rule, path)!.toServer(target)) === uri),
  );
}

/** Targets under a path that this very location takes; the last one is the longest. */
export function samplesUnder({ server, entry }: Pick<RouteTask, 'server' | 'entry'>, path: string): readonly string[] {
  const base = path === '/' ? '' : path;
  return [path, `${base}/`, `${base}/room`, `${base}/room/7?token=a%20b&n=1`].filter((target) => {
    const found = locate(server, target.split('?')[0]!);
    return found.redirectTo === null && found.location === entry;
  });
}

function uriOf(task: RouteTask, target: string): string | null {
  const { model, server, origin } = task;
  const [path = '', query = ''] = target.split('?');
  for (const kind of ['plain', 'websocket'] as const) {
    const { outcome } = ask(model, server, { kind, path, query, origin });
    if (outcome.kind === 'proxied') return outcome.uri.known ? outcome.uri.text : null;
  }
  return unasked(task, target);
}

/** Where a condition that nobody can meet turns every request away: what proxy_pass alone makes of the path. */
function unasked({ entry, final, server }: RouteTask, target: string): string | null {
  const { uri, hasVariables } = final.handler.target;
  const changes = [entry, final, server].some(({ own }) => own.has('rewrite'));
  if (changes || hasVariables || entry !== final) return null;
  if (uri === null) return target;
  return entry.modifier.startsWith('~') ? null : uri + target.slice(entry.pattern.length);
}

function candidates(path: string, { target, uri }: { target: string; uri: string }): (PathSpec | null)[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  const strips = segments.map((_, index) => `/${segments.slice(0, index + 1).join('/')}`);
  const [bare = ''] = target.split('?');
  const [asked = ''] = uri.split('?');
  const rules: (PathSpec | null)[] = [null];
  for (const strip of [null, ...strips]) {
    const rest = bare.slice(strip?.length ?? 0);
    if (!asked.endsWith(rest)) continue;
    const prefix = asked.slice(0, asked.length - rest.length);
    if (strip === null && prefix === '') continue;
    rules.push({ strip, prefix: prefix === '' ? null : prefix, replace: null });
    // A bare prefix is asked for with its slash where nginx asks so.
    if (prefix !== '') rules.push({ strip, prefix: `${prefix}/`, replace: null });
  }
  rules.push({ strip: null, prefix: null, replace: asked });
  return rules;
}
