/** What becomes of one address: who takes it and why, what the backend gets, and what comes back. */

import { formatVersion } from '../../base/nginx-version.ts';
import { printable } from '../../base/printable.ts';
import type { Effective } from '../../nginx/effective/model.ts';
import { headersOf101 } from '../../nginx/effective/request/answer.ts';
import type { Passage, Proxied, SentHeader } from '../../nginx/effective/request/model.ts';
import { valueIn } from '../../nginx/effective/values.ts';
import { decoded } from '../../nginx/lint/letters.ts';
import { wrap } from '../wrap.ts';
import { placeOf } from './effective.ts';
import { columns, type Row } from './effective-table.ts';

export interface PassageOptions {
  readonly colour: boolean;
  readonly width: number;
}

export function passageText(url: string, passage: Passage, model: Effective, options: PassageOptions): string {
  const { colour, width } = options;
  const paint = (codes: string, text: string) => (colour ? `\u001b[${codes}m${text}\u001b[0m` : text);
  const lines = [paint('1', printable(url)), ''];
  const section = (heading: string, body: readonly string[]) => {
    if (body.length > 0) lines.push(`  ${paint('1', heading)}`, ...body.map((line) => `    ${line}`), '');
  };
  const rows = (all: readonly Row[]) =>
    columns(all, width - 4).map(({ text, quiet }) => (quiet ? paint('2', text) : text));
  const { outcome } = passage;
  section('It is taken by', rows(stepRows(passage, model)));
  if (outcome.kind !== 'proxied') {
    section('So the client gets', wrap(endWords(passage, model), width - 4));
    return lines.join('\n');
  }
  section(
    `${visible(outcome.to.text)} gets`,
    rows([lineRow(outcome, model), ...outcome.headers.map((header) => headerRow(header, model))]),
  );
  const verdict = verdictOf(passage, outcome);
  if (verdict !== null)
    section(
      'So the handshake',
      wrap(verdict.text, width - 4).map((line) => paint(verdict.good ? '32' : '31', line)),
    );
  section('Lost on the way', rows(lostRows(outcome, model)));
  section('It may last', rows(lastingRows(outcome, model)));
  if (verdict?.good === true) section('Of the 101 the client gets', rows(answerRows(outcome, model)));
  return lines.join('\n');
}

function stepRows({ steps }: Passage, model: Effective): Row[] {
  return steps.map(({ text, statement, certain }) => ({
    name: placeOf(statement, model),
    value: visible(text) + (certain ? '' : ' (which the running nginx decides)'),
    from: '',
  }));
}

function lineRow({ method, uri, httpVersion, statement }: Proxied, model: Effective): Row {
  return {
    name: method,
    value: visible(`${uri.text} HTTP/${httpVersion}`),
    from: placeOf(statement, model),
  };
}

function headerRow({ name, value, from, statement }: SentHeader, model: Effective): Row {
  const written = statement?.directive.args[1] ?? '';
  const isMade = statement !== null && value.known && written !== value.text && written.includes('$');
  const through = isMade ? `  from ${written}` : '';
  const source = {
    line: placeOf(statement, model),
    default: `default of nginx ${formatVersion(model.target)}`,
    client: 'passed on',
  };
  return { name: visible(name), value: visible(value.text + through), from: source[from], quiet: from !== 'line' };
}

/** Lines of blocks around the location that do not count there. */
function lostRows({ location }: Proxied, model: Effective): Row[] {
  return valueIn(model, location, 'proxy_set_header').lost.map(({ statement, to }) => {
    const [name = '', value = ''] = statement.directive.args;
    return {
      name: visible(name),
      value: visible(value),
      from: `${placeOf(statement, model)}, to ${placeOf(to, model)}`,
    };
  });
}

interface Verdict {
  readonly good: boolean;
  readonly text: string;
}

