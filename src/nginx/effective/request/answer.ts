/** What nginx makes of the backend's 101 on its way to the client. */

import type { Statement } from '../../syntax/tree.ts';
import type { Effective, Location } from '../model.ts';
import { valueIn } from '../values.ts';

export interface AnswerHeader {
  readonly name: string;
  /**
   * `passed`: as the backend sends it. `own`: nginx writes it. `added`: add_header … always. `hidden`: it does not
   * arrive.
   */
  readonly how: 'passed' | 'own' | 'added' | 'hidden';
  readonly value: string;
  readonly statement: Statement | null;
}

/** The headers of a 101 that matter to a client. */
const expected = [
  'Upgrade',
  'Sec-WebSocket-Accept',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'Set-Cookie',
];

export function headersOf101(model: Effective, location: Location): readonly AnswerHeader[] {
  const hidden = valueIn(model, location, 'proxy_hide_header').statements;
  const hiding = (name: string) =>
    hidden.find(({ directive }) => directive.args[0]?.toLowerCase() === name.toLowerCase()) ?? null;
  const passed = expected.map((name): AnswerHeader => {
    const statement = hiding(name);
    return { name, how: statement === null ? 'passed' : 'hidden', value: '', statement };
  });
  const added = valueIn(model, location, 'add_header').statements.map((statement): AnswerHeader => {
    const [name = '', value = '', always] = statement.directive.args;
    return { name, how: always === 'always' ? 'added' : 'hidden', value, statement };
  });
  return [{ name: 'Connection', how: 'own', value: 'upgrade', statement: null }, ...passed, ...added];
}
