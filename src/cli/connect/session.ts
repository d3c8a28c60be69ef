/** A conversation with an endpoint: typed at a terminal, or piped by a script. */
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  ClientConnection,
  ClientConnectionEnd,
  ClientSendOutcome,
  ConnectionEvent,
} from '../../client/connection/connection.ts';
import { dial } from '../../client/dial/dial.ts';
import type { DialFailure } from '../../client/dial/failure.ts';
import type { DialOptions } from '../../client/dial/options.ts';
import { paint, type TextPage } from '../../report/paint.ts';
import type { Output } from '../context.ts';
import { endLine, eventLines, jsonLine, openLines, plainLine } from './lines.ts';
import { readTyped, typedCommands } from './typed.ts';

export interface SessionOptions {
  readonly dial: DialOptions;
  readonly page: TextPage;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output & { once?(event: 'drain', listener: () => void): unknown };
  readonly stderr: Output;
  /** Messages that are sent first. */
  readonly send: readonly string[];
  /** After the last line of a script: ends when nothing came for so long. */
  readonly waitMs: number;
  /** Ends after so many messages; null for never. */
  readonly count: number | null;
  readonly json: boolean;
  /** Lines with a slash in front are commands in a script as well. */
  readonly commands: boolean;
  readonly verbose: boolean;
}

export type SessionOutcome =
  | { readonly connected: false; readonly failure: DialFailure }
  | {
      readonly connected: true;
      readonly end: ClientConnectionEnd;
      readonly messages: number;
      readonly closedByUs: boolean;
    };

/** Commands and history are for people at a terminal; a script gets what it sends, and messages as lines. */
export async function runSession(url: string, options: SessionOptions): Promise<SessionOutcome> {
  const typing = options.input.isTTY === true && options.stdout.isTTY === true;
  const screen = openScreen(options, typing);
  let messages = 0;
  let lastMs = performance.now();
  let pinged: { readonly atMs: number } | null = null;
  let closing = false;
  const close = (connection: ClientConnection, request: { code?: number | null; reason?: string } = {}) => {
    closing = true;
    return connection.close(request);
  };
  const onEvent = (connection: ClientConnection, event: ConnectionEvent) => {
    lastMs = performance.now();
    if (event.kind === 'text' || event.kind === 'binary') {
      if (options.count !== null && messages >= options.count) return;
      messages++;
    }
    if (screen.show(event, connection) && event.kind === 'pong' && pinged !== null) {
      screen.note(`the pong took ${(performance.now() - pinged.atMs).toFixed(1)} ms`);
      pinged = null;
    }
    if (messages === options.count) void close(connection);
  };
  const result = await dial(url, { ...options.dial, onEvent });
  if (!result.ok) {
    screen.end();
    return { connected: false, failure: result.failure };
  }
  const { connection, handshake } = result;
  for (const line of openLines(handshake, options.verbose)) screen.note(line);
  if (typing) screen.note('type a message, or /help; Ctrl-D ends');

  /** Waits for room, so that a script cannot fill the memory. False when the connection is over. */
  const deliver = async (send: () => ClientSendOutcome): Promise<boolean> => {
    for (;;) {
      const outcome = send();
      if (outcome !== 'full') return outcome === 'sent';
      await delay(roomMs);
    }
  };
  const act = async (line: string): Promise<void> => {
    const typed = typing || options.commands ? readTyped(line) : { kind: 'text' as const, text: line };
    switch (typed.kind) {
      case 'text':
        await deliver(() => connection.send(typed.text));
        return;
      case 'binary':
        await deliver(() => connection.send(typed.bytes));
        return;
      case 'ping':
        pinged = { atMs: performance.now() };
        await deliver(() => connection.ping(typed.data));
        return;
      case 'pong':
        await deliver(() => connection.pong(typed.data));
        return;
      case 'close':
        void close(connection, { code: typed.code, reason: typed.reason });
        return;
      case 'quit':
        void close(connection);
        return;
      case 'info':
        for (const each of openLines(handshake, true)) screen.note(each);
        return;
      case 'help':
        for (const { usage, does } of Object.values(typedCommands)) screen.note(`${usage.padEnd(24)}${does}`);
        return;
      case 'wrong':
        screen.note(typed.problem);
        return;
      case 'nothing':
        return;
    }
  };
  const ended = connection.whenEnded();
  const talk = async () => {
    for (const message of options.send) await deliver(() => connection.send(message));
    for await (const line of screen.lines(ended)) {
      await act(line);
      screen.prompt();
    }
    if (!typing) await quiet(() => lastMs, options.waitMs, ended);
    await close(connection);
  };
  screen.prompt();
  void talk();
  const end = await ended;
  screen.end();
  screen.note(endLine(end));
  return { connected: true, end, messages, closedByUs: closing };
}

/** How soon a full buffer is looked at again. */
const roomMs = 10;

/** Until nothing has come for so long, or the connection is over. */
async function quiet(lastMs: () => number, waitMs: number, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const begunMs = performance.now();
  for (;;) {
    const leftMs = waitMs - (performance.now() - Math.max(begunMs, lastMs()));
    if (over || leftMs <= 0) return;
    await Promise.race([delay(leftMs), ended]);
  }
}

interface Screen {
  /** True for what people see; pings stay out of a script’s output. */
  show(event: ConnectionEvent, connection: ClientConnection): boolean;
  note(text: string): void;
  prompt(): void;
  lines(ended: Promise<unknown>): AsyncIterable<string>;
  end(): void;
}

function openScreen(options: SessionOptions, typing: boolean): Screen {
  const { page, input, stdout, stderr } = options;
  const names = Object.keys(typedCommands).map((name) => `/${name}`);
  const reader = createInterface({
    input,
    terminal: typing,
    historySize: 1000,
    crlfDelay: Number.POSITIVE_INFINITY,
    completer: (line: string) => [names.filter((name) => name.startsWith(line)), line],
    ...(typing ? { output: stdout as unknown as NodeJS.WritableStream, prompt: '> ' } : {}),
  });
  // At once: lines that come while the connection is made would be told to nobody.
  const lines = reader[Symbol.asyncIterator]();
  // Ctrl-C ends as Ctrl-D does: the server gets its close frame.
  reader.on('SIGINT', () => reader.close());
  let over = false;
  /** Above the line that is being typed, which is drawn again. */
  const print = (output: Output, text: string): boolean => {
    const whole = typing && !over ? `\r\u001b[K${text}\n` : `${text}\n`;
    const room = output.write(whole) !== false;
    if (typing && !over) reader.prompt(true);
    return room;
  };
  return {
    show(event, connection) {
      const line = options.json ? jsonLine(event, new Date().toISOString()) : stdout.isTTY ? null : plainLine(event);
      const shown = line === null && stdout.isTTY ? eventLines(page, event).join('\n') : line;
      if (shown === null) return false;
      // Whoever reads slower than the server sends slows the server down, and not the memory up.
      if (!print(stdout, shown) && stdout.once !== undefined) {
        connection.pause();
        stdout.once('drain', () => connection.resume());
      }
      return !options.json && stdout.isTTY === true;
    },
    note(text) {
      print(typing ? stdout : stderr, paint(page, 'faint', text));
    },
    prompt() {
      if (typing && !over) reader.prompt();
    },
    lines(ended) {
      void ended.then(() => reader.close());
      return { [Symbol.asyncIterator]: () => lines };
    },
    end() {
      if (typing && !over) stdout.write('\r\u001b[K');
      over = true;
      reader.close();
    },
  };
}
