import type { Claim } from '../claim.ts';

export const timeoutClaims: readonly Claim[] = [
  {
    number: 2,
    advice: 'Raise proxy_read_timeout and proxy_send_timeout.',
    verdict: 'half',
    short:
      'proxy_read_timeout is the idle timeout, reset by traffic in either direction; proxy_send_timeout is not about idleness.',
    mechanism:
      'After the 101 nginx re-arms the read timer on every event of either socket (ngx_http_upstream_process_upgraded). proxy_send_timeout runs only while a write to the server is blocked, send_timeout only while one to the client is.',
    evidence:
      'proxy_read_timeout 2s: idle, closed at 2.00 s without a close frame; client or server sending each second, alive after 9 s. proxy_send_timeout 2s alone: idle connections stayed open. The cut is logged at info, so the usual error log is silent.',
    instead: 'proxy_read_timeout longer than three heartbeats, and a heartbeat from the client or the server.',
    words: ['proxy_read_timeout', 'proxy_send_timeout', 'send_timeout', 'idle timeout', '1006', '60 seconds'],
    tested: true,
  },
  {
    number: 7,
    advice: 'proxy_connect_timeout 7d keeps WebSockets open.',
    verdict: 'harmful',
    short: 'No effect on live connections; it delays the move to the next server.',
    mechanism:
      'It covers the TCP connect and the TLS handshake with the server, nothing later, and the kernel gives up long before days pass.',
    evidence:
      'With 7d against a silent address nginx answered 502 after 134.6 s, when the kernel gave up; with 5s, 504 after 5.0 s. Connections lived far beyond a short proxy_connect_timeout.',
    instead: 'proxy_connect_timeout 2s to 5s.',
    words: ['proxy_connect_timeout'],
    tested: true,
  },
  {
    number: 8,
    advice: 'proxy_read_timeout 7d.',
    verdict: 'half',
    short: 'It works, and holds dead peers and hung handshakes for seven days.',
    mechanism:
      'A peer that vanished without a FIN looks idle. Each holds two sockets, two slots and 27 kB until the timeout. The same value bounds the wait for the 101, so a hung handshake waits as long. Zero is not "for ever": it expires at once.',
    evidence:
      'A hung handshake was answered 504 after proxy_read_timeout (3.0 s with 3s). proxy_read_timeout 0 gave an immediate 504. TCP keepalive found a dead idle peer in 4 s with 2s:1s:2, but not while the server kept sending.',
    instead: 'Minutes, and a heartbeat with a deadline for the answer.',
    words: ['proxy_read_timeout 7d', 'proxy_read_timeout 0', 'so_keepalive', 'proxy_socket_keepalive', 'dead peers'],
    tested: true,
  },
  {
    number: 21,
    advice: 'Raise keepalive_timeout so that idle sockets are not closed.',
    verdict: 'no-effect',
    short: 'It is about plain HTTP connections between two requests.',
    mechanism: 'nginx clears r->keepalive for an upgraded request; the keepalive timer never starts for it.',
    evidence: 'With keepalive_timeout 1s an idle WebSocket stayed open until proxy_read_timeout ended it.',
    instead: 'proxy_read_timeout, and a heartbeat.',
    words: ['keepalive_timeout', 'keepalive_requests'],
    tested: true,
  },
];
