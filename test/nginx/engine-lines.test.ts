/** Lines of a supervised nginx, as nginx 1.22.1 wrote them, and lines that it did not write. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readErrorLine } from '../../src/nginx/run/engine/error-line.ts';
import { readConnectionLine } from '../../src/nginx/run/engine/lines.ts';

describe('the log of connections', () => {
  test('a handshake as it begins', () => {
    const line =
      '{"opened":"1795755402.202","at":"1795755402.202","request":"1","route":"chat","port":"38870","peer":"127.0.0.1","peer_port":"38870","agent":"","secure":"","client":"127.0.0.1","origin":"http://a.example","host":"127.0.0.1","path":"/chat/x","connection":"1","worker":"20182"}';
    expect(readConnectionLine(line)).toMatchObject({
      kind: 'opening',
      atMs: 1_795_755_402_202,
      key: '1.1',
      worker: 20_182,
      origin: 'http://a.example',
      agent: null,
      tls: false,
    });
  });

  test('an end after a second try has the last server, and the bytes of both', () => {
    const line =
      '{"at":"1795755402.298","connection":"7","request":"1","outcome":"upgraded","status":"101","life":"0.009","handshake":"-, 0.002","to_client":"192","to_server":"0, 148","server":"127.0.0.1:9, 127.0.0.1:9001","extensions":"permessage-deflate"}';
    expect(readConnectionLine(line)).toMatchObject({
      kind: 'end',
      lifeMs: 9,
      handshakeMs: 2,
      toServerBytes: 148,
      server: '127.0.0.1:9001',
      compressed: true,
    });
  });

  test('whatever else stands in the file is no line', () => {
    for (const text of ['', '{', 'null', '[]', '{"opened":"x"}', '{"at":"1","connection":""}'])
      expect(readConnectionLine(text)).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => readConnectionLine(text) === null || text.startsWith('{')));
  });
});

describe('the error log', () => {
  const at = '2026/11/27 04:56:45';
  test.each([
    [
      `${at} [info] 7#7: *1 upstream timed out (110: Connection timed out) while proxying upgraded connection, client: 127.0.0.1`,
      { connection: '1', level: 'info', meaning: { kind: 'server-silent' } },
    ],
    [
      `${at} [error] 7#7: *3 connect() failed (111: Connection refused) while connecting to upstream, client: ::1, upstream: "http://127.0.0.1:9/chat?token=1"`,
      { meaning: { kind: 'server-unreachable', server: 'http://127.0.0.1:9' } },
    ],
    [
      `${at} [alert] 6#6: worker process 7 exited on signal 9`,
      { level: 'error', meaning: { kind: 'worker-exited', worker: 7, how: 'signal 9' } },
    ],
    [`${at} [notice] 6#6: worker process 7 exited with code 0`, { level: 'info', meaning: null }],
  ])('%s', (line, expected) => expect(readErrorLine(line)).toMatchObject(expected));

  test('a token in a query is not passed on', () => {
    expect(readErrorLine(`${at} [warn] 7#7: *3 x, request: "GET /chat?token=secret HTTP/1.1"`)?.text).not.toContain(
      'secret',
    );
  });
});

test('a request that asks for no WebSocket is none that was refused', () => {
  const line = '{"at":"1795755402.298","connection":"7","request":"1","outcome":"request","status":"426"}';
  expect(readConnectionLine(line)).toMatchObject({ kind: 'end', outcome: null, status: 426 });
});
