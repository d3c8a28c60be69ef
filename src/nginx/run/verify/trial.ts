/** The generated configuration, moved to this machine: free ports, a trial server for every server, times divided. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import { formatDuration } from '../../../base/units.ts';
import { freePorts } from '../../../host/free-ports.ts';
import type { NginxBinary } from '../../../host/nginx-binary.ts';
import type { NginxPlan } from '../../../plan/nginx/plan.ts';
import { generate } from '../../generate/generate.ts';
import type { Site } from '../../generate/site.ts';
import { makeTrialDirectory, type TrialDirectory } from '../start.ts';
import { startTrialServer, type TrialServer } from './server.ts';

export interface Trial {
  readonly plan: NginxPlan;
  readonly site: Site;
  readonly text: string;
  readonly directory: TrialDirectory;
  /** One for each listener of the site, in its order, and one for the status page. */
  readonly ports: readonly number[];
  readonly statusPort: number;
  readonly server: TrialServer;
  /** proxy_read_timeout as it is tried, and how many times shorter that is. */
  readonly idleMs: number;
  readonly dividedBy: number;
  /** What is different from the configuration as it was generated. */
  readonly changes: readonly string[];
  readonly close: () => Promise<void>;
}

/** Long enough that nginx's 0.3 seconds of lazy timers do not matter, short enough to wait for. */
const idleTriedMs = 3_000;

export async function prepareTrial(planned: NginxPlan, site: Site, binary: NginxBinary): Promise<Trial> {
  const directory = makeTrialDirectory();
  const server = await startTrialServer();
  const close = async () => {
    await server.close();
    directory.remove();
  };
  try {
    const ports = await freePorts(site.listen.length + 1);
    const statusPort = ports[site.listen.length]!;
    const changes: string[] = [];
    const { value: idle } = planned.timeouts.proxyReadTimeout;
    const idleMs = Math.min(idle, idleTriedMs);
    const dividedBy = idle / idleMs;
    if (dividedBy > 1)
      changes.push(
        `proxy_read_timeout is divided by ${Math.round(dividedBy * 100) / 100}: ${formatDuration(idle)} becomes ${formatDuration(idleMs)}`,
      );
    const plan = withTrialFigures(planned, idleMs, changes);
    const moved = moveSite(site, { ports, statusPort, server, directory, changes });
    const { value } = generate({ plan, site: moved, form: 'whole', remarks: 'headings' });
    if (value === null) throw new Error('a site that was generated cannot be generated for a trial');
    changes.push(
      `it runs nginx ${binary.version} on ports ${ports.join(', ')}, with a trial server in the place of ${serversOf(site)}`,
    );
    const text = value.configuration.text.replace(/^error_log (\S+) warn;/m, 'error_log $1 info;');
    return { plan, site: moved, text, directory, ports, statusPort, server, idleMs, dividedBy, changes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function withTrialFigures(plan: NginxPlan, idleMs: number, changes: string[]): NginxPlan {
  const { workers } = plan.workers;
  const workersHere = Math.min(workers.value, 2 * os.availableParallelism());
  if (workersHere < workers.value)
    changes.push(`${workersHere} workers instead of ${workers.value}, because this machine is smaller`);
  return {
    ...plan,
    timeouts: { ...plan.timeouts, proxyReadTimeout: { ...plan.timeouts.proxyReadTimeout, value: idleMs } },
    workers: { ...plan.workers, workers: { ...workers, value: workersHere } },
    workload: { ...plan.workload, sourceAddresses: 1 },
  };
}

interface Move {
  readonly ports: readonly number[];
  readonly statusPort: number;
  readonly server: TrialServer;
  readonly directory: TrialDirectory;
  readonly changes: string[];
}

function moveSite(site: Site, { ports, statusPort, server, directory, changes }: Move): Site {
  const certificate = certificateFor(site, directory, changes);
  if (site.bind.length > 0) changes.push('proxy_bind is left out, because its addresses are not this machine’s');
  if (site.routes.some(({ handshake }) => handshake.authorize !== null))
    changes.push('the authorizer is the trial server, which allows everybody');
  return {
    ...site,
    listen: site.listen.map((listen, index) => ({
      ...listen,
      address: { host: '127.0.0.1', port: ports[index]! },
      tls: listen.tls === null || certificate === null ? null : certificate,
      proxyProtocol: false,
    })),
    upstreams: site.upstreams.map((upstream) => ({
      ...upstream,
      verifyTls: false,
      // The same number, so that the way of balancing is tried too; a weight keeps the lines apart for nobody, so it
      // stays.
      servers: upstream.servers.map((each) => ({ ...each, url: `http://127.0.0.1:${server.port}` })),
    })),
    routes: site.routes.map((route) => ({
      ...route,
      handshake: {
        ...route.handshake,
        authorize: route.handshake.authorize && {
          ...route.handshake.authorize,
          url: `http://127.0.0.1:${server.port}/may`,
        },
      },
    })),
    bind: [],
    resolvers: [],
    status: { host: '127.0.0.1', port: statusPort },
    // Without root nginx ignores the line with a warning; with root the directory of the trial is root's.
    user: process.getuid?.() === 0 ? 'root' : null,
    paths: {
      ...site.paths,
      pid: directory.file('nginx.pid'),
      accessLog: directory.file('websocket.log'),
      errorLog: directory.file('error.log'),
    },
  };
}

function certificateFor(
  site: Site,
  directory: TrialDirectory,
  changes: string[],
): { cert: string; key: string } | null {
  const own = site.listen.find(({ tls }) => tls !== null)?.tls;
  if (own === undefined || own === null) return null;
  if (isReadable(own.cert) && isReadable(own.key)) return own;
  const made = { cert: directory.file('cert.pem'), key: directory.file('key.pem') };
  const result = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=trial.invalid', '-keyout', made.key, '-out', made.cert],
    ],
    { timeout: 20_000 },
  );
  if (result.status === 0) {
    changes.push(`${own.cert} cannot be read here, so a certificate was made for the trial`);
    return made;
  }
  changes.push(`${own.cert} cannot be read here and there is no openssl to make another, so TLS is left out`);
  return null;
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    // Missing or not ours: the trial makes its own.
    return false;
  }
}

function serversOf({ upstreams }: Site): string {
  const count = upstreams.reduce((sum, { servers }) => sum + servers.length, 0);
  return count === 1 ? upstreams[0]!.servers[0]!.url : `all ${count} servers`;
}
