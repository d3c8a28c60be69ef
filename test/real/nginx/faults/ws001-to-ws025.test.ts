/**
 * The faults that the rules speak of, seen with a real nginx: the rule's bad example shows the fault, and the same file
 * after its fix does not. Where no fix is safe to make, the good example stands in for it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { exampleConfiguration } from '../../../../src/nginx/lint/example.ts';
import type { LintOptions } from '../../../../src/nginx/lint/rule.ts';
import { ruleNamed } from '../../../../src/nginx/lint/rules.ts';
import { fixText, lintText } from '../../../nginx/lint/linting.ts';
import { startNginx } from '../../support/nginx.ts';
import { exchange, plainHeaders, startTestServer, type TestServer, webSocketHeaders } from '../../support/upgrade.ts';

interface Seen {
  readonly port: number;
  readonly server: TestServer;
}

interface Fault {
  /** How the bad configuration behaves, in a word, and how the mended one does. */
  readonly bad: string;
  readonly mended: string;
  readonly look: (seen: Seen) => Promise<string>;
  /** Changes to the example, for what would otherwise take hours to show. */
  readonly change?: (text: string) => string;
  readonly options?: LintOptions;
  readonly fix?: 'all' | 'good';
  /** Which handshakes the backend accepts. */
  readonly upgrades?: (head: string) => boolean;
}

/** The status of the answer to a handshake. */
const status =
  (path: string, headers: Readonly<Record<string, string>> = {}) =>
  async ({ port }: Seen): Promise<string> => {
    const answer = await exchange(port, path, { ...webSocketHeaders, ...headers });
    answer.socket.destroy();
    return String(answer.status);
  };

/** The lines of the head that reaches the backend whose name is this, one after another. */
const arrives =
  (path: string, name: string, headers: Readonly<Record<string, string>> = webSocketHeaders) =>
  async ({ port, server }: Seen): Promise<string> => {
    const answer = await exchange(port, path, headers);
    answer.socket.destroy();
    const lines = server.requests
      .at(-1)!
      .split('\r\n')
      .filter((line) => line.toLowerCase().startsWith(`${name}:`));
    return lines.join(', ');
  };

/** Whether an upgraded connection on which nothing passes is still there after so long. */
const idle =
  (path: string, ms: number) =>
  async ({ port }: Seen): Promise<string> => {
    const connection = await exchange(port, path);
    if (connection.status !== 101) return `answered ${connection.status}`;
    const ended = await Promise.race([connection.closed.then(() => true), delay(ms, false)]);
    connection.socket.destroy();
    return ended ? 'cut' : 'open';
  };

/** A backend that refuses what is not HTTP/1.1, as RFC 6455 has it. */
const strict = (head: string) => head.split('\r\n')[0]!.endsWith('HTTP/1.1') && /^connection:.*upgrade\r$/im.test(head);
/** A backend that admits the pages of one site. */
const checksOrigin = (head: string) => /^origin: https?:\/\/(?:app\.example\.com|backend)\r$/im.test(head);

const evil = { Origin: 'https://evil.example' };

