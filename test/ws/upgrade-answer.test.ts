/** A server's 101 on its way to the client. */
import { expect, test } from 'vitest';
import { parseExtensions } from '../../src/ws/extension.ts';
import { createHeadReader } from '../../src/ws/head.ts';
import { deflateAgrees, passableUpgrade, withHeaders } from '../../src/ws/upgrade-answer.ts';

function passed(lines: readonly string[]): string {
  const written = Buffer.from(`HTTP/1.1 101 Up\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  const step = createHeadReader().push(written);
  if (step.state !== 'done') throw new Error(step.state);
  return passableUpgrade(step.head, written).toString('latin1');
}

const usual = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: x'];

test.each([
  ['as it came', usual, usual],
  ['without a length', [...usual, 'Content-Length: 0'], usual],
  ['without a coding', [...usual, 'Transfer-Encoding: chunked'], usual],
  ['without what Connection nominates', [usual[0]!, 'Connection: Upgrade, X-Hop', usual[2]!, 'X-Hop: 1'], usual],
  ['without another connection option', [usual[0]!, 'Connection: upgrade, close', usual[2]!], usual],
  ['without older headers of the hop', [...usual, 'Keep-Alive: timeout=5', 'Proxy-Connection: keep-alive'], usual],
  ['with everything else', [...usual, 'Set-Cookie: a=1', 'Server: x'], [...usual, 'Set-Cookie: a=1', 'Server: x']],
])('goes on %s', (_how, lines, expected) => {
  expect(passed(lines)).toBe(`HTTP/1.1 101 Up\r\n${expected.join('\r\n')}\r\n\r\n`);
});

test('gains headers in front of its end', () => {
  const answer = Buffer.from('HTTP/1.1 101 Up\r\nA: 1\r\n\r\n');
  expect(withHeaders(answer, ['Set-Cookie', 'b=2']).toString()).toBe(
    'HTTP/1.1 101 Up\r\nA: 1\r\nSet-Cookie: b=2\r\n\r\n',
  );
  expect(withHeaders(answer, [])).toBe(answer);
});

const offer = 'permessage-deflate; client_max_window_bits';

test.each([
  [offer, '', true],
  [offer, 'permessage-deflate', true],
  [offer, 'permessage-deflate; client_max_window_bits=10; server_no_context_takeover', true],
  [offer, 'permessage-deflate; server_max_window_bits=99', false],
  [offer, 'permessage-deflate; server_max_window_bits=08', false],
  [offer, 'permessage-deflate; nobody_knows', false],
  [offer, 'permessage-deflate, permessage-deflate', false],
  ['permessage-deflate', 'permessage-deflate; client_max_window_bits=10', false],
])('to an offer of "%s" the answer "%s": %s', (offered, answered, agrees) => {
  const extensions = parseExtensions(answered) ?? [];
  expect(deflateAgrees({ ok: true, subprotocol: null, extensions }, offered)).toBe(agrees);
});
