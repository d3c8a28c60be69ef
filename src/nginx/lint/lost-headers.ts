/** Lines of proxy_set_header that an inner block's own lines displaced. */

import type { EffectiveValue, LostLine } from '../effective/model.ts';

/** The lines that set one of these headers (lower case) to something and do not apply any more. */
export function lostHeaders(value: EffectiveValue, names: readonly string[]): readonly LostLine[] {
  return value.lost.filter(({ statement }) => {
    const [name = '', text = ''] = statement.directive.args;
    return names.includes(name.toLowerCase()) && text !== '';
  });
}

/** True when a block around this one passes the upgrade on and this one does not, because it has lines of its own. */
export function losesHandshake(value: EffectiveValue): boolean {
  const kept = new Set(value.rows.map(([name = '']) => name.toLowerCase()));
  return lostHeaders(value, ['upgrade', 'connection']).some(
    ({ statement }) => !kept.has(statement.directive.args[0]!.toLowerCase()),
  );
}
