/** Generated configurations and a real nginx: it accepts every one, and what it then does is what the spec says. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatVersion } from '../../../src/base/nginx-version.ts';
import { generate } from '../../../src/nginx/generate/generate.ts';
import { cases, forms, prepare } from '../../nginx/generate/sites.ts';
import { nginxVersion, testNginx } from '../support/nginx.ts';

const target = formatVersion(nginxVersion);
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-generate-'));
  const made = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=app.example.com', '-keyout', 'key.pem', '-out', 'cert.pem'],
    ],
    { cwd: directory },
  );
  if (made.status !== 0) throw new Error(String(made.stderr));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(forms)('nginx -t accepts the %s', (form) => {
  test.each(Object.keys(cases))('%s', (name) => {
    const { plan, site } = prepare(name, target, form);
    const here = (file: string) => path.join(directory, file);
    const { value } = generate({
      plan,
      site: {
        ...site,
        user: null,
        listen: site.listen.map((listen) => ({
          ...listen,
          tls: listen.tls && { cert: here('cert.pem'), key: here('key.pem') },
        })),
        // A name would be looked up, and there is no name server here.
        upstreams: site.upstreams.map((upstream) => ({
          ...upstream,
          servers: upstream.servers.map((server) => ({
            ...server,
            url: server.url.replace('backend.example.com', 'localhost'),
          })),
        })),
        paths: { ...site.paths, pid: here('nginx.pid'), accessLog: here('websocket.log'), errorLog: here('error.log') },
      },
      form,
      remarks: 'reasons',
    });
    const text = value!.configuration.text;
    const whole = form === 'whole' ? text : `pid ${here('nginx.pid')}; events {} http { include websocket.conf; }`;
    const files = {
      'cert.pem': readFileSync(here('cert.pem')),
      'key.pem': readFileSync(here('key.pem')),
      'websocket.conf': text,
    };
    // Ports below 1024 are root's, and IPv6 may be off; neither is what is tested.
    const portable = (conf: string) =>
      conf.replaceAll(/listen \[::\]/g, 'listen 127.0.0.9').replaceAll(/\blisten (80|443)\b/g, 'listen 127.0.0.8:1$1');
    const verdict = testNginx(portable(whole), { ...files, 'websocket.conf': portable(text) });
    expect(verdict.message ?? verdict.output).toBe(verdict.output);
    expect(verdict.accepted, verdict.output).toBe(true);
    expect(
      verdict.output.match(/\[(?:warn|alert|crit|error)\].*/g)?.filter((line) => !/rlimit|resource limit/.test(line)) ??
        [],
    ).toEqual([]);
  });
});
