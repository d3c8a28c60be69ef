/** holdline connect as a command: what a typed line means, what goes through a pipe, how it ends. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { runSession, type SessionOptions } from '../../../src/cli/connect/session.ts';
import { readTyped } from '../../../src/cli/connect/typed.ts';
import { cleanUp, rawEndpoint, upgrade, wsEcho } from '../../probe/endpoints.ts';

afterEach(cleanUp);

const echoUrl = async () => `ws://127.0.0.1:${await wsEcho()}/`;

describe('what a typed line means', () => {
  test.each([
    ['hello', { kind: 'text', text: 'hello' }],
    ['//slash', { kind: 'text', text: '/slash' }],
    ['', { kind: 'nothing' }],
    ['/ping', { kind: 'ping', data: Buffer.alloc(0) }],
    ['/ping a b', { kind: 'ping', data: Buffer.from('a b') }],
    [`/ping ${'x'.repeat(126)}`, { kind: 'wrong', problem: expect.stringContaining('125 bytes') }],
    ['/hex 00 ff 2A', { kind: 'binary', bytes: Buffer.from('00ff2a', 'hex') }],
    ['/hex 0x00,0xff', { kind: 'binary', bytes: Buffer.from('00ff', 'hex') }],
    ['/hex 0', { kind: 'wrong', problem: expect.stringContaining('pairs') }],
    ['/close', { kind: 'close', code: 1000, reason: '' }],
    ['/close 4001 good bye', { kind: 'close', code: 4001, reason: 'good bye' }],
    ['/close 1006', { kind: 'wrong', problem: expect.stringContaining('must not be sent') }],
    ['/close bye', { kind: 'wrong', problem: expect.stringContaining('code in front') }],
    ['/pign', { kind: 'wrong', problem: expect.stringContaining('did you mean /ping?') }],
    ['/quit', { kind: 'quit' }],
  ])('%j', (line, typed) => {
    expect(readTyped(line)).toEqual(typed);
  });
});

describe('a conversation in a pipe', () => {
  async function piped(url: string, text: string, more: Partial<SessionOptions> = {}) {
    const input = new PassThrough();
    input.end(text);
    let [out, err] = ['', ''];
    const stdout = {
      write: (each: string) => {
        out += each;
        return true;
      },
    };
    const stderr = {
      write: (each: string) => {
        err += each;
      },
    };
    const outcome = await runSession(url, {
      dial: {},
      page: { width: 80, colour: false },
      input,
      stdout,
      stderr,
      send: [],
      waitMs: 200,
      count: null,
      json: false,
      commands: false,
      verbose: false,
      ...more,
    });
    return { outcome, out, err };
  }

  test('lines are messages, messages are lines, all else goes to stderr', async () => {
    const { outcome, out, err } = await piped(await echoUrl(), 'one\n/ping is no command here\nthree\n');
    expect(out).toBe('one\n/ping is no command here\nthree\n');
    expect(err).toMatch(/^connected to 127.*\nclosed with 1000, normal closure\n$/);
    expect(outcome).toMatchObject({ connected: true, messages: 3, closedByUs: true });
  });

  test('--count ends it, --send begins it, --commands makes commands', async () => {
    const url = await echoUrl();
    expect((await piped(url, 'a\nb\nc\n', { count: 2 })).out).toBe('a\nb\n');
    expect((await piped(url, '', { send: ['first', 'second'], count: 2 })).out).toBe('first\nsecond\n');
    const { out, outcome } = await piped(url, '/hex 00ff\n/close 4002 enough\n', { commands: true, json: true });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      { event: 'binary', base64: 'AP8=' },
      { event: 'close', code: 4002, reason: 'enough' },
    ]);
    expect(outcome).toMatchObject({ connected: true, closedByUs: true });
  });

  test('a server that ends it, in order and not', async () => {
    const going = await piped(
      `ws://127.0.0.1:${await wsEcho({ onPeer: (peer) => peer.close(1011, 'broken') })}/`,
      'x\n',
      { waitMs: 5000 },
    );
    expect(going.outcome).toMatchObject({ connected: true, closedByUs: false, end: { code: 1011 } });
    expect(going.err).toContain('closed with 1011, internal error: broken');
    const gone = await piped(
      `ws://127.0.0.1:${await rawEndpoint((socket) => upgrade(socket, () => socket.end()))}/`,
      '',
      { waitMs: 5000 },
    );
    expect(gone.err).toContain('the server ended the connection without a close frame');
  });

  test('more lines than the buffers hold all arrive', { timeout: 30_000 }, async () => {
    const { out, outcome } = await piped(await echoUrl(), 'line\n'.repeat(20_000), { count: 20_000, waitMs: 10_000 });
    expect(out).toHaveLength(5 * 20_000);
    expect(outcome).toMatchObject({ messages: 20_000 });
  });

  test('as a program: exit 3 and the cause when nobody listens', { timeout: 20_000 }, async () => {
    const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
    const child = spawn(process.execPath, [main, 'connect', 'ws://127.0.0.1:1/'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect([code, err]).toEqual([3, expect.stringContaining('probe-refused')]);
  });
});
