import { expect, test } from 'vitest';
import { readTrafficLine } from '../../src/host/tcp-traffic.ts';
import { otherEnd } from '../../src/nginx/run/engine/sockets.ts';

const facts = 'bbr wscale:10,10 rto:204 rtt:0.014/0.008 ato:40 mss:53760 cwnd:11';

test.each([
  [
    `0 0 127.0.0.1:80 127.0.0.1:37612 ${facts} bytes_sent:5000 bytes_acked:4900 bytes_received:12 lastsnd:308 lastrcv:9 lastack:1`,
    { remote: '127.0.0.1', remotePort: 37612, sentBytes: 4900, receivedBytes: 12, idleMs: 9, rttMs: 0.014 },
  ],
  // What came this very moment has no time, and who has said nothing no bytes.
  [
    `0 0 [::1]:80 [::1]:37612 ${facts} lastrcv:9`,
    { remote: '::1', remotePort: 37612, sentBytes: 0, receivedBytes: 0, idleMs: 0, rttMs: 0.014 },
  ],
  ['0 0 [fe80::1%eth0]:80 [fe80::2%eth0]:7 cubic', { remote: 'fe80::2', remotePort: 7, rttMs: null }],
  ['', null],
  ['Recv-Q Send-Q Local Address:Port Peer Address:Port', null],
])('%s', (line, expected) => {
  const traffic = readTrafficLine(line);
  if (expected === null) expect(traffic).toBeNull();
  else expect(traffic).toMatchObject(expected);
});

test('one socket has one name, however its address is written', () => {
  expect(otherEnd('::ffff:10.0.0.7', 5)).toBe(otherEnd('10.0.0.7', 5));
  expect(otherEnd('2001:DB8:0:0:0:0:0:1', 5)).toBe(otherEnd('2001:db8::1', 5));
});
