import type { Engine } from '../../control/engines/engine.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';

export interface BannerFacts {
  readonly supervisor: Pick<Engine, 'plan' | 'addresses' | 'workers'>;
  readonly controlUrl: string;
  /** The file that is watched; null when there is none. */
  readonly file: string | null;
  readonly log: string | null;
}

/** What runs and where to click. */
export function banner(facts: BannerFacts): string[] {
  const { supervisor } = facts;
  const plan = supervisor.plan();
  const rows: [string, string][] = [];
  for (const [index, { host, port, socketPath }] of supervisor.addresses.entries()) {
    const where =
      socketPath === undefined ? clickable(plan.listen[index]?.tls != null, host, port) : `unix:${socketPath}`;
    rows.push([plan.engine === 'nginx' ? 'nginx' : 'edge', where]);
  }
  for (const route of plan.routes) {
    rows.push([
      'route',
      `${route.match.host ?? ''}${route.match.path} → ${route.upstream} (${serversOf(plan, route.upstream)})`,
    ]);
  }
  rows.push(['control', controlText(facts.controlUrl)]);
  rows.push(['workers', String(supervisor.workers().length)]);
  if (facts.file !== null) rows.push(['spec', `${facts.file}, read again whenever it changes`]);
  if (facts.log !== null && facts.log !== '-') rows.push(['log', facts.log]);
  return [
    'Holdline is up.',
    '',
    ...rows.map(([title, text]) => `  ${title.padEnd(8)} ${text}`),
    '',
    plan.engine === 'nginx'
      ? 'Ctrl-C lets nobody new in, waits for those who are connected, and ends nginx.'
      : 'Ctrl-C closes every connection with 1001 and ends.',
    '',
  ];
}

/** A browser opens the page only over TCP. */
function controlText(url: string): string {
  return url.startsWith('http') ? `${url}/ (the page; holdline ls, kick, send)` : `${url} (holdline ls, kick, send)`;
}

function serversOf(plan: EdgePlan, name: string): string {
  const upstream = plan.upstreams.find((each) => each.name === name);
  if (upstream?.managed != null) {
    const { command, instances } = upstream.managed;
    const { min, max } = instances;
    return `${max > min ? `${min} to ${max}` : min} × "${command}"`;
  }
  return (upstream?.servers ?? []).map((server) => server.url).join(', ');
}

/** An address that a browser can open: "every address" is none. */
function clickable(tls: boolean, host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${name}:${port}/`;
}
