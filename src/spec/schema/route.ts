import { z } from 'zod';
import { isSendableCloseCode } from '../../base/close-code.ts';
import { type DrainRate, drainOrders, parseDrainRate } from '../../base/drain.ts';
import type { Parsed } from '../../base/units.ts';
import { parseHostPattern } from '../value/address.ts';
import { parseOriginPattern } from '../value/origin-pattern.ts';
import { parseHeaderName, parseLine, parseMatchPath, parseRouteName } from '../value/safe-text.ts';
import { parseAuthorizeUrl } from '../value/server-url.ts';
import { block, oneOrMore } from './block.ts';
import { byteRate, duration, integer, type Kind, leaf, oneOf, onOff, orOff, rate, size, text, word } from './leaf.ts';
import { headersSchema, pathSchema, subprotocolSchema } from './rewriting.ts';

const count = integer('a whole number', 1, 10_000_000);

const matchSchema = block({
  host: leaf(text('a host such as app.example.com or *.example.com', parseHostPattern))
    .optional()
    .describe('Host of the request; any when left out.'),
  path: leaf(text('a path such as /chat/', parseMatchPath))
    .optional()
    .describe('Beginning of the path, by whole segments.'),
});

const originList = oneOrMore(leaf(text('an origin such as https://app.example.com', parseOriginPattern))).refine(
  (list) => list.length > 0,
  'is empty, so that no page could connect; list origins, or write origins: any',
);
const allowSchema = z.union([leaf(word('any', null)), originList]);

const originsBlock = block({
  allow: allowSchema.describe('The list, or any.'),
  mode: leaf(oneOf(['enforce', 'report']))
    .optional()
    .describe('report lets everybody in and counts what enforce would refuse.'),
  missing: leaf(oneOf(['allow', 'deny']))
    .optional()
    .describe('Handshakes without an Origin header.'),
});

const originsSchema = z.union([
  leaf(word('any', null)).transform((allow): z.output<typeof originsBlock> => ({ allow })),
  originList.transform((allow): z.output<typeof originsBlock> => ({ allow })),
  originsBlock,
]);

const every = duration(100, '100ms');

const heartbeatBlock = block({
  every: leaf(every).optional().describe('Time between two pings.'),
  timeout: leaf(every).optional().describe('Longest wait for the pong.'),
  server: leaf(onOff).optional().describe('Ping the server as well as the client.'),
});

const heartbeatSchema = z.union([
  leaf(orOff(every)).transform((ms): z.output<typeof heartbeatBlock> | null => (ms === null ? null : { every: ms })),
  heartbeatBlock,
]);

const authorizeUrl = text('the URL of an authorizer such as http://127.0.0.1:9001/authorize', parseAuthorizeUrl);

const authorizeBlock = block({
  url: leaf(authorizeUrl).describe('Asked before every upgrade: 2xx lets the client in.'),
  timeout: leaf(duration(100, '100ms')).optional().describe('Longest wait for the answer.'),
  headers: oneOrMore(leaf(text('the name of a header', parseHeaderName)))
    .optional()
    .describe('Headers of the answer that go on to the server.'),
});

const authorizeSchema = z.union([
  leaf(authorizeUrl).transform((url): z.output<typeof authorizeBlock> => ({ url })),
  authorizeBlock,
]);

const handshakeSchema = block({
  timeout: leaf(duration(100, '100ms')).optional().describe('From the first byte of the request to the 101.'),
  rate: leaf(orOff(rate)).optional().describe('Handshakes of one client address.'),
  burst: leaf(integer('a whole number', 1, 100_000))
    .optional()
    .describe('Handshakes above the rate that one address may make at once.'),
  authorize: authorizeSchema.optional().describe('An HTTP service that is asked before the upgrade.'),
});

const httpBlock = block({
  origins: leaf(oneOf(['changes', 'all', 'off']))
    .optional()
    .describe(
      'Which requests the origins are asked about: those that change something, all that carry an Origin too, or none.',
    ),
  authorize: leaf(onOff).optional().describe('Ask the authorizer about plain requests, too.'),
  rate: leaf(orOff(rate)).optional().describe('Requests of one client address; the handshakes’ rate when left out.'),
  burst: leaf(integer('a whole number', 1, 100_000))
    .optional()
    .describe('Requests above the rate that one address may make at once.'),
  bodyTimeout: leaf(duration(1000, '1s'))
    .optional()
    .describe('Time for the body of a request; each KiB of it earns a second more.'),
  answerTimeout: leaf(duration(1000, '1s'))
    .optional()
    .describe('Longest wait for the head of an answer, and between two pieces of it.'),
});

const httpSchema = z.union([
  leaf({ ...onOff, expected: 'on or off' }).transform((on): z.output<typeof httpBlock> | null => (on ? {} : null)),
  httpBlock,
]);

const limitsSchema = block({
  connections: leaf(orOff(count)).optional().describe('Connections on this route.'),
  perIp: leaf(orOff(count)).optional().describe('Connections of one client address; IPv6 by /64.'),
  message: leaf(orOff(size(125)))
    .optional()
    .describe('Largest message, over all its fragments, as on the wire.'),
  messages: leaf(orOff(rate)).optional().describe('Messages of one client.'),
  bytes: leaf(orOff(byteRate)).optional().describe('Bytes of one client.'),
  buffer: leaf(size(4096)).optional().describe('Bytes that may wait for one slow reader.'),
  slowConsumer: leaf(duration(100, '100ms'))
    .optional()
    .describe('How long a reader that is behind by a full buffer may take next to nothing.'),
});

