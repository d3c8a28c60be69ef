import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { ServerRow } from './entry.ts';

/**
 * What a new plan means for that which was done to servers by command: it stays, or goes with its upstream, and either
 * is said.
 */
export function overlayFindings(rows: readonly ServerRow[], next: EdgePlan): Diagnostic<Code>[] {
  return rows.flatMap((row) => {
    const upstream = next.upstreams.find(({ name }) => name === row.upstream);
    if (row.unsaved === 'removed' && upstream?.servers.some(({ url }) => url === row.url) === true)
      return [
        finding('reload-keeps-removal', `${row.url} of ${row.upstream} was removed by command, and stays removed`),
      ];
    if (row.unsaved === 'added' && upstream === undefined)
      return [
        finding('reload-undoes-addition', `${row.url} was added to ${row.upstream}, which is gone, and leaves with it`),
      ];
    return [];
  });
}

function finding(code: Code, message: string): Diagnostic<Code> {
  return { code, severity: 'warning', message };
}
