/** What a typed line means: a message, or, with a slash in front, something to do. */

import { isSendableCloseCode } from '../../base/close-code.ts';
import { nearest } from '../../base/nearest.ts';
import { closeReasonBytesMax } from '../../ws/frame.ts';

export type Typed =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
  | { readonly kind: 'ping' | 'pong'; readonly data: Uint8Array }
  | { readonly kind: 'close'; readonly code: number | null; readonly reason: string }
  | { readonly kind: 'info' | 'help' | 'quit' | 'nothing' }
  /** A sentence that says what is wrong with the line. */
  | { readonly kind: 'wrong'; readonly problem: string };

interface CommandFacts {
  readonly usage: string;
  readonly does: string;
  readonly read: (rest: string) => Typed;
}

/** RFC 6455, 5.5: what a control frame carries at most. */
const controlBytesMax = 125;

export const typedCommands: Readonly<Record<string, CommandFacts>> = {
  ping: {
    usage: '/ping [text]',
    does: 'send a ping, and show how long its pong takes',
    read: (rest) => control('ping', rest),
  },
  pong: { usage: '/pong [text]', does: 'send an unsolicited pong', read: (rest) => control('pong', rest) },
  hex: { usage: '/hex 00 ff 2a', does: 'send these bytes as a binary message', read: readHex },
  close: { usage: '/close [code] [reason]', does: 'close with a code (1000) and a reason', read: readClose },
  info: { usage: '/info', does: 'show the handshake and what was agreed on', read: () => ({ kind: 'info' }) },
  help: { usage: '/help', does: 'show this', read: () => ({ kind: 'help' }) },
  quit: {
    usage: '/quit',
    does: 'close with 1000 and end; Ctrl-C and Ctrl-D do the same',
    read: () => ({ kind: 'quit' }),
  },
};

/** An empty line is nothing; `//` begins a message that begins with a slash. */
export function readTyped(line: string): Typed {
  if (line === '') return { kind: 'nothing' };
  if (line.startsWith('//')) return { kind: 'text', text: line.slice(1) };
  if (!line.startsWith('/')) return { kind: 'text', text: line };
  const [, name, rest] = /^\/(\S*)\s*(.*)$/s.exec(line)!;
  if (Object.hasOwn(typedCommands, name!)) return typedCommands[name!]!.read(rest!);
  const near = nearest(name!.slice(0, 40), Object.keys(typedCommands));
  const hint = near === undefined ? '/help shows what there is.' : `did you mean /${near}?`;
  return {
    kind: 'wrong',
    problem: `there is no /${name!.slice(0, 40)}; ${hint} To send it as a message, write //${name!.slice(0, 40)}`,
  };
}

function control(kind: 'ping' | 'pong', rest: string): Typed {
  const data = Buffer.from(rest, 'utf8');
  if (data.length > controlBytesMax)
    return { kind: 'wrong', problem: `a ${kind} carries ${controlBytesMax} bytes at most, and this is ${data.length}` };
  return { kind, data };
}

function readHex(rest: string): Typed {
  const digits = rest.replace(/0x|[\s,:]/gi, '');
  if (digits === '' || !/^(?:[0-9a-f]{2})+$/i.test(digits))
    return { kind: 'wrong', problem: '/hex takes pairs of hexadecimal digits, such as /hex 00 ff 2a' };
  return { kind: 'binary', bytes: Buffer.from(digits, 'hex') };
}

function readClose(rest: string): Typed {
  const [, digits = '', reason = ''] = /^(\d*)\s*(.*)$/s.exec(rest)!;
  if (digits === '' && reason !== '')
    return { kind: 'wrong', problem: 'a reason needs a code in front: /close 1000 bye' };
  const code = digits === '' ? 1000 : Number(digits);
  if (!isSendableCloseCode(code))
    return { kind: 'wrong', problem: `${digits} must not be sent; 1000, 1001, 1008, 1011 and 3000 to 4999 may` };
  if (Buffer.byteLength(reason) > closeReasonBytesMax)
    return { kind: 'wrong', problem: `a reason has ${closeReasonBytesMax} bytes at most` };
  return { kind: 'close', code, reason };
}
