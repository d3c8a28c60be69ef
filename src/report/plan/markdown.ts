/**
 * A plan as a document to hand to a colleague: the question, the numbers, why, what to set outside nginx, what to
 * watch.
 */
import { formatDuration } from '../../base/units.ts';
import { formatBytes } from '../../plan/nginx/changes.ts';
import { compareWithEdge } from '../../plan/nginx/comparison.ts';
import { type Figure, num } from '../../plan/nginx/figure.ts';
import { machineWords } from '../../plan/nginx/machine.ts';
import type { NginxPlan } from '../../plan/nginx/plan.ts';
import { systemSettings } from '../../plan/nginx/system.ts';
import type { SystemSetting } from '../../plan/system.ts';
import { planAnswer, planSections, planTitle, shown } from './rows.ts';

export function renderPlanMarkdown(plan: NginxPlan): string {
  const parts = [
    `# ${planTitle(plan)}`,
    question(plan),
    `## The answer\n\n${planAnswer(plan)}`,
    limits(plan),
    changes(plan),
    picture(plan),
    ...planSections(plan).map(({ title, intro, figures }) => `## ${title}\n\n${intro}\n\n${figureTable(figures)}`),
    heartbeat(plan),
    system(plan),
    watch(plan),
    comparison(plan),
    assumptions(plan),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function question({ workload, machine }: NginxPlan): string {
  const rows = [
    ['connections at once', num(workload.connections)],
    ['messages per second and connection', num(workload.messagesPerSecond, 3)],
    ['bytes of a message', num(workload.messageBytes)],
    ['TLS', tlsWords(workload.clientTls, workload.serverTls)],
    ['bytes of cookies in a handshake', num(workload.cookieBytes)],
    ['mean lifetime of a connection', formatDuration(workload.meanLifeMs)],
    ['server addresses', workload.servers === null ? 'unix sockets' : num(workload.servers)],
    ['processors', num(machine.cores, 2)],
    ['memory', formatBytes(machine.memoryBytes)],
    ...(machine.memoryLimitBytes === null
      ? []
      : [['limit of the control group', formatBytes(machine.memoryLimitBytes)]]),
  ];
  return `## The question\n\n${table(['', ''], rows)}`;
}

function tlsWords(client: boolean, server: boolean): string {
  if (client && server) return 'towards clients and servers';
  if (client) return 'towards clients';
  return server ? 'towards servers' : 'none';
}

function limits(plan: NginxPlan): string {
  const rows = plan.limits
    .filter((limit) => limit.name !== 'planner')
    .map((limit) => {
      const amount = (value: number) =>
        limit.unit === 'bytes' ? formatBytes(value) : num(value, limit.unit === 'cores' ? 2 : 0);
      const share = limit.have === 0 ? '–' : `${num((100 * limit.need) / limit.have)} %`;
      return [limit.name, amount(limit.need), amount(limit.have), share, limit.what];
    });
  return table(['what can run out', 'needed', 'there', 'used', 'of what'], rows);
}

function changes(plan: NginxPlan): string {
  if (plan.changes.length === 0) return '';
  return `## What to change\n\n${plan.changes.map((change) => `- **${change.what}**: ${change.because}`).join('\n')}`;
}

/** The way of a message, with the idle timeout of each hop. */
function picture(plan: NginxPlan): string {
  const { workload, workers, chain } = plan;
  const between = chain.links.filter((link) => link.name !== 'nginx');
  const own = chain.links.find((link) => link.name === 'nginx');
  const nodes = [
    `clients(["${num(workload.connections)} clients"])`,
    ...between.map((link, index) => `hop${index}["${label(link.name)}<br/>${limitWords(link.idleTimeoutMs)}"]`),
    `nginx["nginx: ${workers.workers.value} × ${num(workers.workerConnections.value)} slots<br/>${limitWords(own?.idleTimeoutMs ?? null)}"]`,
    `servers["${workload.servers === null ? 'servers on unix sockets' : `${num(workload.servers)} server address${workload.servers === 1 ? '' : 'es'}`}"]`,
  ];
  const wire = workload.clientTls ? '-- wss --' : '-- ws --';
  const arrows = nodes
    .join(` ${wire}> `)
    .replace(/-- wss? --> (servers\[)/, `-- ${workload.serverTls ? 'wss' : 'ws'} --> $1`);
  return `## The way\n\n\`\`\`mermaid\nflowchart LR\n  ${arrows}\n\`\`\``;
}

/** Quotes and angle brackets would end a label of the picture. */
function label(text: string): string {
  return text.replaceAll(/[^\w .:/-]/g, '');
}

function limitWords(idleTimeoutMs: number | null): string {
  return idleTimeoutMs === null ? 'no idle timeout' : `idle timeout ${formatDuration(idleTimeoutMs)}`;
}

function figureTable(figures: readonly Figure[]): string {
  return table(
    ['', '', 'why', 'how'],
    figures.map((figure) => [
      figure.name.includes(' ') ? figure.name : `\`${figure.name}\``,
      `**${shown(figure)}**`,
      figure.because,
      figure.arithmetic,
    ]),
  );
}

function heartbeat({ chain }: NginxPlan): string {
  const rows = chain.links.map((link) => [
    link.name,
    link.idleTimeoutMs === null ? 'none' : formatDuration(link.idleTimeoutMs),
    link.verdict,
  ]);
  const beat =
    chain.heartbeatMs === null
      ? 'Nobody sends a heartbeat.'
      : `A heartbeat comes every ${formatDuration(chain.heartbeatMs)}.`;
  const weakest = chain.weakest === null ? '' : ` The weakest hop is **${chain.weakest.name}**.`;
  const advice =
    chain.heartbeatMsMax === null
      ? ''
      : ` ${formatDuration(chain.heartbeatMsMax)} or more often survives the loss of one.`;
  return `## Heartbeat and idle timeouts\n\n${beat}${weakest}${advice} nginx sends none itself: the client or the server has to.\n\n${table(['hop', 'idle timeout', 'with this heartbeat'], rows)}`;
}

function system(plan: NginxPlan): string {
  const { sysctl, systemd } = systemSettings(plan);
  const block = (settings: readonly SystemSetting[], join: string) =>
    settings.map(({ key, value, because }) => `# ${because}\n${key}${join}${value}`).join('\n');
  const kernel =
    sysctl.length === 0
      ? 'No sysctl has to change.'
      : `\`/etc/sysctl.d/60-websockets.conf\`:\n\n\`\`\`ini\n${block(sysctl, ' = ')}\n\`\`\``;
  const tables = `Where a firewall tracks connections (\`sysctl net.netfilter.nf_conntrack_max\` has an answer), it needs at least ${num(2 * plan.workload.connections)} entries for these connections.`;
  return `## Outside nginx\n\n${kernel}\n\n${tables}\n\n\`/etc/systemd/system/nginx.service.d/websockets.conf\`:\n\n\`\`\`ini\n[Service]\n${block(systemd, '=')}\n\`\`\``;
}

function watch(plan: NginxPlan): string {
  const { workers, memory } = plan;
  const rows = [
    [
      'stub_status: accepts − handled',
      'above 0',
      'clients were accepted and closed for want of a slot; no access log tells',
    ],
    [
      'stub_status: Writing',
      `near ${num(workers.workers.value * workers.refusesAfter.value)}`,
      'each WebSocket counts as writing; a killed worker’s stay in the count',
    ],
    ['`ss -s`: timewait', 'a large share of the port range', 'closed connections hold their port for a minute'],
    [
      'memory of all nginx processes',
      formatBytes(memory.total.value),
      'above it the workload is not the one that was planned',
    ],
    [
      'processes “worker process is shutting down”',
      `more than ${memory.generations.value - 1} generation${memory.generations.value === 2 ? '' : 's'}`,
      'reloads come faster than old workers leave',
    ],
    [
      'access log: status 101 with equal $request_time',
      shown(plan.timeouts.proxyReadTimeout),
      'idle cuts: the heartbeat does not arrive; the error log says so at info only',
    ],
  ];
  return `## What to watch\n\n${table(['where', 'beware of', 'because'], rows)}`;
}

function comparison(plan: NginxPlan): string {
  const { edgePerConnection, edgeTotal, rows } = compareWithEdge(plan);
  const { memory } = plan;
  const all = [
    [
      'memory for each connection',
      formatBytes(memory.userPerConnection.value + memory.kernelPerConnection.value),
      formatBytes(edgePerConnection.value),
    ],
    ['memory in all', formatBytes(memory.total.value), formatBytes(edgeTotal.value)],
    ...rows.map((row) => [row.aspect, row.nginx, row.edge]),
  ];
  return `## The built-in edge instead\n\n${table(['', 'nginx', 'built-in edge'], all)}`;
}

function assumptions({ machine }: NginxPlan): string {
  if (machine.assumed.length === 0) return '';
  return `## Assumed\n\nNothing was given for these, so they are as on an untuned Linux host: ${machine.assumed.map((field) => `${machineWords[field]} ${machine[field] === null ? 'none' : num(machine[field])}`).join(', ')}. The costs were measured on Linux, x86_64, with OpenSSL 3.0.`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
