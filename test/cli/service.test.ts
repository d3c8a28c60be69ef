import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { capture } from './capture.ts';

// In a unit, what follows a line break is a setting of its own: ExecStartPre= in the name of a folder would be run.
test.each(['a\nExecStartPre=/bin/true\n/spec.yaml', 'tab\there.yaml', 'ends-in-\\'])(
  'holdline service refuses %j, which a unit cannot name',
  async (file) => {
    const { code, out, err } = await capture(['service', '--print', file]);
    expect(code).toBe(3);
    expect(out).toBe('');
    expect(err).toContain('error: a unit of systemd cannot name the file ');
  },
);

test('what stands in /tmp is named: the service has one of its own', async () => {
  const folder = mkdtempSync('/tmp/holdline-service-');
  const file = `${folder}/holdline.yaml`;
  writeFileSync(
    file,
    `listen: 127.0.0.1:8080
control: unix:/tmp/holdline-control.sock
upstreams: { app: { servers: [ "unix:/var/tmp/app.sock", "unix:/run/app.sock" ] } }
routes: [ { match: { path: / }, upstream: app, origins: any } ]
`,
  );
  const { code, err } = await capture(['service', '--print', '--user', 'www-data', file]);
  rmSync(folder, { recursive: true });
  expect(code).toBe(0);
  const named = [...err.matchAll(/would not see (\S+) \[service-file-hidden\]/g)].map(([, name]) => name);
  expect(named).toEqual(expect.arrayContaining([file, '/var/tmp/app.sock', '/tmp/holdline-control.sock']));
  expect(named).not.toContain('/run/app.sock');
});
