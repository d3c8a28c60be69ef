import { z } from 'zod';
import { defaults } from '../defaults.ts';
import type { BalanceSpec, HashKeySpec, StickyCookieSpec } from '../model/upstream.ts';
import { parseHeaderName, parseLine, parseMatchPath, parseParameterName, parseToken } from '../value/safe-text.ts';
import { parseServerUrl } from '../value/server-url.ts';
import { block, oneOrMore } from './block.ts';
import { duration, integer, type Kind, leaf, oneOf, onOff, orOff, text, word } from './leaf.ts';

const serverUrl = text('the URL of a server such as http://10.0.0.1:9000', parseServerUrl);

const serverBlock = block({
  url: leaf(serverUrl).describe('http or https, host and port; no path.'),
  weight: leaf(integer('a whole number', 1, 1000))
    .optional()
    .describe('Share of the connections, relative to the others.'),
  connections: leaf(integer('a whole number', 1, 10_000_000))
    .optional()
    .describe('Most connections at once.'),
});

const serverSchema = z.union([
  leaf(serverUrl).transform((url): z.output<typeof serverBlock> => ({ url })),
  serverBlock,
]);

const hashKeySchema = z.union([
  leaf(word('ip', { by: 'ip' } as const)),
  block({
    header: leaf(text('the name of a header', parseHeaderName)).optional().describe('A request header.'),
    cookie: leaf(text('the name of a cookie', parseParameterName)).optional().describe('A cookie.'),
    query: leaf(text('the name of a query argument', parseParameterName)).optional().describe('A query argument.'),
  }).transform((key, context): HashKeySpec => {
    const named = (['header', 'cookie', 'query'] as const).filter((by) => key[by] !== undefined);
    const by = named[0];
    if (by !== undefined && named.length === 1) return { by, name: key[by]! };
    context.addIssue({ code: 'custom', message: 'must name exactly one of header, cookie and query' });
    return z.NEVER;
  }),
]);

const stickyBlock = block({
  name: leaf(text('the name of a cookie', parseParameterName)).optional().describe('Name of the cookie.'),
  lifetime: leaf(orOff(duration(1000, '1s')))
    .optional()
    .describe('How long a browser keeps it; off: until it is closed.'),
  secret: leaf(text('a secret of 16 characters or more', parseToken))
    .optional()
    .describe('Keeps the cookies good over a restart of the edge, and over several edges.'),
}).transform(
  ({ name, lifetime, secret }): StickyCookieSpec => ({
    name: name ?? defaults.stickyCookieName.value,
    lifetimeMs: lifetime === undefined ? defaults.stickyCookieLifetimeMs.value : lifetime,
    secret: secret ?? null,
  }),
);

const plainSticky: StickyCookieSpec = {
  name: defaults.stickyCookieName.value,
  lifetimeMs: defaults.stickyCookieLifetimeMs.value,
  secret: null,
};

const balanceSchema = z.union([
  leaf(oneOf(['least-connections', 'round-robin', 'random-two', 'sticky-cookie'])).transform(
    (kind): BalanceSpec => (kind === 'sticky-cookie' ? { kind, cookie: plainSticky } : { kind }),
  ),
  block({
    'sticky-cookie': stickyBlock.describe('The cookie that leads a client back to its server.'),
  }).transform((written): BalanceSpec => ({ kind: 'sticky-cookie', cookie: written['sticky-cookie'] })),
  block({
    hash: hashKeySchema.describe('What the same server is chosen by: ip, or a header, cookie or query argument.'),
  }).transform(({ hash }): BalanceSpec => ({ kind: 'hash', key: hash })),
]);

const checkPath = text('a path such as /healthz', parseMatchPath);

const instanceCount = integer('a whole number', 1, 256);

/** A percentage, because a bare 0.8 could be taken for processors. */
const cpuShare: Kind<string, number> = {
  expected: 'a share of one processor such as 80%',
  json: { type: 'string', pattern: '^[0-9]+%$' },
  read: (value) => {
    if (typeof value !== 'string') return null;
    const percent = Number(/^(\d{1,3})%$/.exec(value)?.[1] ?? Number.NaN);
    return percent >= 10 && percent <= 100
      ? { ok: true, value: percent / 100 }
      : { ok: false, problem: `"${value}" is not a share from 10% to 100%; write it as 80%` };
  },
};

const instancesBlock = block({
  min: leaf(instanceCount).optional().describe('Instances that always run.'),
  max: leaf(instanceCount).optional().describe('Most instances, when the number follows the load.'),
  connectionsEach: leaf(integer('a whole number', 1, 10_000_000))
    .optional()
    .describe('Connections that one instance is meant to hold.'),
  cpu: leaf(cpuShare).optional().describe('Share of one processor above which another instance is started.'),
  delay: leaf(duration(1, '1ms'))
    .optional()
    .describe('Delay of an event loop above which another instance is started; load says where it is told.'),
  load: leaf(checkPath).optional().describe('Path where an instance tells its load, as JSON: cpu, eventLoopDelayMs.'),
});

const instancesSchema = z.union([
  leaf(instanceCount).transform((count): z.output<typeof instancesBlock> => ({ min: count })),
  instancesBlock,
]);

const healthBlock = block({
  check: leaf(oneOf(['http', 'websocket', 'tcp']))
    .optional()
    .describe('How a server is asked: a GET, a WebSocket handshake, or a connection alone.'),
  path: leaf(checkPath).optional().describe('Path that is asked for.'),
  every: leaf(duration(100, '100ms')).optional().describe('Time between two checks, give or take a tenth.'),
  timeout: leaf(duration(100, '100ms')).optional().describe('Longest wait for an answer.'),
  fall: leaf(integer('a whole number', 1, 100))
    .optional()
    .describe('Failures in a row that take a server out.'),
  rise: leaf(integer('a whole number', 1, 100))
    .optional()
    .describe('Successes in a row that bring it back.'),
});

const healthSchema = z.union([
  leaf(word('off', null)),
  leaf(checkPath).transform((path): z.output<typeof healthBlock> => ({ path })),
  healthBlock,
]);

export const upstreamSchema = block({
  servers: oneOrMore(serverSchema).optional().describe('The servers, as URLs or blocks.'),
  command: leaf(text('a command', parseLine))
    .optional()
    .describe('Command that starts one server; it gets a PORT to listen on.'),
  directory: leaf(text('the path of a directory', parseLine))
    .optional()
    .describe('Where the command runs; relative to the spec file.'),
  instances: instancesSchema.optional().describe('How many servers the command is started as.'),
  balance: balanceSchema.optional().describe('How a server is chosen for a new connection.'),
  restartOn: oneOrMore(leaf(text('the path of a file', parseLine)))
    .optional()
    .describe('Files whose change restarts the instances one after the other; relative to directory.'),
  health: healthSchema.optional().describe('Active health checks: a path, a block, or off.'),
  slowStart: leaf(orOff(duration(100, '100ms')))
    .optional()
    .describe('How long a server that joins or returns takes to get its full share.'),
  rebalance: leaf(oneOf(['auto', 'off']))
    .optional()
    .describe('What happens when a server holds more than its share for long.'),
  ca: leaf(text('the path of a PEM file', parseLine))
    .optional()
    .describe('For https servers: the authorities to trust in place of the public ones, PEM.'),
  resolve: leaf(orOff(duration(100, '100ms')))
    .optional()
    .describe('How often the names of servers are looked up.'),
  verifyTls: leaf(onOff).optional().describe('For https servers: false accepts any certificate.'),
});

export type WrittenUpstream = z.output<typeof upstreamSchema>;
