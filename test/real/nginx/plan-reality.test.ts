/**
 * The plan against a real nginx: memory of a connection, and the connection at which it refuses.
 * PLAN_REALITY=2000,4000,8000 runs it with other numbers of connections; each needs twice as many descriptors.
 */
import { afterEach, expect, test } from 'vitest';
import { findNginx } from '../../../src/host/nginx-binary.ts';
import { readProcess } from '../../../src/host/process-facts.ts';
import { type RunningNginx, startNginx } from '../../../src/nginx/run/start.ts';
import { prepareTrial, type Trial } from '../../../src/nginx/run/verify/trial.ts';
import { planNginx } from '../../../src/plan/nginx/plan.ts';
import { prepare } from '../../nginx/generate/sites.ts';
import { type LoadClient, type LoadServer, startLoadClient, startLoadServer } from '../support/load.ts';

const binary = findNginx(process.env.PATH ?? '')!;
const counts = (process.env.PLAN_REALITY ?? '600').split(',').map(Number);
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean();
});

interface Setting {
  readonly tls: boolean;
  readonly bufferBytes: number;
  readonly connections: number;
  readonly workerConnections?: number;
}

interface Running {
  readonly trial: Trial;
  readonly nginx: RunningNginx;
  readonly client: LoadClient;
}

/** One worker, so that what it takes is what the connections take. */
async function run({ tls, bufferBytes, connections, workerConnections }: Setting): Promise<Running> {
  const { plan, site } = prepare(tls ? 'tls' : 'plain', binary.version);
  const pinned = {
    workers: 1,
    proxyBufferBytes: bufferBytes,
    ...(workerConnections === undefined ? {} : { workerConnections }),
  };
  const planned = planNginx({
    workload: { ...plan.workload, connections, messageBytes: bufferBytes, cookieBytes: 0, pinned },
    machine: plan.machine,
    target: binary.version,
  }).value!;
  const server: LoadServer = await startLoadServer();
  cleanups.push(server.close);
  const trial = await prepareTrial(
    planned,
    {
      ...site,
      routes: site.routes.map((route) => ({
        ...route,
        origins: { ...route.origins, allow: null },
        match: { ...route.match, host: null },
      })),
    },
    binary,
  );
  cleanups.push(trial.close);
  const text = trial.text
    .replaceAll(`127.0.0.1:${trial.server.port}`, `127.0.0.1:${server.port}`)
    .replaceAll(/proxy_read_timeout \S+;/g, 'proxy_read_timeout 1h;');
  const nginx = await startNginx({ binary, text, directory: trial.directory, ports: trial.ports });
  cleanups.push(nginx.close);
  const client = await startLoadClient();
  cleanups.push(client.close);
  return { trial: { ...trial, plan: planned }, nginx, client };
}

const memory = ({ nginx }: Running) => readProcess(nginx.workers()[0]!)!.memoryBytes;

for (const connections of counts)
  test.each([
    { tls: false, bufferBytes: 4_096 },
    { tls: false, bufferBytes: 16_384 },
    { tls: true, bufferBytes: 4_096 },
    { tls: true, bufferBytes: 16_384 },
  ])(`memory of a connection, ${connections} of them: %j`, async (setting) => {
    const running = await run({ ...setting, connections });
    const { client, trial } = running;
    const way = { port: trial.ports[0]!, secure: setting.tls };
    // The first ones bring what nginx sets up once: OpenSSL's tables, the first blocks of its heap.
    await client.open({ ...way, count: 20 });
    await client.echo(65_536);
    const before = memory(running);
    const { held } = await client.open({ ...way, count: connections });
    expect(held).toBe(connections + 20);
    const idle = (memory(running) - before) / connections;
    // Larger than both buffers, so that every page of them is touched.
    await client.echo(65_536);
    const used = (memory(running) - before) / connections;
    const { userPerConnection, userPerConnectionIdle, perWorker } = running.trial.plan.memory;
    const report = `${connections} ${setting.tls ? 'TLS' : 'plain'} ${setting.bufferBytes / 1024}k: idle ${idle.toFixed(0)} (planned ${userPerConnectionIdle.value}), used ${used.toFixed(0)} (planned ${userPerConnection.value}), worker ${before} (planned ${perWorker.value})`;
    if (process.env.PLAN_REALITY !== undefined) process.stderr.write(`${report}\n`);
    expect(Math.abs(used / userPerConnection.value - 1), report).toBeLessThan(0.1);
    // With TLS a connection's buffers are pieces that OpenSSL has written to and given back, so their pages count at
    // once.
    if (!setting.tls) expect(Math.abs(idle / userPerConnectionIdle.value - 1), report).toBeLessThan(0.1);
  });

test.each([64, 65, 129, 512])(
  'worker_connections %i refuses the connection that the plan says',
  async (workerConnections) => {
    const { client, trial } = await run({ tls: false, bufferBytes: 4_096, connections: 10, workerConnections });
    const { refusesAfter } = trial.plan.workers;
    const { held, statuses } = await client.open({ port: trial.ports[0]!, count: 400, atOnce: 1 });
    expect(held).toBe(refusesAfter.value);
    // The one that is refused, with a 500 or without a byte.
    expect(statuses.filter(([status]) => status !== 101).map(([, count]) => count)).toEqual([1]);
  },
);
