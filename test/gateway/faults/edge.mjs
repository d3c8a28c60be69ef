// A gateway from dist/ in front of an echo server, in which what is asked for goes wrong. Says "port N", then "fault
// ENDS MESSAGE" for each.
import { systemClock } from '../../../dist/base/clock.js';
import { startGateway } from '../../../dist/gateway/gateway.js';

const plan = JSON.parse(process.env.PLAN);
const say = (line) => process.send(line);
const gateway = await startGateway({
  plan,
  idPrefix: 'f',
  handles: [null],
  certificates: [null],
  clock: systemClock,
  random: Math.random,
  sockets: process.env.TEST_SOCKETS === 'public' ? 'public' : 'direct',
  onEvent: (event) => {
    if (event.kind === 'fault') say(`fault ${event.ends} ${event.message}`);
    if (event.kind === 'closed' && event.record.path !== '/') say(`closed ${event.end.cause}`);
    if (event.kind === 'opened') sites[event.record.path]?.(event.record);
    if (event.kind === 'refused' && event.refusal.path.startsWith('/refused')) throw new Error('in a refusal');
    if (event.kind === 'server-unreachable') throw new Error('in the relay');
  },
});
process.on('uncaughtException', (error) => gateway.takeFault(error));

const fail = (message) => () => {
  throw new Error(message);
};
/** By path: what of the connection breaks. */
const sites = {
  '/opening': fail('while opening'),
  '/deadline': (connection) => {
    connection.onDue = fail('at a deadline');
  },
  '/bytes': (connection) => {
    connection.onTraffic = fail('at bytes');
  },
  '/nothing-known': () => setTimeout(fail('of nobody'), 10),
};

say(`port ${gateway.addresses[0].port}`);
process.on('disconnect', () => process.exit());
