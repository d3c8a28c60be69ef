import type { Claim } from '../claim.ts';

export const handshakeClaims: readonly Claim[] = [
  {
    number: 1,
    advice: 'Set proxy_http_version 1.1, Upgrade $http_upgrade and Connection "upgrade".',
    verdict: 'half',
    short: 'The two headers are needed, the version only before nginx 1.29.7; the usual values can be bettered.',
    mechanism:
      'Upgrade and Connection are hop-by-hop headers: nginx drops them unless told to send them. With a literal "upgrade" every plain request claims an upgrade too, and $http_upgrade lets through any protocol, past nginx’s own access rules.',
    evidence:
      'On 1.22.1 a location without the two headers answered 200 instead of 101; so did one that lost them to inheritance, because a single proxy_set_header in a location drops all that it would have inherited. `Upgrade: h2c` was tunnelled with the usual recipe and was not with the maps.',
    instead:
      'Two maps: one that lets only "websocket" through for Upgrade, and one for Connection that says upgrade then and \'\' otherwise; both set in the location that has proxy_pass. proxy_http_version 1.1 below 1.29.7, whose default is 1.0.',
    words: [
      'proxy_http_version',
      'upgrade',
      'proxy_set_header',
      'http_upgrade',
      'connection_upgrade',
      'inheritance',
      'h2c',
    ],
    tested: true,
  },
  {
    number: 3,
    advice: 'Set Connection "" so that connections to the backend are reused.',
    verdict: 'harmful',
    short: 'It breaks the upgrade.',
    mechanism:
      'An empty value means that nginx sends no Connection header. The backend sees Upgrade without Connection: upgrade, which is not an upgrade (RFC 9110, 7.8), and answers the request as a plain one.',
    evidence: 'On 1.22.1 a Node backend answered 200 where it had answered 101.',
    instead:
      "map $http_upgrade to Connection with '' as the value for plain requests: they are pooled, WebSockets are upgraded.",
    words: ['connection ""', 'connection', 'connection header'],
    tested: true,
  },
  {
    number: 4,
    advice: 'Leave Connection unset; nginx and the backend will sort it out.',
    verdict: 'harmful',
    short: 'It breaks the upgrade.',
    mechanism: 'Below 1.29.7 nginx then sends Connection: close, from 1.29.7 on nothing. Neither asks for an upgrade.',
    evidence: 'On 1.22.1 and 1.31.4: none of the two headers 200, Upgrade alone 200, both 101.',
    instead: 'Set both headers in the location that has proxy_pass.',
    words: ['connection unset'],
    tested: true,
  },
  {
    number: 6,
    advice: 'upstream keepalive 64 makes WebSockets faster.',
    verdict: 'no-effect',
    short: 'A WebSocket never goes back to the pool; plain requests beside it gain.',
    mechanism:
      "On a 101 nginx marks the connection as not reusable (u->keepalive = 0). And the map that the documentation shows, '' to close, turns the pool off for every plain request in the location.",
    evidence:
      "Five plain requests through a pooled upstream made 1 connection with '' in the map and 4 to 5 with close. Since 1.29.7 upstream blocks have a pool by default, so close now undoes a default; proxy_pass to an address keeps none.",
    instead: "keepalive for the plain requests, and the map's empty case '' instead of close.",
    words: ['keepalive', 'upstream keepalive', 'map close'],
    tested: true,
  },
  {
    number: 20,
    advice: 'large_client_header_buffers 4 16k for WebSockets.',
    verdict: 'half',
    short: 'Only for handshakes with big cookies or tokens, and it costs memory for the connection’s whole life.',
    mechanism:
      'A handshake that does not fit client_header_buffer_size (1k) gets a large buffer, which is freed when the request ends: for a WebSocket, when it closes. A header line longer than one buffer is refused with 400.',
    evidence:
      'A 2 kB cookie took 10.2 kB more per connection, a 7 kB cookie 15.5 kB; with client_header_buffer_size 4k the 2 kB cookie took 7.2 kB. A header line over 8k got 400.',
    instead:
      'client_header_buffer_size 4k when handshakes are between 1 and 4 kB; better, smaller cookies on the WebSocket’s host.',
    words: ['large_client_header_buffers', 'client_header_buffer_size', 'cookie'],
    tested: true,
  },
  {
    number: 23,
    advice: 'CORS headers allow, or protect, cross-origin WebSockets.',
    verdict: 'no-effect',
    short: 'Browsers do not apply CORS to WebSockets.',
    mechanism:
      'A browser sends a WebSocket handshake to any host, with cookies and with its Origin header, asks nobody beforehand, and reads no Access-Control header in the answer. Only the server can refuse.',
    evidence:
      'A handshake from a foreign origin was answered 101 under headers that allowed another origin only. Besides, add_header without always is not sent on a 101 at all.',
    instead: 'Check Origin against a list, at the edge and at the server, and answer 403.',
    words: ['cors', 'access-control-allow-origin', 'add_header'],
    tested: true,
  },
  {
    number: 24,
    advice: 'Check Origin against an allow-list.',
    verdict: 'right',
    short: 'Yes, with anchored patterns, and never "null".',
    mechanism:
      'A map of $http_origin and `if ($bad) { return 403; }` refuse before anything reaches the server. A pattern without ^ and $ and with bare dots matches hosts that an attacker can register; "null" is what every sandboxed frame sends.',
    evidence:
      '`~example.com` admitted https://example.com.evil.net and https://evilexampleXcom.net; an anchored pattern refused both. Clients other than browsers send no Origin: the empty string needs a row of its own.',
    instead:
      'map $http_origin with full origins or ~^https://([a-z0-9-]+\\.)*example\\.org$, and a check in the server as well.',
    words: ['origin', 'http_origin', 'cross-site websocket hijacking', 'cswsh'],
    tested: true,
  },
  {
    number: 28,
    advice: 'After the 101 a second handshake exchanges Sec-WebSocket-Key.',
    verdict: 'wrong',
    short: 'One request and one answer: the key and its answer travel in the upgrade itself.',
    mechanism:
      'The client sends Sec-WebSocket-Key in the request, the server answers with the SHA-1 of that key and a fixed text in Sec-WebSocket-Accept; the next byte is a frame.',
    evidence: 'RFC 6455, 4.1 and 4.2. The key authenticates nobody: it shows that the server speaks the protocol.',
    instead: 'Authenticate in the handshake (cookie, token, Origin) or in the first message.',
    words: ['sec-websocket-key', 'sec-websocket-accept', 'handshake'],
    tested: false,
  },
  {
    number: 29,
    advice: 'Client frames are masked, against cache poisoning.',
    verdict: 'right',
    short: 'Yes. It protects proxies in between, not the content.',
    mechanism:
      'A script could otherwise choose bytes that look like an HTTP request to a proxy that does not understand the upgrade. A fresh random mask for each frame takes that choice away.',
    evidence: 'RFC 6455, 5.3 and 10.3. nginx does not unmask: it passes the bytes on unseen.',
    instead: 'wss:// for secrecy; the mask is sent along with the frame.',
    words: ['mask', 'masking', 'frames'],
    tested: false,
  },
  {
    number: 30,
    advice: 'curl with hand-written headers tests a WebSocket.',
    verdict: 'half',
    short: 'It shows the 101 and then hangs.',
    mechanism:
      'curl compares no Sec-WebSocket-Accept, sends no Origin unless told, answers no ping and does not wait for an idle timeout.',
    evidence: 'A backend that answered with a wrong Sec-WebSocket-Accept looked the same in curl: 101.',
    instead:
      'holdline probe: it checks the answer, foreign origins, other protocols in Upgrade, compression, pings, and the real idle timeout.',
    words: ['curl', 'test a websocket'],
    tested: false,
  },
];
