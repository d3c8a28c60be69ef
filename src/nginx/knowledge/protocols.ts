/** What is special about proxying the protocols and libraries that people run over WebSockets. */
import type { Explanation } from './explanation.ts';

export const protocolExplanations: readonly Explanation[] = [
  {
    words: ['socket.io', 'socketio', 'engine.io'],
    headline: 'Socket.IO: one path, two transports, and every request of a client on the same server',
    why: 'It begins with long polls on /socket.io/ and upgrades to a WebSocket afterwards, with a session id that one server alone knows. Spread over several servers, every second request gets 400 "Session ID unknown". The server pings every 25 s and drops who stays silent for 20 s more.',
    seen: 'A handshake whose Upgrade was dropped gets 400 {"code":3,"message":"Bad request"} where the query says transport=websocket.',
    instead:
      'One location /socket.io/ for both transports, without a rewrite of the path; ip_hash or hash on a cookie in the upstream (Holdline: balance: sticky-cookie), or transports: ["websocket"] in the client; proxy_read_timeout above 45 s.',
    see: ['proxy_read_timeout', 'ip_hash'],
  },
  {
    words: ['signalr', 'blazor'],
    headline: 'SignalR: a POST to /negotiate first, then a WebSocket that must reach the same server',
    why: 'The id that negotiate gives is known to one server: another one answers 404 "No Connection with that ID". The server sends a ping of its own, as a message, every 15 s; the client gives up after 30 s of silence. A browser cannot set headers, so the token travels in the query (access_token).',
    seen: null,
    instead:
      'Stickiness for the whole hub, or skipNegotiation with WebSockets alone; location for the hub without a slash behind it, so that /hub and /hub/negotiate both fit; keep access_token out of the access log.',
    see: ['proxy_read_timeout', 'access_log'],
  },
  {
    words: ['phoenix', 'liveview'],
    headline: 'Phoenix: /socket/websocket and /live/websocket, and a list of allowed origins',
    why: 'The client adds /websocket to the path of its socket. Phoenix holds Origin against check_origin, and answers 403 when the proxy changed Host or the name is not listed. Its client sends a heartbeat as a message every 30 s.',
    seen: null,
    instead:
      'location /live and /socket with proxy_set_header Host $http_host; check_origin with the public names; proxy_read_timeout above 60 s.',
    see: ['proxy_set_header', 'proxy_read_timeout'],
  },
  {
    words: ['mqtt', 'mqtt over websockets'],
    headline: 'MQTT over WebSockets: binary, a subprotocol, and a keepalive that the client chooses',
    why: 'The client must offer the subprotocol mqtt, and gives up when the answer does not choose it; brokers refuse who offers none. The client pings at its own keepalive (60 s is usual), and the broker drops it after one and a half of that.',
    seen: null,
    instead:
      'Leave Sec-WebSocket-Protocol alone; proxy_read_timeout above one and a half times the longest keepalive; for plain MQTT on 1883 or 8883 use stream, not http.',
    see: ['proxy_read_timeout'],
  },
  {
    words: ['graphql-ws', 'graphql', 'graphql-transport-ws', 'subscriptions-transport-ws'],
    headline: 'graphql-ws: a subprotocol and an opening message, on the path of the queries',
    why: 'Queries and subscriptions share /graphql, so the location carries POST and WebSockets. The client offers graphql-transport-ws (the old library graphql-ws); the wrong one is closed with 4406, a missing connection_init with 4408. Nobody pings unless the client is told to (keepAlive).',
    seen: null,
    instead:
      'Maps for Upgrade and Connection, so that POST keeps its pooled connections; keepAlive below proxy_read_timeout in the client; holdline probe --first graphql-ws to try it.',
    see: ['connection_upgrade', 'proxy_read_timeout'],
  },
  {
    words: ['action cable', 'actioncable', 'rails'],
    headline: 'Action Cable: /cable, a subprotocol, and 404 for a page of another origin',
    why: 'Rails compares Origin with allowed_request_origins and answers 404 to others. It speaks actioncable-v1-json and pings, as a message, every 3 s.',
    seen: null,
    instead:
      'proxy_set_header Host $http_host and X-Forwarded-Proto $scheme; allowed_request_origins with the public names.',
    see: ['proxy_set_header'],
  },
  {
    words: ['stomp', 'sockjs'],
    headline: 'STOMP and SockJS: heartbeats that both sides agree on, and a path per session',
    why: 'SockJS puts a server and a session into the path (/app/123/abc/websocket) and falls back to polling, which needs the same server. STOMP heartbeats are newlines, at the larger of what both sides ask for, and off when one asks for 0.',
    seen: null,
    instead: 'A prefix location for the endpoint, stickiness over several servers, and heart-beat other than 0,0.',
    see: ['ip_hash', 'proxy_read_timeout'],
  },
];
