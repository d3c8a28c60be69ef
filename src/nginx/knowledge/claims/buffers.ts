import type { Claim } from '../claim.ts';

export const bufferClaims: readonly Claim[] = [
  {
    number: 5,
    advice: 'proxy_buffering off, or messages are delayed.',
    verdict: 'no-effect',
    short: 'Upgraded connections are never buffered, on or off.',
    mechanism:
      'ngx_http_upstream_send_response sees the upgrade and returns before it looks at proxy_buffering. What arrives on one side is written to the other at once.',
    evidence:
      'Frames were relayed at once with proxy_buffering on, and memory per connection was 18.15 kB in either case.',
    instead:
      'Nothing for WebSockets. Where server-sent events or long polling share the location, off is right for them.',
    words: ['proxy_buffering', 'buffering', 'x-accel-buffering'],
    tested: true,
  },
  {
    number: 9,
    advice: 'tcp_nopush on lowers latency.',
    verdict: 'no-effect',
    short: 'tcp_nopush does nothing here; tcp_nodelay on, the default, is what matters.',
    mechanism:
      'tcp_nopush (TCP_CORK) is set only where sendfile sends a header with a file. tcp_nodelay is set on both sockets at the upgrade.',
    evidence:
      'The second of two small frames 3 ms apart took 38.8 ms (median) with tcp_nodelay off and 0.3 ms with it on; tcp_nopush and sendfile changed nothing.',
    instead: 'Leave tcp_nodelay on.',
    words: ['tcp_nopush', 'tcp_nodelay', 'sendfile', 'nagle'],
    tested: true,
  },
  {
    number: 13,
    advice: 'gzip on saves bandwidth on WebSockets, or gzip off repairs them.',
    verdict: 'no-effect',
    short: 'Neither does anything.',
    mechanism:
      'The gzip filter acts on answers with 200, 403 and 404. The bytes after a 101 never pass nginx’s filters.',
    evidence: 'Frames arrived byte for byte as sent under gzip on with every type.',
    instead: 'permessage-deflate, agreed between the two ends; nginx passes the header and the frames on.',
    words: ['gzip', 'gzip_types', 'compression', 'permessage-deflate'],
    tested: true,
  },
  {
    number: 14,
    advice: 'Turn off rate limiting for WebSockets.',
    verdict: 'wrong',
    short: 'limit_rate does nothing; limit_conn and limit_req work, and you want them.',
    mechanism:
      'limit_rate is applied where answers are written, which the tunnel bypasses. limit_conn counts a connection until it closes. limit_req counts handshakes, not messages.',
    evidence:
      '3 MB passed in under 1.5 s with limit_rate 1k. limit_conn 3: three 101, three 503, and a place was free again as soon as one closed.',
    instead:
      'limit_conn per address for connections, limit_req for handshakes; message limits belong in the server or in the built-in edge.',
    words: ['limit_rate', 'limit_conn', 'limit_req', 'proxy_limit_rate', 'rate limit'],
    tested: true,
  },
  {
    number: 19,
    advice: 'proxy_buffers 8 4k and proxy_buffer_size 4k.',
    verdict: 'half',
    short: 'Only proxy_buffer_size counts, twice for each connection.',
    mechanism:
      'One buffer carries bytes from the server, one from the client, both of proxy_buffer_size, held until close. proxy_buffers belongs to the buffered path that a tunnel never enters.',
    evidence:
      '18.2 kB per connection at 4k, 42.7 kB at 16k, 141 kB at 64k, and 18.15 kB with proxy_buffers 16 1m. 800 MB of 1 MB messages took 1,110 ms of processor at 4k and 600 ms at 16k. proxy_buffer_size 16k alone does not start: proxy_buffers must grow with it.',
    instead: '4k for chat; 16k with proxy_buffers 4 16k for large messages.',
    words: ['proxy_buffer_size', 'proxy_buffers', 'proxy_busy_buffers_size'],
    tested: true,
  },
];
