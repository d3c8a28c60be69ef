import type { ConnectionRow } from '../../registry/row.ts';
import { ApiProblem, ask } from './api.ts';
import { tagsOf } from './columns.ts';
import { openDialog, problemText } from './dialog.ts';
import { element, setText } from './dom.ts';
import { bytes, count, duration, moment, rate } from './shown.ts';
import { kickOne, sendOne } from './steer.ts';
import { tapView } from './tap-view.ts';

const everyMs = 1000;

const facts: readonly (readonly [string, (row: ConnectionRow) => string])[] = [
  [
    'Client',
    (row) => `${row.clientAddress}${row.clientPort > 0 ? ` port ${row.clientPort}` : ''}${row.tls ? ', TLS' : ''}`,
  ],
  ['Through', (row) => (row.peerAddress === row.clientAddress ? 'no proxy' : row.peerAddress)],
  ['Route', (row) => `${row.route} to ${row.upstream}`],
  ['Server', (row) => row.server],
  ['Asked for', (row) => `${row.host}${row.path}`],
  ['Origin', (row) => row.origin ?? 'none'],
  ['User agent', (row) => row.userAgent ?? 'none'],
  ['Subprotocol', (row) => `${row.subprotocol ?? 'none'}${row.compressed ? ', compressed' : ''}`],
  ['Tags', (row) => tagsOf(row) || 'none'],
  ['Opened', (row) => `${moment(row.openedAtMs)}, ${duration(row.ageMs)} ago`],
  ['Last data', (row) => `${duration(row.idleMs)} ago`],
  ['Round trip', (row) => (row.rttMs === null ? 'no heartbeat answered yet' : `${row.rttMs.toFixed(1)} ms`)],
  ['Waiting', (row) => bytes(row.bufferedBytes)],
  ['From client', (row) => `${count(row.clientMessages)} messages, ${bytes(row.clientBytes)}`],
  ['From server', (row) => `${count(row.serverMessages)} messages, ${bytes(row.serverBytes)}`],
];

/** One connection, as it is each second, with its rates. */
export function openConnection(row: ConnectionRow, steers: boolean): void {
  const values = facts.map(([label, read]) => ({ read, label, value: element('dd', {}, read(row)) }));
  const rates = element('dd', {}, '…');
  const list = element(
    'dl',
    {},
    ...values.flatMap(({ label, value }) => [element('dt', {}, label), value]),
    element('dt', {}, 'Rates'),
    rates,
  );
  const state = element('p', { role: 'status', class: 'outcome' });
  const buttons = element(
    'div',
    { class: 'buttons' },
    element('button', { type: 'button', onclick: () => sendOne(row.id) }, 'Send…'),
    element('button', { type: 'button', class: 'act', onclick: () => kickOne(row.id) }, 'Close…'),
  );
  const tap = tapView(row.id);
  const dialog = openDialog(row.id, list, state, ...(steers ? [buttons] : []), tap.root);
  let last = { row, atMs: performance.now() };

  async function refresh(): Promise<void> {
    try {
      const next = await ask<ConnectionRow>('GET', `/connections/${encodeURIComponent(row.id)}`);
      const atMs = performance.now();
      const seconds = Math.max(0.001, (atMs - last.atMs) / 1000);
      const per = (read: (of: ConnectionRow) => number) => (read(next) - read(last.row)) / seconds;
      for (const { value, read } of values) setText(value, read(next));
      setText(
        rates,
        `${rate(per((of) => of.clientMessages))} messages/s in, ${rate(per((of) => of.serverMessages))} out, ${bytes(per((of) => of.clientBytes + of.serverBytes))}/s`,
      );
      setText(state, next.state === 'open' ? '' : 'It is closing.');
      last = { row: next, atMs };
    } catch (problem) {
      if (!(problem instanceof ApiProblem) || problem.status !== 404) return setText(state, problemText(problem));
      clearInterval(timer);
      setText(state, 'It has ended; the history says why.');
      buttons.remove();
    }
  }
  const timer = setInterval(() => void refresh(), everyMs);
  dialog.addEventListener('close', () => {
    clearInterval(timer);
    tap.close();
  });
}