/** "Mandatory extension" is a client's to say (RFC 6455, 7.4.1). */
const ofClients = 1010;

const closeCode: Kind<number, number> = {
  expected: 'a close code such as 1012',
  json: { type: 'integer', minimum: 1000, maximum: 4999 },
  read: (value): Parsed<number> | null => {
    if (typeof value !== 'number') return null;
    return isSendableCloseCode(value) && value !== ofClients
      ? { ok: true, value }
      : {
          ok: false,
          problem: `${value} is not a close code that may be sent; 1001, 1012, 1013 and 4000 to 4999 are the usual ones`,
        };
  },
};

const drainRate: Kind<string, DrainRate> = {
  expected: 'a pace such as 100/s or 2%/s',
  json: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?%?r?/[smh]$' },
  read: (value) => {
    if (typeof value === 'number')
      return { ok: false, problem: `${value} does not say for how long; write ${value}/s or ${value}/m` };
    return typeof value === 'string' ? parseDrainRate(value) : null;
  },
};

/** RFC 6455, 5.5: a control frame carries 125 bytes, two of them the code. */
const reasonBytesMax = 123;

const closeReason = text('a short text', (written): Parsed<string> => {
  const line = parseLine(written);
  if (line.ok && new TextEncoder().encode(line.value).length > reasonBytesMax)
    return { ok: false, problem: `is longer than ${reasonBytesMax} bytes, which is what fits into a close frame` };
  return line;
});

const drainBlock = block({
  rate: leaf(drainRate).optional().describe('Connections that are closed at most, or a share of them.'),
  order: leaf(oneOf(drainOrders)).optional().describe('Whose turn it is.'),
  code: leaf(closeCode).optional().describe('Close code that they get.'),
  reason: leaf(closeReason).optional().describe('Reason that goes with it.'),
});

const drainSchema = z.union([
  leaf(drainRate).transform((perSecond): z.output<typeof drainBlock> => ({ rate: perSecond })),
  drainBlock,
]);

const hooksBlock = block({
  messages: leaf(onOff).optional().describe('Deliver whole messages to onMessage.'),
  onFailure: leaf(oneOf(['refuse', 'pass']))
    .optional()
    .describe('What a hook that fails means.'),
  deadline: leaf(duration(1, '1ms')).optional().describe('Longest run of a hook.'),
});

const routeHooksSchema = z.union([
  leaf({ ...onOff, expected: 'on or off' }).transform((on): z.output<typeof hooksBlock> | null => (on ? {} : null)),
  hooksBlock,
]);

/** `/connection_ack/` as in JavaScript, without flags; the slashes may be left out. */
function parsePattern(written: string): Parsed<string> {
  const source = /^\/(.+)\/$/s.exec(written)?.[1] ?? written;
  if (source === '') return { ok: false, problem: 'is empty, and would match everything' };
  try {
    new RegExp(source);
    return { ok: true, value: source };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
}

const replayCount = integer('a whole number', 1, 100);
const replayBlock = block({
  messages: leaf(replayCount).optional().describe('So many first messages of the client.'),
  until: leaf(text('a regular expression such as /connection_ack/', parsePattern))
    .optional()
    .describe('All messages of the client until one of the server matches.'),
  max: leaf(size(125)).optional().describe('Bytes of them that are kept for each connection.'),
}).refine(
  ({ messages, until }) => (messages === undefined) !== (until === undefined),
  'needs either messages or until, to say which messages are sent again',
);

const replaySchema = z.union([
  leaf(replayCount).transform((messages): z.output<typeof replayBlock> => ({ messages })),
  replayBlock,
]);

export const routeSchema = block({
  name: leaf({ ...text('a name', parseRouteName), code: 'spec-unsafe-name' })
    .optional()
    .describe('What logs and metrics call the route.'),
  match: matchSchema.optional().describe('Which handshakes it takes.'),
  upstream: leaf(text('the name of an upstream', parseLine)).describe('Name of the upstream it leads to.'),
  path: pathSchema.optional().describe('What the server is asked for.'),
  headers: headersSchema.optional().describe('Headers that are set, added or removed.'),
  subprotocol: subprotocolSchema.optional().describe('Subprotocols that the server is offered or spared.'),
  origins: originsSchema.optional().describe('Which pages may connect.'),
  heartbeat: heartbeatSchema.optional().describe('Pings from the edge.'),
  idleTimeout: leaf(orOff(duration(100, '100ms')))
    .optional()
    .describe('Longest time without a data frame in either direction.'),
  lifetime: leaf(orOff(duration(1000, '1s')))
    .optional()
    .describe('Longest age of a connection.'),
  handshake: handshakeSchema.optional().describe('Bounds of the handshake.'),
  http: httpSchema.optional().describe('Plain HTTP on the route: off, or how the policy applies to it.'),
  limits: limitsSchema.optional().describe('Bounds of connections and their volume.'),
  drain: drainSchema.optional().describe('How connections are closed when they must be.'),
  compression: leaf(oneOf(['pass', 'off', 'unless-broken']))
    .optional()
    .describe('What becomes of a client’s offer to compress.'),
  strict: leaf(onOff).optional().describe('false lets a few faults of old clients and servers pass.'),
  hooks: routeHooksSchema.optional().describe('How the hooks module takes part in this route.'),
  onServerLoss: leaf(oneOf(['close', 'move']))
    .optional()
    .describe('What happens to a client whose server goes away.'),
  replay: replaySchema.optional().describe('First messages of a client that another server gets, too.'),
});

export type WrittenRoute = z.output<typeof routeSchema>;
