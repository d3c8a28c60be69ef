/**
 * Which pages may connect: found by asking the model for one origin after another, whatever maps and conditions decide
 * it.
 */
import { strangerLetIn } from '../lint/origin-pattern.ts';
import { type ChecksOfOrigin, candidateOrigins, checksOfOrigin } from './origin-candidates.ts';
import { samplesUnder } from './request-paths.ts';
import { ask, hostOf, type RouteTask, reaches } from './task.ts';

/** Nobody has a page there (RFC 2606). */
export const strangeOrigin = 'https://holdline.invalid';

/** Sets the route's origins, and says what became of the lines that decide about them. */
export function originsTo(task: RouteTask, path: string): void {
  const { route, model, server, entry } = task;
  const checks =
    checksOfOrigin(model, task.final).conditions.length > 0
      ? checksOfOrigin(model, task.final)
      : checksOfOrigin(model, entry);
  if (checks.conditions.length === 0) return;
  const [target = path] = samplesUnder(task, path);
  const gets = (origin: string | null, kind: 'websocket' | 'plain' = 'websocket', method = 'GET') =>
    reaches(model, server, { kind, path: target.split('?')[0]!, origin, method });
  if (gets(strangeOrigin)) {
    const { steps } = ask(model, server, { kind: 'websocket', path: target.split('?')[0]!, origin: strangeOrigin });
    const isUnsure = steps.some(
      ({ statement, certain }) => !certain && checks.conditions.some((each) => each === statement),
    );
    if (!isUnsure && !gets(null)) {
      route.origins = { allow: 'any', missing: 'deny' };
      for (const statement of checks.conditions) task.ledger.kept(statement, 'origins: { allow: any, missing: deny }');
      return;
    }
    // What could not be tried must not come out as a door that is open.
    if (isUnsure) route.origins = [`https://${hostOf(server)}`];
    const why = isUnsure
      ? 'its pattern could not be tried, so that the list has the server’s own name'
      : 'a page from anywhere gets through it, so that no list came out of it';
    for (const statement of checks.conditions) task.ledger.lost(statement, `${why}; write the route’s origins`);
    return;
  }
  const allow = [...new Set(candidateOrigins(model, entry).flatMap((origin) => entriesFor(origin, gets)))].toSorted();
  const list = allow.length === 0 ? [`https://${hostOf(server)}`] : allow;
  route.origins = gets(null) ? list : { allow: list, missing: 'deny' };
  let plain = '';
  if (route.http !== 'off') {
    if (!gets(strangeOrigin, 'plain')) route.http = { ...route.http, origins: 'all' };
    else if (gets(strangeOrigin, 'plain', 'POST')) route.http = { ...route.http, origins: 'off' };
    if (!gets(null, 'plain')) plain = '; ordinary requests without an Origin are let in';
  }
  sayOrigins(task, checks, { allow, plain });
}

function sayOrigins(
  { ledger }: RouteTask,
  { conditions, maps, patterns }: ChecksOfOrigin,
  { allow, plain }: { readonly allow: readonly string[]; readonly plain: string },
): void {
  const loose = patterns.flatMap((pattern) => strangerLetIn(pattern) ?? [])[0];
  const remark = loose === undefined ? '' : `; the pattern would let ${loose} in as well, the list does not`;
  for (const statement of conditions)
    if (allow.length === 0)
      ledger.lost(
        statement,
        'no origin that it lets in could be made out, so that the list has the server’s own name; write the route’s origins',
      );
    else ledger.kept(statement, `origins: ${allow.join(', ')}${remark}${plain}`);
  for (const { statement } of maps) ledger.kept(statement, `origins of the route${remark}`);
}

/**
 * The entries of the list for one origin that may be meant: itself, or every subdomain where any label passes in its
 * place.
 */
function entriesFor(origin: string, gets: (origin: string) => boolean): string[] {
  if (!gets(origin)) return [];
  const [, scheme = '', host = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/.exec(origin) ?? [];
  const labels = host.split('.');
  const rest = labels.slice(1).join('.');
  const isWild = labels.length > 2 && !/^[\d.:]+$/.test(host) && gets(`${scheme}zq7.${rest}`);
  if (!isWild) return [origin];
  return gets(`${scheme}${rest}`) ? [`${scheme}*.${rest}`, `${scheme}${rest}`] : [`${scheme}*.${rest}`];
}
