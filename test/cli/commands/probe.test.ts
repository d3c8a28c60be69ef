/** holdline probe as a command: options, exit codes, what goes where. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { withScheme } from '../../../src/cli/commands/probe.ts';
import { makeCertificates } from '../../client/servers.ts';
import { cleanUp, rawEndpoint, wsEcho } from '../../probe/endpoints.ts';
import { capture } from '../capture.ts';

afterEach(cleanUp);

const echoUrl = async () => `ws://127.0.0.1:${await wsEcho()}/`;

describe('exit codes', () => {
  test('0: all passed', async () => {
    const { code, out } = await capture(['probe', await echoUrl(), '--quick']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Probing ws:\/\/127/);
    expect(out).toMatch(/Passed: 9 passed, in .*\.\n$/);
  });

  test('1: something failed', async () => {
    const port = await rawEndpoint((socket) => socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\n\r\n')));
    const { code, out } = await capture(['probe', `ws://127.0.0.1:${port}/`]);
    expect(code).toBe(1);
    expect(out).toContain('code     probe-not-found');
  });

  test('1 with --strict: a warning', async () => {
    const url = await echoUrl();
    expect((await capture(['probe', url, '--only', 'origin'])).code).toBe(0);
    expect((await capture(['probe', url, '--only', 'origin', '--strict'])).code).toBe(1);
  });

  test.each([
    [['probe'], 'say which endpoint'],
    [['probe', 'ws://a/', '--only', 'colour'], 'there is no check "colour"'],
    [['probe', 'ws://a/', '--conformance', 'masking,colour'], 'there is no section "colour"'],
    [['probe', 'ws://a/', '--max', '5s'], '--max goes with --idle'],
    [['probe', 'ws://a/', '--count', '5'], '--count goes with --watch'],
    [['probe', 'ws://a/', '--vs', 'ws://b/', '--watch', '1s'], '--vs and --watch do not go together'],
    [['probe', 'ws://a/', '--format', 'xml'], 'Allowed choices are'],
    [['probe', 'ws://a/', '--watch', '1s', '--format', 'junit'], '--watch has the forms text and json'],
    [['probe', 'ws://a/', '--header', 'no colon'], 'is not a header'],
    [['probe', 'ws://a/', '--header', 'Bad: a\r\nInjected: b'], 'is not a header'],
    [['probe', 'ws://a/', '--timeout', 'soon'], 'is not a duration'],
    [['probe', 'ws://a/', '--cert', '/nowhere.pem'], 'cannot be read (ENOENT)'],
    [['probe', 'ws://a/', '--resolve', 'a'], 'write host:port:address'],
    [['probe', 'ws://a/', '--proxy', 'socks5://x'], 'is not a proxy'],
    [['connect', 'ws://a/', '--count', '0'], 'is not a number from 1 on'],
  ])('2: %j', async (argv, said) => {
    const { code, err } = await capture(argv);
    expect(err).toContain(said);
    expect(code).toBe(2);
  });

  test('2: what is no URL', async () => {
    const { code, out } = await capture(['probe', 'ftp://example.com/']);
    expect([code, out]).toEqual([2, expect.stringContaining('begins with ftp://')]);
  });

  test('3: nothing was reached', async () => {
    const { code, out } = await capture(['probe', 'ws://127.0.0.1:1/']);
    expect([code, out]).toEqual([3, expect.stringContaining('nothing listens on the port')]);
  });
});

test.each([
  ['example.com/ws', 'wss://example.com/ws'],
  ['localhost:9000', 'ws://localhost:9000'],
  ['app.localhost/x', 'ws://app.localhost/x'],
  ['localhost.example.com', 'wss://localhost.example.com'],
  ['127.example.com', 'wss://127.example.com'],
  ['127.0.0.1:9000/x?y', 'ws://127.0.0.1:9000/x?y'],
  ['[::1]:9000', 'ws://[::1]:9000'],
  ['ftp://x', 'ftp://x'],
  ['9000', 'ws://127.0.0.1:9000'],
  [':9000/chat', 'ws://127.0.0.1:9000/chat'],
  ['no such thing', 'no such thing'],
])('%s means %s', (text, url) => {
  expect(withScheme(text)).toBe(url);
});

describe('a client’s certificate', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-cert-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(path.join(directory, name), text);
    return path.join(directory, name);
  };

  test('without its key, with another one, or a key alone: 2', async () => {
    const [one, other] = [makeCertificates(), makeCertificates()];
    const [cert, key] = [file('cert.pem', one.good.cert), file('other.pem', other.good.key)];
    for (const command of ['probe', 'connect'])
      for (const [argv, said] of [
        [['--cert', cert], '--cert needs --key'],
        [['--key', key], '--key goes with --cert'],
        [['--cert', cert, '--key', key], '--key is not the key of --cert'],
      ] as const) {
        const { code, err } = await capture([command, 'wss://127.0.0.1:1/', ...argv]);
        expect([code, err]).toEqual([2, expect.stringContaining(said)]);
      }
  });

  test('that a server asks for over TLS 1.3 and does not get', async () => {
    const { good, ca } = makeCertificates();
    const port = await wsEcho({ tls: { ...good, requestCert: true, rejectUnauthorized: true, ca } as never });
    const { code, out } = await capture(['probe', `wss://127.0.0.1:${port}/`, '--insecure', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out).failure.code).toBe('probe-tls-client-certificate');
  });
});

test('the password of a proxy stays out of the report', async () => {
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    const way = connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    way
      .on('error', () => undefined)
      .pipe(socket.on('error', () => undefined))
      .pipe(way);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as { port: number };
  const argv = ['--proxy', `http://ann:secret@127.0.0.1:${port}`, '--quick', '--json'];
  const { code, out, err } = await capture(['probe', await echoUrl(), ...argv]);
  proxy.close();
  expect(code).toBe(0);
  expect(out).toContain(`http://127.0.0.1:${port}/ opened a tunnel`);
  expect(out + err).not.toContain('secret');
});

describe('forms', () => {
  test('JSON alone on stdout', async () => {
    const { out } = await capture(['probe', await echoUrl(), '--quick', '--json']);
    expect(JSON.parse(out)).toMatchObject({ version: 1, outcome: 'passed' });
  });

  test('-v shows the bytes of the handshake and of frames', async () => {
    const { out } = await capture(['probe', await echoUrl(), '--quick', '-v']);
    expect(out).toMatch(/> GET \/ HTTP\/1\.1\n/);
    expect(out).toMatch(/< HTTP\/1\.1 101 Switching Protocols\n/);
    expect(out).toMatch(/> 89 91 /);
    expect(out).toMatch(/< 88 02 03 e8 /);
  });

  test('--brief shows what fails or warns, and what to do, alone', async () => {
    const url = await echoUrl();
    const fine = await capture(['probe', url, '--brief', '--only', 'ping']);
    expect(fine.out.trimEnd().split('\n')).toEqual([
      `Probing ${url}`,
      expect.stringMatching(/^Passed: 11 passed, 1 skipped, in /),
    ]);
    const warned = await capture(['probe', url, '--brief', '--only', 'origin']);
    expect(warned.out).toMatch(/^Probing .*\nwarn {2}origin-foreign [\s\S]*\n {6}do {7}compare [\s\S]*\nPassed: /);
    expect(warned.out).not.toMatch(/^(?:ok|skip| +why)/m);
    const down = await capture(['probe', 'ws://127.0.0.1:1/', '--brief']);
    expect(down.out).toMatch(/\nFAIL {2}tcp .*\n {2}cause .*\n {2}do /);
    expect(down.out).not.toMatch(/^ +(?:seen|code) /m);
    expect((await capture(['probe', url, '--brief', '-v'])).code).toBe(2);
  });

  test('--list names every check and counts the cases', async () => {
    const { code, out } = await capture(['probe', '--list']);
    expect(code).toBe(0);
    expect(out).toMatch(/origin-tricks +origin +Names that look like/);
    expect(out).toMatch(/Sections of --conformance, \d{3} cases/);
  });

  test('headers, user, cookie, origin and subprotocol arrive', async () => {
    const seen: Record<string, unknown> = {};
    const port = await wsEcho({
      verifyClient: ({ req }: { req: { headers: object } }) => Object.assign(seen, req.headers) && true,
    });
    const argv = [
      '-H',
      'X-One: 1',
      '-H',
      'X-Two: 2',
      '-u',
      'ann:pa:ss',
      '-b',
      'a=1; b=2',
      '-o',
      'https://a.example',
      '-s',
      'chat,chat2',
    ];
    expect((await capture(['probe', `ws://127.0.0.1:${port}/`, '--quick', ...argv])).code).toBe(0);
    expect(seen).toMatchObject({
      'x-one': '1',
      'x-two': '2',
      cookie: 'a=1; b=2',
      origin: 'https://a.example',
      authorization: `Basic ${Buffer.from('ann:pa:ss').toString('base64')}`,
      'sec-websocket-protocol': 'chat, chat2',
    });
  });
});

describe('modes', () => {
  test('--vs: differences first, the worse exit code', { timeout: 20_000 }, async () => {
    const [good, page] = [
      await echoUrl(),
      await rawEndpoint((socket) => socket.once('data', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))),
    ];
    const { code, out } = await capture(['probe', good, '--vs', `ws://127.0.0.1:${page}/`, '--quick']);
    expect(code).toBe(1);
    expect(out).toMatch(/What differs\n +one +other\noutcome +passed +failed\nfails at +– +answer: the answer is 502/);
    expect(out).toMatch(/Why ws:.* fails\n +cause +\S/);
    expect(out).not.toContain('extensions');
    const same = await capture(['probe', good, '--vs', good, '--only', 'ping', '--json']);
    expect(JSON.parse(same.out).rows.filter((row: { differs: boolean }) => row.differs)).toEqual([]);
  });

  test('--watch: one line for each sample, and a summary', async () => {
    const { code, out } = await capture(['probe', await echoUrl(), '--watch', '20ms', '--count', '3']);
    expect(code).toBe(0);
    expect(out.match(/^ok +\d\d:\d\d:\d\d +handshake .* ping /gm)).toHaveLength(3);
    expect(out).toContain('100 % of 3 worked');
    const down = await capture(['probe', 'ws://127.0.0.1:1/', '--watch', '20ms', '--count', '2', '--json']);
    expect(down.code).toBe(3);
    const lines = down.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines.at(-1)).toMatchObject({ samples: 2, failed: 2, outages: [{ samples: 2 }] });
  });

  test('--during: what a command does to connections', { timeout: 20_000 }, async () => {
    const peers: { terminate(): void }[] = [];
    const url = `ws://127.0.0.1:${await wsEcho({ onPeer: (peer) => peers.push(peer) })}/`;
    const calm = await capture(['probe', url, '--during', 'echo done', '--connections', '4', '--settle', '300ms']);
    expect(calm).toMatchObject({ code: 0, out: expect.stringContaining('all 4 connections stayed open') });
    expect(calm.out).toContain('echo done: done');
    const failing = await capture([
      'probe',
      url,
      '--during',
      'exit 7',
      '--connections',
      '2',
      '--settle',
      '200ms',
      '--json',
    ]);
    expect(failing.code).toBe(1);
    expect(JSON.parse(failing.out)).toMatchObject({
      kept: 2,
      change: { ok: false, said: expect.stringContaining('ended with 7') },
    });

    peers.length = 0;
    // The command tells a page in this process, which is where the peers are, to cut three of them.
    const cut = createServer((_, response) => {
      for (const peer of peers.slice(0, 3)) peer.terminate();
      response.end();
    });
    await new Promise<void>((resolve) => cut.listen(0, '127.0.0.1', resolve));
    const { port } = cut.address() as { port: number };
    const command = `${process.execPath} -e "fetch('http://127.0.0.1:${port}/')"`;
    const storm = await capture([
      'probe',
      url,
      '--during',
      command,
      '--connections',
      '5',
      '--settle',
      '300ms',
      '--json',
    ]);
    cut.close();
    cut.closeAllConnections();
    expect(storm.code).toBe(1);
    expect(JSON.parse(storm.out)).toMatchObject({
      kept: 2,
      connections: 5,
      lost: [{ count: 3, how: 'ended without a close frame (FIN)' }],
    });
  });
});
