/**
 * Every default of the spec, each with its reason. docs/spec.md prints both, and a test holds the page to them.
 * A default of null means "no limit" or "off".
 */

export interface Default<Value> {
  readonly value: Value;
  readonly because: string;
}

export const defaults = {
  listen: {
    value: '0.0.0.0:8080',
    because: '8080 needs no root, and a machine’s clients come in on any of its addresses',
  },
  socketMode: {
    value: 0o666,
    because: 'like a port on loopback, and like nginx: everyone who may enter the folder may connect',
  },
  controlSocketMode: {
    value: 0o600,
    because:
      'the control API can close every connection: it is for the user that runs the edge, until others are named',
  },
  control: {
    value: '127.0.0.1:4653',
    because: 'loopback, because the control API can close every connection; 4653 spells HOLD on a telephone',
  },
  balance: {
    value: 'least-connections',
    because: 'connections live for hours, so taking turns leaves a server that came back half empty',
  },
  stickyCookieName: { value: 'holdline', because: 'no application sets one of this name' },
  stickyCookieLifetimeMs: {
    value: null,
    because: 'one visit has to stay on one server; an older cookie only keeps the load from spreading',
  },
  weight: { value: 1, because: 'servers are equal unless the spec says otherwise' },
  serverConnections: { value: null, because: 'only the server’s owner knows what it can hold' },
  verifyTls: { value: true, because: 'encryption to an unchecked server keeps nobody out' },
  resolveEveryMs: {
    value: 10_000,
    because:
      'clusters change their addresses within seconds and say so for 5 to 30; one lookup in ten seconds costs next to nothing',
  },
  clientCertificatesRequired: {
    value: true,
    because: 'if you name an authority for client certificates, you mean to let nobody else in',
  },
  instances: { value: 1, because: 'a second instance is only safe when the program was written for it' },
  directory: { value: '.', because: 'a command reads as if it were typed beside the spec file' },
  matchPath: { value: '/', because: 'a route without a path means every path' },
  originsMode: { value: 'enforce', because: 'a list of origins that is only counted must be asked for' },
  originsMissing: {
    value: 'allow',
    because: 'every browser sends Origin, so only programs go without, and they could forge it anyway',
  },
  heartbeatEveryMs: {
    value: 25_000,
    because: 'intermediaries are known to cut silent connections after 30, 60 and 100 seconds; 25 is below them all',
  },
  heartbeatTimeoutMs: {
    value: 10_000,
    because:
      'a phone that changes networks answers within seconds; a dead peer is found 35 seconds after its last sign',
  },
  heartbeatServer: { value: false, because: 'the server is near, and its death closes its socket at once' },
  idleTimeoutWithHeartbeatMs: {
    value: null,
    because: 'silence is not a fault while heartbeats prove that the client is there',
  },
  idleTimeoutAloneMs: {
    value: 420_000,
    because:
      'without heartbeats only silence tells that a peer is gone; 7 minutes is longer than the 350 seconds after which the slowest common load balancer cuts',
  },
  lifetimeMs: { value: null, because: 'ending a healthy connection by age must be asked for' },
  handshakeTimeoutMs: {
    value: 10_000,
    because: 'far above a slow mobile handshake with TLS, and short enough that silent sockets do not pile up',
  },
  handshakeRate: {
    value: null,
    because: 'one address can be an office, a phone network or a proxy; the right rate depends on who the clients are',
  },
  authorizeTimeoutMs: {
    value: 3_000,
    because: 'an answer that takes longer is of no use to a waiting user; it leaves time inside the handshake timeout',
  },
  httpOrigins: {
    value: 'changes',
    because:
      'a page is opened from anywhere, and a foreign page must not change anything: browsers send Origin with that',
  },
  httpAuthorize: {
    value: true,
    because: 'a client that is refused the WebSocket must not get in by long-polling on the same route',
  },
  httpRate: { value: 'shared', because: 'a rate that polling can bypass limits nothing' },
  httpBodyTimeoutMs: {
    value: 10_000,
    because:
      'a slow phone begins to send within it; each KiB that comes earns a second more, so that uploads may take long',
  },
  httpAnswerTimeoutMs: {
    value: 120_000,
    because: 'SignalR holds a long poll for 110 seconds, and others for less',
  },
  routeConnections: { value: null, because: 'the edge-wide limit protects the machine; a share per route is a choice' },
  connectionsPerAddress: {
    value: null,
    because: 'behind a proxy that is not trusted every client has the same address, and would be refused',
  },
  messageBytesMax: {
    value: 1_048_576,
    because: 'chat, games and dashboards stay far below 1 MiB, and what is larger is a file or an attack',
  },
  messagesPerSecond: { value: null, because: 'what is normal differs by a factor of a thousand between applications' },
  bytesPerSecond: { value: null, because: 'backpressure already slows a client to what its server takes' },
  bufferBytesMax: {
    value: 1_048_576,
    because: 'a second of a fast feed fits, and a thousand slow readers stay below a gigabyte',
  },
  slowConsumerMs: {
    value: 60_000,
    because:
      'a kernel takes in steps of up to 1.3 MB (a third of what tcp_wmem allows), and a phone at 24 kB/s makes room for one in 55 seconds; nginx’s send_timeout is as long',
  },
  drainRate: {
    value: '100/s',
    because:
      'each closed client comes back with a handshake, and a small server answers a few hundred of those a second',
  },
  drainCode: { value: 1012, because: '1012 says that the service restarts, and clients take it as “come back”' },
  drainOrder: {
    value: 'oldest',
    because: 'the oldest connections have been served longest, and pages left open overnight go first',
  },
  drainReason: { value: 'please connect again', because: 'a person who reads it in a console should do just that' },
  drainBudgetPerSecond: {
    value: 200,
    because:
      'two routes may drain at their default rate at once, and a small server answers that many handshakes a second',
  },
  drainDeadlineMs: {
    value: 8_000,
    because:
      'Docker kills 10 seconds after SIGTERM, Kubernetes after 30; what is left gets 1001 within the 2 that remain',
  },
  onServerLoss: {
    value: 'close' as 'close' | 'move',
    because: 'only an application that was written for it survives a new server in the middle of a conversation',
  },
  replayBytesMax: {
    value: 16_384,
    because: 'a login and a subscription fit many times over, and ten thousand connections hold 160 MB at the most',
  },
  rebalance: {
    value: 'off' as 'auto' | 'off',
    because: 'it closes clients on routes that do not move them, so it must be asked for',
  },
  healthCheck: { value: 'http', because: 'a path that the application answers proves more than an open port' },
  healthPath: { value: '/', because: 'every HTTP server has one' },
  healthEveryMs: {
    value: 5_000,
    because: 'with three failures in a row a dead server is found within 15 seconds, at next to no cost',
  },
  healthTimeoutMs: { value: 2_000, because: 'a server on the same network that needs longer is in trouble' },
  healthFall: { value: 3, because: 'one lost packet, or one long garbage collection, must not take a server away' },
  healthRise: { value: 2, because: 'one good answer can come from a server that is about to fall again' },
  slowStartMs: {
    value: 10_000,
    because: 'a server that joins has the fewest connections, and would get every new client while its caches are cold',
  },
  instancesCpu: {
    value: null,
    because: 'busy processors only ask for another instance where the spec says what busy means',
  },
  hookMessages: {
    value: false,
    because: 'message mode puts messages together and decompresses them, which costs memory and time',
  },
  hookOnFailure: { value: 'refuse', because: 'a hook decides who may connect, and a broken lock must not open' },
  hookDeadlineMs: { value: 1_000, because: 'every handshake waits for it, and most hooks only look something up' },
  compression: {
    value: 'pass',
    because: 'it is between the client and the server, and the edge carries what they agree on as it comes',
  },
  strict: { value: true, because: 'whatever the two ends read differently is a way around both' },
  workers: { value: null, because: 'the plan takes one for each processor core' },
  edgeConnections: { value: null, because: 'the plan derives it from memory and file descriptors' },
  handshakesPerSecond: {
    value: null,
    because: 'the memory and descriptor watermarks already stop admission before the edge is in danger',
  },
  headBytesMax: {
    value: 16_384,
    because:
      'as much as node:http takes, and half of what nginx does; cookies of a busy domain need a few KiB, and a slow client holds it',
  },
  trustedProxies: {
    value: [],
    because: 'a client address in a header is only worth believing from a proxy that the spec names',
  },
} as const satisfies Record<string, Default<unknown>>;

/**
 * How many handshakes above its rate one address may make at once: two seconds' worth, because a page that is
 * reloaded, or has a few sockets, makes several at one moment; at least 5 for the same reason.
 */
export function defaultBurst(ratePerSecond: number | null): number {
  return Math.max(5, Math.ceil((ratePerSecond ?? 0) * 2));
}
