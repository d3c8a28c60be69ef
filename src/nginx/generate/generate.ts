/** Plan and site to an nginx configuration for one version, each directive with its reason, and the files around it. */
import { type Findings, hasErrors } from '../../base/diagnostic.ts';
import { formatBytes } from '../../plan/nginx/changes.ts';
import { num } from '../../plan/nginx/figure.ts';
import { type NginxPlan, targetOf } from '../../plan/nginx/plan.ts';
import { checkSite, type GenerateCode, generateDiagnostic } from './checked.ts';
import { type GeneratedFile, systemFiles } from './files.ts';
import { has } from './gates.ts';
import { type GeneratedLine, isLine, type Node } from './nodes.ts';
import { notes } from './notes.ts';
import { assertReadsBack } from './reads-back.ts';
import { comment, type Remarks, render } from './render.ts';
import type { Form, GenerateTask, Site } from './site.ts';
import { serviceOf } from './upstreams.ts';
import { outsideHttp, statements } from './whole.ts';

export interface GenerateRequest {
  /** Its workload's `listens` are those of the site: listenCount tells. */
  readonly plan: NginxPlan;
  readonly site: Site;
  readonly form: Form;
  readonly remarks: Remarks;
}

export interface Generated {
  readonly configuration: GeneratedFile;
  /** Systemd, sysctl, logrotate. */
  readonly around: readonly GeneratedFile[];
}

/**
 * A null value comes with at least one error. Nothing that a user wrote is in a file unless it was found to be a name.
 */
export function generate(request: GenerateRequest): Findings<Generated | null, GenerateCode> {
  const { plan, site, form, remarks } = request;
  const refused = [...checkSite(site, form), ...checkBind(plan, site), ...checkRecords(plan, site)];
  if (hasErrors(refused)) return { value: null, diagnostics: refused };
  const task: GenerateTask = {
    plan,
    site,
    form,
    routes: site.routes.map((route, index) => ({ ...route, number: index + 1 })),
  };
  const nodes = statements(task);
  const text = `${opening(task, remarks)}\n${render(nodes, remarks)}`;
  assertReadsBack(text, nodes);
  return {
    value: {
      configuration: { ...places[form], text },
      around: systemFiles(plan, site),
    },
    diagnostics: [...refused, ...notes(task)],
  };
}

const places = {
  whole: { name: 'nginx.conf', goesTo: '/etc/nginx/nginx.conf', afterwards: 'nginx -t, then systemctl reload nginx' },
  fragment: {
    name: 'websocket.conf',
    goesTo: '/etc/nginx/conf.d/websocket.conf',
    afterwards: 'set in nginx.conf what its first lines say, nginx -t, then systemctl reload nginx',
  },
} as const;

function checkBind({ workload }: NginxPlan, { bind }: Site) {
  if (workload.sourceAddresses === Math.max(1, bind.length)) return [];
  return [
    generateDiagnostic(
      'generate-addresses-missing',
      `the plan counts with ${num(workload.sourceAddresses)} local addresses for the connections to the servers, and ${num(bind.length)} are named`,
      { path: 'bind' },
    ),
  ];
}

/** What nginx finds by SRV records, it finds from the version on that has `server … resolve`, and by a name server. */
function checkRecords({ version }: NginxPlan, { upstreams, resolvers }: Site) {
  return upstreams.flatMap(({ name, servers }) =>
    servers.flatMap(({ url }, index) => {
      const path = `upstreams.${name}.servers[${index}]`;
      if (!url.startsWith('srv+')) return [];
      if (has(version, 'resolve') && resolvers.length > 0 && serviceOf(url) !== null) return [];
      const problem =
        serviceOf(url) === null
          ? 'nginx asks for SRV records under names such as _ws._tcp.example.com alone'
          : has(version, 'resolve')
            ? 'nginx reads no SRV records without a name server to ask'
            : 'this nginx knows no SRV records';
      return [generateDiagnostic('generate-srv-unresolved', `${path}: ${url}: ${problem}`, { path })];
    }),
  );
}

function opening(task: GenerateTask, remarks: Remarks): string {
  const { plan, form } = task;
  const { workload, machine } = plan;
  const tls = workload.clientTls ? ' over TLS' : '';
  const processors = `${num(machine.cores, 2)} ${machine.cores === 1 ? 'processor' : 'processors'}`;
  const what = `${num(workload.connections)} WebSockets${tls} on ${processors} with ${formatBytes(machine.memoryBytes)}, for nginx ${targetOf(plan)}.`;
  const how =
    remarks === 'reasons'
      ? 'Written by holdline generate.'
      : 'Written by holdline generate; with --comments every line says why it is there.';
  if (form === 'whole') return comment(`${what} ${how}`);
  const outside = outsideHttp(task).map((node) => `#     ${oneLine(node)}\n`);
  return `# holdline:context http\n${comment(`${what} ${how}`)}${comment('It belongs into http. Outside of http, nginx.conf needs:')}${outside.join('')}`;
}

function oneLine({ name, args, block }: GeneratedLine): string {
  const inside = (block ?? []).filter((node: Node) => isLine(node)).map(oneLine);
  return [name, ...args].join(' ') + (block === undefined ? ';' : ` { ${inside.join(' ')} }`);
}
