/** The access log of a generated nginx: what each kind of end is called, read from the lines of a real one. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { freePorts } from '../../../src/host/free-ports.ts';
import { findNginx } from '../../../src/host/nginx-binary.ts';
import { startNginx } from '../../../src/nginx/run/start.ts';
import { askTrial } from '../../../src/nginx/run/verify/client.ts';
import { prepareTrial } from '../../../src/nginx/run/verify/trial.ts';
import { prepare } from '../../nginx/generate/sites.ts';

const binary = findNginx(process.env.PATH ?? '')!;

test('outcomes', async () => {
  const { plan, site } = prepare('origins', binary.version);
  const trial = await prepareTrial(plan, site, binary);
  const [nobody] = await freePorts(1);
  // A second location whose server is not there, and few slots, so that they run out.
  const text = trial.text
    .replace(/worker_processes \d+;/, 'worker_processes 1;')
    .replace(/worker_connections \d+;/, 'worker_connections 17;')
    .replace(/location = \/nginx_status \{[^}]*\}/, '')
    .replace(
      /location \/ \{\n\s+return 404;/,
      `location /gone { proxy_pass http://127.0.0.1:${nobody}; }\n location / { return 404;`,
    );
  const nginx = await startNginx({ binary, text, directory: trial.directory, ports: trial.ports });
  try {
    const way = { port: trial.ports[0]!, secure: false, host: 'localhost', path: '/ws', upgrade: 'websocket' } as const;
    const origin = 'https://app.example.com';
    const close = async (request: Parameters<typeof askTrial>[0]) => (await askTrial(request)).socket.destroy();
    await close({ ...way, origin });
    await close({ ...way, origin: 'https://evil.example' });
    await close({ ...way, path: '/nowhere' });
    await close({ ...way, path: '/gone' });
    await close({ ...way, origin, upgrade: null });
    // Three listening sockets and the channel: 13 slots, of which the seventh connection finds one.
    const held = [];
    for (let count = 0; count < 7; count++) held.push(await askTrial({ ...way, origin }));
    expect(held.map(({ status }) => status)).toEqual([101, 101, 101, 101, 101, 101, 500]);
    for (const { socket } of held) socket.destroy();
    const lines = async () => {
      // Reopening writes out what waits in the buffer.
      nginx.signal('USR1');
      await delay(50);
      return trial.directory
        .read('websocket.log')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, string>);
    };
    const deadline = performance.now() + 10_000;
    while ((await lines()).length < 12 && performance.now() < deadline) await delay(50);
    const found = await lines();
    expect(found.map(({ outcome, status }) => `${status} ${outcome}`).toSorted()).toEqual(
      [
        ...Array<string>(7).fill('101 upgraded'),
        '200 request',
        '403 refused',
        '404 no-route',
        '500 no-free-connection',
        '502 server-unreachable',
      ].toSorted(),
    );
    const upgraded = found.find(({ outcome }) => outcome === 'upgraded')!;
    expect(upgraded).toMatchObject({
      origin,
      path: '/ws',
      server: `127.0.0.1:${trial.server.port}`,
      server_status: '101',
    });
    expect(Number(upgraded.handshake)).toBeLessThanOrEqual(Number(upgraded.life));
    expect(Number(upgraded.to_client)).toBeGreaterThan(0);
  } finally {
    await nginx.close();
    await trial.close();
  }
});