/** Null for an ordinary request. */
function verdictOf({ request }: Passage, sent: Proxied): Verdict | null {
  if (!request.headers.some(([name]) => name === 'Upgrade')) return null;
  const value = (wanted: string) =>
    sent.headers
      .filter(({ name }) => name.toLowerCase() === wanted)
      .map((header) => header.value.text)
      .join(', ');
  const [upgrade, connection] = [value('upgrade'), value('connection')];
  const problems = [
    ...(upgrade === '' ? ['Upgrade is not sent'] : []),
    ...(upgrade !== '' && upgrade.toLowerCase() !== 'websocket' ? [`Upgrade says "${upgrade}"`] : []),
    ...(/\bupgrade\b/i.test(connection)
      ? []
      : [connection === '' ? 'Connection is not sent' : `Connection says "${connection}"`]),
    ...(value('sec-websocket-key') === '' ? ['Sec-WebSocket-Key is not sent'] : []),
    ...(sent.httpVersion === '2' ? ['HTTP/2 has no Upgrade'] : []),
  ];
  if (problems.length > 0)
    return {
      good: false,
      text: visible(`arrives as an ordinary request, not as a handshake: ${problems.join(', ')}.`),
    };
  return sent.httpVersion === '1.0'
    ? { good: false, text: 'reaches the backend in HTTP/1.0, which strict backends refuse.' }
    : { good: true, text: 'reaches the backend as one.' };
}

function lastingRows({ location }: Proxied, model: Effective): Row[] {
  return ['proxy_read_timeout', 'proxy_send_timeout', 'proxy_connect_timeout'].map((name) => {
    const { text, statements, origin } = valueIn(model, location, name);
    const statement = statements.at(-1) ?? null;
    const from = origin === 'default' ? `default of nginx ${formatVersion(model.target)}` : placeOf(statement, model);
    return { name, value: text ?? '', from, quiet: origin === 'default' };
  });
}

function answerRows({ location }: Proxied, model: Effective): Row[] {
  const words = { passed: 'as the backend sends it', own: 'nginx’s own', added: 'added', hidden: 'not sent' };
  return headersOf101(model, location).map(({ name, how, value, statement }) => ({
    name: visible(name),
    value: visible(how === 'added' || how === 'own' ? value : words[how]),
    from: statement === null ? (how === 'own' ? words.own : '') : placeOf(statement, model),
    quiet: how === 'passed',
  }));
}

function endWords({ outcome }: Pick<Passage, 'outcome'>, model: Effective): string {
  if (outcome.kind === 'answered') {
    const text = outcome.text.text === '' ? '' : ` (${outcome.text.text})`;
    const follows = outcome.status >= 300 && outcome.status < 400 ? '; WebSocket clients follow no redirect' : '';
    return visible(
      `status ${outcome.status}${text} from nginx itself, ${placeOf(outcome.statement, model)}${follows}.`,
    );
  }
  if (outcome.kind === 'elsewhere')
    return visible(`no WebSocket: ${outcome.what} (${placeOf(outcome.statement, model)}).`);
  return outcome.kind === 'lost' ? visible(`no WebSocket: ${outcome.because}.`) : '';
}

function visible(text: string): string {
  return printable(decoded(text));
}

/** The same for programs. */
export function passageJson(url: string, { server, steps, outcome }: Passage, model: Effective): string {
  const sent =
    outcome.kind === 'proxied'
      ? {
          kind: outcome.kind,
          to: visible(outcome.to.text),
          method: outcome.method,
          uri: visible(outcome.uri.text),
          httpVersion: outcome.httpVersion,
          headers: outcome.headers.map(({ name, value, from, statement }) => ({
            name: visible(name),
            value: visible(value.text),
            known: value.known,
            from,
            where: placeOf(statement, model),
          })),
          answer: headersOf101(model, outcome.location).map(({ name, how, value, statement }) => ({
            name: visible(name),
            how,
            value: visible(value),
            where: placeOf(statement, model),
          })),
        }
      : { kind: outcome.kind, text: endWords({ outcome }, model) };
  const told = {
    url,
    server: server?.label ?? null,
    steps: steps.map(({ text, statement, certain }) => ({
      text: visible(text),
      where: placeOf(statement, model),
      certain,
    })),
    outcome: sent,
  };
  return `${JSON.stringify(told, null, 2)}\n`;
}
