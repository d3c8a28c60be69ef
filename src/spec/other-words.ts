/** Where to find here what other programs call otherwise; undefined for words that nobody uses for any of it. */
export function inOurWords(key: string): string | undefined {
  const plain = key.toLowerCase().replace(/[-_]/g, '');
  return Object.hasOwn(words, plain) ? words[plain] : undefined;
}

/**
 * In lower case without dashes and underscores. These are too far from our own names for "did you mean" to find them.
 */
const words: Readonly<Record<string, string>> = {
  backend: 'servers stand under upstreams',
  backends: 'servers stand under upstreams',
  bind: 'it is called listen',
  port: 'the port is part of listen, as in listen: 8080',
  certificate: 'it is called tls.cert, of an entry under listen',
  ssl: 'it is called tls, of an entry under listen',
  target: 'it is called upstream, and names an entry under upstreams',
  proxypass: 'it is called upstream, and names an entry under upstreams',
  host: 'it stands under match, in a route',
  path: 'it stands under match, in a route',
  ping: 'it is called heartbeat',
  pinginterval: 'it is called heartbeat.every',
  pingtimeout: 'it is called heartbeat.timeout',
  interval: 'it is called every',
  keepalive: 'it is called heartbeat',
  proxyreadtimeout: 'it is called idleTimeout, of a route',
  proxysendtimeout: 'it is called limits.slowConsumer, of a route',
  proxyconnecttimeout: 'it is called handshake.timeout, of a route',
  readtimeout: 'it is called idleTimeout, of a route',
  maxpayload: 'it is called limits.message, of a route',
  maxmessagesize: 'it is called limits.message, of a route',
  maxconnections: 'it is called limits.connections',
  workerconnections: 'it is called limits.connections, and the plan derives it when it is left out',
  workerprocesses: 'it is called workers',
  allowedorigins: 'it is called origins, of a route',
  cors: 'it is called origins, of a route',
  perip: 'it stands under limits, in a route',
  authorize: 'it stands under handshake, in a route',
  timeout: 'there are heartbeat.timeout, handshake.timeout and idleTimeout',
  setrealipfrom: 'it is called trustedProxies, at the top of the spec',
  leastconn: 'it is called balance: least-connections',
  iphash: 'it is called balance: { hash: ip }',
};
