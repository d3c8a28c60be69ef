import { expect, test } from 'vitest';
import { serviceEnvironment, withoutServiceVariables } from '../../../src/control/service/environment.ts';

const nothing = { notifySocket: null, watchdogMs: null, sockets: [] };

test.each([
  ['nothing', {}, nothing],
  ['empty values', { NOTIFY_SOCKET: '', WATCHDOG_USEC: '', LISTEN_FDS: '', LISTEN_PID: '' }, nothing],
  ['a notify socket', { NOTIFY_SOCKET: '@/run/n' }, { ...nothing, notifySocket: '@/run/n' }],
  ['a watchdog', { WATCHDOG_USEC: '30000000' }, { ...nothing, watchdogMs: 30_000 }],
  ['a watchdog for this process', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, { ...nothing, watchdogMs: 30_000 }],
  ['a watchdog for another', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, nothing],
  ['a watchdog of 0', { WATCHDOG_USEC: '0' }, nothing],
  ['a watchdog that is none', { WATCHDOG_USEC: '-1' }, nothing],
  ['sockets for another process', { LISTEN_FDS: '1', LISTEN_PID: '8' }, nothing],
  ['sockets for nobody', { LISTEN_FDS: '1' }, nothing],
  [
    'sockets with too few names',
    { LISTEN_FDS: '2', LISTEN_PID: '7', LISTEN_FDNAMES: 'web' },
    {
      ...nothing,
      sockets: [
        { descriptor: 3, name: 'web' },
        { descriptor: 4, name: 'unknown' },
      ],
    },
  ],
])('%s', (_what, env, expected) => {
  expect(serviceEnvironment(env, 7)).toEqual(expected);
});

test('a number of sockets that no unit passes asks for no memory', () => {
  const { sockets } = serviceEnvironment({ LISTEN_FDS: '999999999999', LISTEN_PID: '7' }, 7);
  expect(sockets).toHaveLength(1024);
});

test('what the edge starts sees none of it', () => {
  const env = {
    NOTIFY_SOCKET: '/n',
    WATCHDOG_USEC: '1',
    WATCHDOG_PID: '1',
    LISTEN_FDS: '1',
    LISTEN_PID: '1',
    HOME: '/',
  };
  expect(withoutServiceVariables({ ...env, LISTEN_FDNAMES: 'a' })).toEqual({ HOME: '/' });
});
