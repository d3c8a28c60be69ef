import { z } from 'zod';
import { parseBlock } from '../value/ip.ts';
import { parseLine, parseToken } from '../value/safe-text.ts';
import { block, oneOrMore } from './block.ts';
import { duration, integer, leaf, oneOf, orOff, rate, size, text, word } from './leaf.ts';
import { listenSchema } from './listen.ts';
import { routeSchema } from './route.ts';
import { listenable, socketSettings, socketSettingsAlone, socketSettingsFit } from './socket.ts';
import { upstreamSchema } from './upstream.ts';

const count = integer('a whole number', 1, 10_000_000);

const cidr = text('an address block such as 10.0.0.0/8', (written) => {
  const read = parseBlock(written);
  return read.ok ? { ok: true, value: written.trim().toLowerCase() } : read;
});

/** A port alone means loopback here, unlike under `listen`: the control API is not for other machines. */
const controlAddress = listenable('127.0.0.1', '127.0.0.1:4653');

const controlBlock = block({
  address: leaf(controlAddress).optional().describe('Where the control API listens.'),
  ...socketSettings,
  token: leaf(text('a token', parseToken)).optional().describe('Bearer token that every request must carry.'),
}).refine(socketSettingsFit, socketSettingsAlone);

const controlSchema = z.union([
  leaf(controlAddress).transform((address): z.output<typeof controlBlock> => ({ address })),
  controlBlock,
]);

/** The whole file as it is written. `z.input` is what defineConfig takes, `z.output` what fill.ts completes. */
export const specSchema = block({
  engine: leaf(oneOf(['gateway', 'nginx']))
    .optional()
    .describe('What carries the connections.'),
  listen: oneOrMore(listenSchema)
    // Every worker opens every listener.
    .refine((list) => list.length > 0 && list.length <= 64, 'needs 1 to 64 addresses')
    .optional()
    .describe('Where clients connect.'),
  trustedProxies: oneOrMore(leaf(cidr))
    .optional()
    .describe('Address blocks of proxies whose client addresses are believed.'),
  upstreams: z.record(z.string(), upstreamSchema).describe('Groups of servers, by name.'),
  routes: oneOrMore(routeSchema)
    .refine((routes) => routes.length > 0, 'is empty, so nobody could connect')
    .describe('Which handshakes go where, under which policy.'),
  workers: z
    .union([leaf(word('auto', null)), leaf(integer('a whole number', 1, 256))])
    .optional()
    .describe('Worker processes.'),
  limits: block({
    connections: leaf(orOff(count)).optional().describe('Connections of the whole edge.'),
    handshakes: leaf(orOff(rate)).optional().describe('Handshakes of all clients together.'),
    head: leaf(size(1024, 65_536)).optional().describe('Largest head of a request, its cookies included.'),
  })
    .optional()
    .describe('Bounds of the whole edge.'),
  drain: block({
    budget: leaf(rate).optional().describe('Connections that the edge closes at most, over all drains.'),
    deadline: leaf(duration(0, '0s')).optional().describe('How long the edge drains before it ends.'),
  })
    .optional()
    .describe('Drains of the whole edge, and its end.'),
  hooks: leaf(text('the path of a module', parseLine))
    .optional()
    .describe('Path of the hooks module, relative to the spec file.'),
  workload: block({
    connections: leaf(count).optional().describe('Connections to plan for.'),
    messageRate: leaf(rate).optional().describe('Messages of one connection.'),
    messageSize: leaf(size(0)).optional().describe('Usual size of a message.'),
  })
    .optional()
    .describe('What the plan is made for.'),
  host: block({
    cores: leaf(integer('a whole number', 1, 1024))
      .optional()
      .describe('Processor cores.'),
    memory: leaf(size(16_777_216)).optional().describe('Memory.'),
  })
    .optional()
    .describe('The machine to plan for; this one when left out.'),
  lint: block({
    target: leaf(text('a version of nginx', parseLine)).optional().describe('The nginx to lint for.'),
    heartbeat: leaf(text('a time', parseLine)).optional().describe('How often the application pings.'),
    rules: z
      .record(z.string(), leaf(text('off, on, error, warning or note', parseLine)))
      .optional()
      .describe('Rules by id: off, on, error, warning or note.'),
    roots: z
      .record(z.string(), leaf(text('a directory', parseLine)))
      .optional()
      .describe('Where directories that includes name are here.'),
    ruleFiles: oneOrMore(leaf(text('the path of a module', parseLine)))
      .optional()
      .describe('Modules with rules of your own.'),
    failOn: leaf(oneOf(['error', 'warning', 'note']))
      .optional()
      .describe('From what on lint ends with 1.'),
  })
    .optional()
    .describe('What `holdline lint --spec` goes by, as in .holdlinerc.yaml.'),
  control: controlSchema.optional().describe('The control API.'),
});

/** What a spec looks like as an object: for defineConfig. */
export type SpecInput = z.input<typeof specSchema>;
export type WrittenSpec = z.output<typeof specSchema>;
