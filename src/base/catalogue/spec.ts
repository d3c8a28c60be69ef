import type { CatalogueEntry } from './entry.ts';

export const specCodes = {
  'spec-invalid': {
    severity: 'error',
    means: 'the spec for starting an edge has errors',
    remedy: 'correct what the diagnostics in the error name',
  },
  'spec-unreadable-file': {
    severity: 'error',
    means: 'the spec file could not be read',
    remedy: 'check the path and the permissions',
  },
  'spec-yaml-syntax': {
    severity: 'error',
    means: 'the text is not YAML',
    remedy: 'correct the marked place; indentation and colons are the usual suspects',
  },
  'spec-yaml-ambiguous': {
    severity: 'error',
    means: 'the value means different things to different YAML readers',
    remedy: 'write the number in plain decimal, or put the text in quotes',
  },
  'spec-duplicate-key': {
    severity: 'error',
    means: 'a setting appears twice in the same block',
    remedy: 'keep one of the two',
  },
  'spec-too-large': {
    severity: 'error',
    means: 'the spec is larger, deeper or more self-referring than any real spec',
    remedy: 'shorten it; the message names the bound',
  },
  'spec-empty': {
    severity: 'error',
    means: 'the spec says nothing',
    remedy: 'name at least one upstream and one route; docs/spec.md begins with the smallest spec',
  },
  'spec-unknown-key': {
    severity: 'error',
    means: 'there is no setting with this name here',
    remedy: 'correct the name or the indentation; docs/spec.md lists every setting',
  },
  'spec-missing-key': {
    severity: 'error',
    means: 'a setting that has no default is missing',
    remedy: 'add it',
  },
  'spec-wrong-type': {
    severity: 'error',
    means: 'the setting has a value of the wrong kind',
    remedy: 'write the value in the form that the message names',
  },
  'spec-bad-value': {
    severity: 'error',
    means: 'the value is of the right kind but cannot be used',
    remedy: 'correct the value; the message says what is accepted',
  },
  'spec-message-unbounded': {
    severity: 'error',
    means: 'a route holds whole messages for its hooks, but has no limit on their size',
    remedy: 'give limits.message a size, or set hooks: { messages: off }, where messages pass without being held',
  },
  'spec-unsafe-name': {
    severity: 'error',
    means: 'a name has characters that could change the meaning of a file, log or header it is written into',
    remedy: 'use letters, digits, dots, dashes and underscores',
  },
  'spec-unknown-upstream': {
    severity: 'error',
    means: 'a route names an upstream that does not exist',
    remedy: 'correct the name, or add the upstream under upstreams',
  },
  'spec-unused-upstream': {
    severity: 'warning',
    means: 'no route leads to the upstream',
    remedy: 'add a route that names it, or remove it',
  },
  'spec-upstream-servers': {
    severity: 'error',
    means: 'an upstream needs either servers or a command, and not both',
    remedy: 'list servers that are already running, or give the command that starts one',
  },
  'spec-instances': {
    severity: 'error',
    means: 'the settings of the servers that Holdline starts contradict each other, or have no effect',
    remedy: 'change or remove the setting; docs/servers.md says which go together',
  },
  'spec-duplicate-server': {
    severity: 'warning',
    means: 'an upstream lists the same server twice',
    remedy: 'keep one and give it a weight',
  },
  'spec-server-loop': {
    severity: 'error',
    means: 'a server of an upstream is an address that the edge itself listens on',
    remedy: 'let the edge listen on another port, or name the port of the real server',
  },
  'spec-shadowed-route': {
    severity: 'warning',
    means: 'an earlier route matches exactly the same handshakes, so that this one never gets any',
    remedy: 'change the host or the path of one, or remove one',
  },
  'spec-duplicate-name': {
    severity: 'error',
    means: 'two routes have the same name, so that logs and metrics could not tell them apart',
    remedy: 'rename one',
  },
  'spec-duplicate-listen': {
    severity: 'error',
    means: 'two listeners want the same address and port',
    remedy: 'remove one or give it another port',
  },
  'spec-control-exposed': {
    severity: 'error',
    means: 'the control API would be reachable from other machines without a token',
    remedy: 'set control.token, or let it listen on 127.0.0.1',
  },
  'spec-origins-open': {
    severity: 'info',
    means: 'any web page may open connections on the route with its visitor’s cookies',
    remedy: 'list the origins of your own pages, or write origins: any if that is intended',
  },
  'spec-srv-unresolved': {
    severity: 'error',
    means: 'the spec asks for servers from SRV records but turns lookups off',
    remedy: 'remove resolve: off, or write the servers with their ports',
  },
  'spec-unix-untrusted': {
    severity: 'warning',
    means: 'clients of a Unix socket cannot be told apart, because no proxy on it is trusted',
    remedy: 'add "unix:" to trustedProxies when the proxy that connects to the socket sends X-Forwarded-For',
  },
  'spec-tls-missing': {
    severity: 'error',
    means: 'a setting is about certificates, but TLS is off or certificates are not checked',
    remedy: 'give the listener tls, or the servers https:// and verifyTls; or remove the setting',
  },
  'spec-path-change': {
    severity: 'error',
    means: 'the path changes of a route contradict each other, or do not fit the paths that it matches',
    remedy:
      'write strip with the beginning of match.path, prefix with the path that the server expects in front, or replace alone',
  },
  'spec-heartbeat-order': {
    severity: 'error',
    means: 'the wait for a pong is not shorter than the time between two pings',
    remedy: 'make heartbeat.timeout shorter than heartbeat.every',
  },
  'spec-heartbeat-idle': {
    severity: 'warning',
    means: 'the idle timeout ends a quiet connection before its first heartbeat',
    remedy: 'make heartbeat.every shorter than idleTimeout, or turn the heartbeat off',
  },
  'spec-hooks-missing': {
    severity: 'error',
    means: 'a route asks for hooks and the spec names no hooks module',
    remedy: 'set hooks at the top of the spec to the path of the module',
  },
  'spec-move-hooks': {
    severity: 'error',
    means: 'a route moves its clients to another server and delivers their messages to hooks, which cannot be combined',
    remedy: 'set hooks: { messages: off } for this route, or onServerLoss: close',
  },
  'spec-rebalance-hash': {
    severity: 'error',
    means: 'the upstream ties each client to one server by a key, and a rebalance would break that tie',
    remedy: 'remove rebalance, or choose another balance, such as least-connections',
  },
  'spec-replay-alone': {
    severity: 'error',
    means: 'a route with replay closes the clients of a lost server, so its replay would never be used',
    remedy: 'set onServerLoss: move, or remove replay',
  },
  'spec-proxy-protocol-untrusted': {
    severity: 'warning',
    means: 'a listener expects the PROXY protocol and no proxy is trusted to send it',
    remedy: 'list the addresses of the proxies in front under trustedProxies',
  },
  'spec-trusts-everyone': {
    severity: 'warning',
    means: 'every address is a trusted proxy, so that any client can claim any address',
    remedy: 'list only the addresses of the proxies in front',
  },
} as const satisfies Record<string, CatalogueEntry>;