const faults: Readonly<Record<string, Fault>> = {
  ws001: { look: status('/ws'), bad: '200', mended: '101' },
  ws002: { look: status('/ws'), bad: '200', mended: '101' },
  ws003: { look: status('/ws'), bad: '200', mended: '101' },
  ws004: { look: status('/app/ws'), bad: '200', mended: '101' },
  ws005: { look: status('/ws'), upgrades: strict, bad: '200', mended: '101' },
  ws008: {
    change: (text) => text.replace('proxy_read_timeout 20s', 'proxy_read_timeout 1s'),
    options: { heartbeatMs: 2000 },
    look: idle('/ws', 2000),
    bad: 'cut',
    mended: 'open',
  },
  ws009: {
    change: (text) => text.replace('proxy_read_timeout 2m', 'proxy_read_timeout 1s'),
    fix: 'good',
    look: idle('/', 2000),
    bad: 'cut',
    mended: 'open',
  },
  ws010: { look: status('/ws'), bad: '504', mended: '101' },
  ws013: {
    look: arrives('/', 'connection', plainHeaders),
    bad: 'Connection: upgrade',
    mended: '',
  },
  ws014: {
    look: async ({ port, server }) => {
      const before = server.accepted();
      for (let count = 0; count < 5; count++) (await exchange(port, '/', plainHeaders)).socket.destroy();
      return `${server.accepted() - before} connections`;
    },
    bad: '5 connections',
    mended: '1 connections',
  },
  ws015: { look: status('/ws'), bad: 'unknown "connection_upgrade" variable', mended: '101' },
  ws016: { look: status('/ws'), bad: '200', mended: '101' },
  ws017: {
    look: arrives('/ws', 'connection', { ...webSocketHeaders, Connection: 'Upgrade, X-Real-IP' }),
    bad: 'Connection: Upgrade, X-Real-IP',
    mended: 'Connection: upgrade',
  },
  ws018: {
    look: arrives('/ws', 'connection'),
    bad: 'Connection: upgrade, Connection: close',
    mended: 'Connection: upgrade',
  },
  ws020: { look: arrives('/ws', 'host'), bad: 'Host: backend', mended: 'Host: app.example.com' },
  ws021: {
    look: arrives('/ws', 'host', { ...webSocketHeaders, Host: 'app.example.com:8443' }),
    bad: 'Host: app.example.com',
    mended: 'Host: app.example.com:8443',
  },
  ws022: { look: status('/ws', evil), upgrades: checksOrigin, fix: 'all', bad: '101', mended: '200' },
  ws023: { look: status('/ws', evil), fix: 'good', bad: '101', mended: '403' },
  ws024: { look: status('/ws'), bad: '301', mended: '101' },
  ws025: { look: status('/ws/'), fix: 'good', bad: '301', mended: '101' },
};

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

describe.each(Object.entries(faults))('%s', (number, fault) => {
  const rule = ruleNamed(number)!;
  const options = { ...rule.exampleOptions, ...fault.options, ...(rule.optIn === true && { optIn: [rule.id] }) };
  const bad = (fault.change ?? ((text) => text))(exampleConfiguration(rule, 'bad'));

  test('its fault shows in nginx', async () => {
    expect(lintText(bad, options).map(({ code }) => code)).toContain(rule.id);
    expect(await seen(bad, fault)).toBe(fault.bad);
  });

  test('it is gone from the mended file', async () => {
    const mended = fault.fix === 'good' ? exampleConfiguration(rule, 'good') : fixText(bad, options, fault.fix);
    expect(lintText(mended, options).map(({ code }) => code)).not.toContain(rule.id);
    expect(await seen(mended, fault)).toBe(fault.mended);
  });
});

test('ws007: the default of 60 s cuts a quiet connection, and the mended file beside it keeps one', async () => {
  const bad = exampleConfiguration(ruleNamed('ws007')!, 'bad');
  const [cut, kept] = await Promise.all(
    [bad, fixText(bad)].map(async (text) => {
      const port = await seen(text, { bad: '', mended: '', look: async (here) => String(here.port) });
      return exchange(Number(port), '/ws');
    }),
  );
  expect([cut!.status, kept!.status]).toEqual([101, 101]);
  await cut!.closed;
  expect(kept!.isOpen()).toBe(true);
  kept!.socket.destroy();
});

/** Starts nginx with the file, its addresses put in the place of the example's, and looks. */
async function seen(text: string, { look, upgrades }: Fault): Promise<string> {
  const server = await startTestServer(upgrades === undefined ? {} : { upgrades });
  open.push(server);
  const conf = (ports: readonly number[]) => {
    let next = 0;
    return text
      .replace(/listen \d+;/g, () => `listen 127.0.0.1:${ports[next++]};`)
      .replaceAll('127.0.0.1:9000', `127.0.0.1:${server.port}`);
  };
  try {
    const nginx = await startNginx({ ports: 2, conf });
    open.push(nginx);
    return await look({ port: nginx.ports[0]!, server });
  } catch (error) {
    const refusal = /unknown "\w+" variable/.exec(String(error));
    if (refusal === null) throw error;
    return refusal[0];
  }
}
