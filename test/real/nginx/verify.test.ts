/** `holdline verify`: it passes what is right, and each check fails on a configuration that is wrong in its way. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { findNginx } from '../../../src/host/nginx-binary.ts';
import { verifyChecks } from '../../../src/nginx/run/verify/checks.ts';
import { runVerifyChecks } from '../../../src/nginx/run/verify/run-checks.ts';
import { prepareTrial } from '../../../src/nginx/run/verify/trial.ts';
import { capture } from '../../cli/capture.ts';
import { prepare } from '../../nginx/generate/sites.ts';

const binary = findNginx(process.env.PATH ?? '')!;

test('a spec with TLS, origins, limits and an authorizer', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'holdline-verify-'));
  const file = path.join(directory, 'holdline.yaml');
  writeFileSync(
    file,
    `listen:
  - { address: "0.0.0.0:8443", tls: { cert: missing.pem, key: missing.pem } }
  - 0.0.0.0:8080
upstreams: { app: { servers: ["http://10.0.0.1:9000", "http://10.0.0.2:9000"] } }
routes:
  - match: { host: app.example.com, path: /chat/ }
    upstream: app
    origins: ["https://app.example.com", "https://*.example.org"]
    handshake: { rate: 50/s, authorize: "http://10.0.0.3:9/may" }
    limits: { perIp: 8 }
workload: { connections: 500 }
`,
  );
  const { code, out, err } = await capture(['verify', file, '--json'], { env: { PATH: process.env.PATH } });
  await rm(directory, { recursive: true });
  expect(err).toBe('');
  const { checks, changes } = JSON.parse(out) as {
    checks: { name: string; outcome: string; saw: string }[];
    changes: string[];
  };
  expect(checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  expect(code).toBe(0);
  expect(changes).toContainEqual('proxy_read_timeout is divided by 30: 90s becomes 3s');
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'a WebSocket is let in: wss, app.example.com/chat/',
      'Origin https://app.example.com.evil.example gets 403: app.example.com/chat/',
      'connection 9 from one address gets 429: app.example.com/chat/',
      'an idle connection is cut after 3.0 s and not before',
    ]),
  );
});

describe('a check fails where', () => {
  const mutations: readonly (readonly [
    what: string,
    from: RegExp,
    to: string,
    fails: RegExp,
    check: keyof typeof verifyChecks,
  ])[] = [
    ['Connection is missing', /proxy_set_header Connection .*;/, '', /is let in/, 'upgrades'],
    [
      'every origin is listed',
      /default refused;/,
      'default listed;',
      /Origin https:\/\/evil\.example gets 403/,
      'origins',
    ],
    [
      'the pattern is not anchored',
      /https:\/\/app\.example\.com listed/,
      '~https://app.example.com listed',
      /com\.evil\.example gets 403/,
      'origins',
    ],
    ['any protocol is upgraded', /websocket websocket;/, '~. $http_upgrade;', /Upgrade: h2c/, 'otherProtocols'],
    [
      'close stands for plain requests',
      /default "";\n(\s+)websocket upgrade;/,
      'default close;\n$1websocket upgrade;',
      /plain HTTP/,
      'plainRequests',
    ],
    ['the timeout is shorter', /proxy_read_timeout 3s;/, 'proxy_read_timeout 1s;', /is cut after 3\.0 s/, 'idleCut'],
    ['the timeout is longer', /proxy_read_timeout 3s;/, 'proxy_read_timeout 1h;', /is cut after 3\.0 s/, 'idleCut'],
    [
      'descriptors are fewer',
      /worker_rlimit_nofile \d+;/,
      'worker_rlimit_nofile 128;',
      /descriptors in force/,
      'numbersInForce',
    ],
    ['a worker is missing', /worker_processes \d+;/, 'worker_processes 1;', /as many workers/, 'numbersInForce'],
    ['a directive is wrong', /worker_processes \d+;/, 'worker_process 1;', /nginx -t/, 'upgrades'],
  ];
  test.each(mutations)('%s', async (_, from, to, fails, check) => {
    const { plan, site } = prepare('origins', binary.version);
    const trial = await prepareTrial(plan, { ...site, routes: site.routes.slice(0, 1) }, binary);
    try {
      expect(trial.text).toMatch(from);
      const text = trial.text.replace(from, to);
      const results = await runVerifyChecks(
        {
          ...trial,
          text: text.includes('~. $http_upgrade') ? text.replace('websocket upgrade;', '~. upgrade;') : text,
        },
        binary,
        [verifyChecks[check]],
      );
      const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
      expect(
        failed.some((name) => fails.test(name)),
        failed.join('\n'),
      ).toBe(true);
    } finally {
      await trial.close();
    }
  });
});

test('without an nginx there is nothing to try', () => {
  expect(findNginx('', [])).toBeNull();
  expect(findNginx('relative:.:', [])).toBeNull();
});
