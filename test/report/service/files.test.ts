import { expect, test } from 'vitest';
import { planEdge } from '../../../src/plan/edge/plan.ts';
import { completeMachine } from '../../../src/plan/nginx/machine.ts';
import { serviceFiles } from '../../../src/report/service/files.ts';
import { specFromObject } from '../../../src/spec/read.ts';

const usual = { node: '/usr/bin/node', cli: '/opt/main.js', spec: '/etc/h l.yaml', environmentFile: '/etc/h.env' };

function files(listen: string, activation: boolean, connections = 1000, paths = usual, kernel = {}) {
  const spec = specFromObject({
    listen: [{ address: listen }],
    upstreams: { app: { servers: ['http://127.0.0.1:3000'] } },
    routes: [{ match: { path: '/' }, upstream: 'app', origins: 'any' }],
    limits: { connections },
    workers: 1,
  }).value!;
  const host = { cores: 2, memoryBytes: 64 * 1024 ** 3, descriptors: 1_048_576 };
  const made = serviceFiles({
    ...paths,
    plan: planEdge(spec, host).value,
    machine: completeMachine({ somaxconn: 4096, descriptorsCeiling: 1_048_576, ...kernel }),
    name: 'edge',
    user: null,
    groups: [],
    activation,
    readsHome: false,
  });
  return Object.fromEntries(made.map(({ name, text }) => [name, text]));
}

test('with a socket unit a low port needs no privilege', () => {
  const made = files('0.0.0.0:443', true);
  expect(made['etc/systemd/system/edge.socket']).toContain('ListenStream=0.0.0.0:443\n');
  const unit = made['etc/systemd/system/edge.service'];
  expect(unit).toContain('\nCapabilityBoundingSet=\n');
  expect(unit).toContain(
    '\nExecStart=/usr/bin/node /opt/main.js up "/etc/h l.yaml" --log /var/log/edge/connections.log\n',
  );
  expect(unit).toContain('\nLimitNOFILE=65536\n');
});

test('without one it takes the capability, and there is no socket unit', () => {
  const made = files('0.0.0.0:443', false);
  expect(Object.keys(made)).toEqual(['etc/systemd/system/edge.service', 'etc/logrotate.d/edge']);
  expect(made['etc/systemd/system/edge.service']).toContain('\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n');
});

test('many connections raise the limit of descriptors', () => {
  expect(files('0.0.0.0:8080', true, 100_000)['etc/systemd/system/edge.service']).toContain('\nLimitNOFILE=200704\n');
});

// Each setting has an escape of its own: a command line knows quotes and variables, a path that may be a pattern knows
// neither.
test('a path with signs that mean something in a unit stays that path', () => {
  const spec = '/etc/a %h "b" $C [d]/spec.yaml';
  const made = files('unix:/run/%h.sock', true, 1000, {
    ...usual,
    spec,
    environmentFile: '/etc/a %h "b" $C [d]/h.env',
  });
  const unit = made['etc/systemd/system/edge.service'];
  expect(unit).toContain('\nDescription=Holdline, the edge of /etc/a %%h "b" $C [d]/spec.yaml\n');
  expect(unit).toContain('\nEnvironmentFile=-/etc/a %%h "b" $C \\[d]/h.env\n');
  expect(unit).toContain(' up "/etc/a %%h \\"b\\" $$C [d]/spec.yaml" ');
  expect(made['etc/systemd/system/edge.socket']).toContain('\nListenStream=/run/%%h.sock\n');
});

test('a kernel that is set too low gets a file for sysctl, and one that is not gets none', () => {
  const kernel = { somaxconn: 128, descriptorsCeiling: 100_000 };
  const text = files('0.0.0.0:8080', true, 100_000, usual, kernel)['etc/sysctl.d/60-edge.conf'];
  expect(text).toMatch(/^net\.core\.somaxconn = 4096$/m);
  expect(text).toMatch(/^fs\.nr_open = \d{6,}$/m);
  expect(Object.keys(files('0.0.0.0:8080', true, 100_000))).not.toContain('etc/sysctl.d/60-edge.conf');
});
