/** What is shown of a conversation, for people and for programs. */

import { closeCodeName } from '../../base/close-code.ts';
import { jsonText } from '../../base/json-text.ts';
import { printable } from '../../base/printable.ts';
import type { ClientConnectionEnd, ConnectionEvent } from '../../client/connection/connection.ts';
import type { DialledHandshake } from '../../client/dial/dial.ts';
import { paint, type TextPage } from '../../report/paint.ts';
import { formatExtensions } from '../../ws/extension.ts';
import { textOf } from '../../ws/frame.ts';

/** Shown of a binary message on a terminal; a program gets all of it. */
const bytesShownMax = 256;

/** One line for each line of a text, so that a message of several lines stays readable. */
export function eventLines(page: TextPage, event: ConnectionEvent): string[] {
  const arrow = paint(page, 'good', '<');
  switch (event.kind) {
    case 'text':
      return textOf(event.data)
        .split('\n')
        .map((line, i) => `${i === 0 ? arrow : ' '} ${printable(line)}`);
    case 'binary':
      return [`${arrow} ${hexText(event.data)} ${paint(page, 'faint', `(binary, ${event.data.length} bytes)`)}`];
    case 'ping':
    case 'pong': {
      const data = event.data.length === 0 ? '' : ` ${printable(Buffer.from(event.data).toString('utf8'))}`;
      return [paint(page, 'faint', `< ${event.kind}${data}`)];
    }
    case 'close':
      return [
        paint(
          page,
          'faint',
          `< close ${event.code ?? 'without a code'}${event.reason === '' ? '' : ` ${printable(event.reason)}`}`,
        ),
      ];
  }
}

/** For a program that reads: the message and nothing else; null for what is no message. */
export function plainLine(event: ConnectionEvent): string | null {
  if (event.kind === 'text') return textOf(event.data);
  return event.kind === 'binary' ? Buffer.from(event.data).toString('hex') : null;
}

/** One JSON object for each event. */
export function jsonLine(event: ConnectionEvent, at: string): string {
  const data =
    event.kind === 'close'
      ? { code: event.code, reason: event.reason }
      : event.kind === 'text'
        ? { text: textOf(event.data) }
        : { base64: Buffer.from(event.data).toString('base64') };
  return jsonText({ at, event: event.kind, ...data });
}

export function openLines(
  { address, subprotocol, extensions, timings, answer }: DialledHandshake,
  verbose: boolean,
): string[] {
  const agreed = [
    ...(subprotocol === null ? [] : [`subprotocol ${subprotocol}`]),
    ...(extensions.length === 0 ? [] : [formatExtensions(extensions)]),
  ];
  const lines = [
    `connected to ${address} in ${timings.answerMs!.toFixed(1)} ms${agreed.length === 0 ? '' : `; ${agreed.join(', ')}`}`,
  ];
  if (!verbose) return lines;
  lines.push(`${answer.status} ${answer.reason}`);
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2)
    lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`);
  return lines.map(printable);
}

export function endLine(end: ClientConnectionEnd): string {
  if (end.violation !== null) return `the server broke the protocol: ${end.violation}`;
  if (end.received !== null) {
    const { code, reason } = end.received;
    const name = code === null ? 'without a code' : `with ${code}, ${closeCodeName(code)}`;
    return `closed ${name}${reason === '' ? '' : `: ${printable(reason)}`}`;
  }
  if (end.socket.how === 'error') return `the connection broke: ${end.socket.code}`;
  return end.socket.how === 'fin' ? 'the server ended the connection without a close frame' : 'ended';
}

/** Did it end as it should? Going away and no code at all are how servers say goodbye every day. */
export function endedWell(end: ClientConnectionEnd): boolean {
  return end.violation === null && end.received !== null && [null, 1000, 1001].includes(end.received.code);
}

function hexText(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, bytesShownMax)).toString('hex').replace(/../g, '$& ').trim();
  return bytes.length > bytesShownMax ? `${shown} …` : shown;
}
