/** The edge tries what leans on Node's inside in a process of its own, and says in one line when it cannot be used. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { noticeText } from '../../../src/cli/terminal/notices.ts';
import type { EdgeEvent } from '../../../src/control/log/notices.ts';
import { chooseSockets } from '../../../src/control/workers/sockets.ts';

const directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-sockets-'));

async function choose(check: string) {
  const entry = path.join(directory, `${check.length}.mjs`);
  writeFileSync(entry, check);
  const said: EdgeEvent[] = [];
  const way = await chooseSockets((event) => said.push(event), entry);
  return { way, said: said.map(noticeText) };
}

const line = (problem: string, whatFor = '') =>
  `sockets  Node ${process.version} cannot be used directly${whatFor} (${problem}); its streams are used, which carry fewer messages`;
const tlsWorks = 'process.send({ of: "tls", problem: null });';
const plainWorks = 'process.send({ of: "plain", problem: null }';

describe('the sockets of the workers', () => {
  test.each([
    [
      'what the check finds',
      `process.send({ of: "plain", problem: "bytes came out of order" }); ${tlsWorks}`,
      'bytes came out of order',
    ],
    ['an assertion of Node', 'process.abort()', 'the check ended with SIGABRT'],
    ['a module that cannot be loaded', 'import "./nowhere.mjs"', 'the check ended with exit code 1'],
    ['silence', '0', 'the check ended with exit code 0'],
  ])('%s leads to streams, and is said once', async (_name, check, problem) => {
    expect(await choose(check)).toEqual({ way: 'public', said: [line(problem)] });
  });

  test.each([
    ['what it finds', `${plainWorks}); process.send({ of: "tls", problem: "a reset is lost" })`, 'a reset is lost'],
    ['an assertion of Node', `${plainWorks}, () => process.abort())`, 'the check ended with SIGABRT'],
  ])('only those of TLS are streams where the check finds fault with TLS alone: %s', async (_name, check, problem) => {
    expect(await choose(check)).toEqual({ way: 'direct-plain', said: [line(problem, ' for TLS')] });
  });

  test('are used directly where that works', async () => {
    const said: EdgeEvent[] = [];
    expect(await chooseSockets((event) => said.push(event))).toBe('direct');
    expect(said).toEqual([]);
  });
});
