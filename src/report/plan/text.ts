/** A plan for a terminal: the answer first, then every number with its reason. */
import { formatDuration } from '../../base/units.ts';
import { formatBytes } from '../../plan/nginx/changes.ts';
import { compareWithEdge } from '../../plan/nginx/comparison.ts';
import type { Figure } from '../../plan/nginx/figure.ts';
import { machineWords } from '../../plan/nginx/machine.ts';
import type { NginxPlan } from '../../plan/nginx/plan.ts';
import { wrap } from '../wrap.ts';
import { planAnswer, planSections, planTitle, shown } from './rows.ts';

export interface PlanTextOptions {
  readonly columns: number;
  readonly colour: boolean;
  /** Show each sum as well. */
  readonly sums: boolean;
}

export function renderPlanText(plan: NginxPlan, options: PlanTextOptions): string {
  const width = Math.max(40, Math.min(options.columns, 100));
  const bold = (text: string) => (options.colour ? `\u001b[1m${text}\u001b[22m` : text);
  const indented = (text: string, indent: number) =>
    wrap(text, width - indent).map((line) => ' '.repeat(indent) + line);
  const lines = [bold(planTitle(plan)), '', ...wrap(planAnswer(plan), width)];
  if (plan.changes.length > 0) {
    lines.push('', bold('What to change'));
    for (const change of plan.changes) lines.push(...indented(change.what, 2), ...indented(change.because, 6));
  }
  for (const section of planSections(plan)) {
    lines.push('', bold(section.title), '');
    for (const figure of section.figures) lines.push(...row(figure, options, indented, width));
  }
  lines.push('', bold('Heartbeat and idle timeouts'), '', ...chain(plan).flatMap((line) => indented(line, 2)));
  lines.push('', bold('The built-in edge instead'), '', ...indented(edge(plan), 2));
  if (plan.machine.assumed.length > 0)
    lines.push(
      '',
      ...wrap(
        `Assumed, as on an untuned Linux host: ${plan.machine.assumed.map((field) => machineWords[field]).join(', ')}.`,
        width,
      ),
    );
  return `${lines.join('\n')}\n`;
}

const valueColumn = 48;

function row(
  figure: Figure,
  options: PlanTextOptions,
  indented: (text: string, indent: number) => string[],
  width: number,
): string[] {
  const value = shown(figure);
  const name = `  ${figure.name} `;
  const gap = Math.max(1, Math.min(valueColumn, width - 16) - name.length);
  return [
    `${name}${'.'.repeat(gap)} ${value}`,
    ...indented(figure.because, 6),
    ...(options.sums ? indented(figure.arithmetic, 6) : []),
  ];
}

function chain(plan: NginxPlan): string[] {
  const { chain: links } = plan;
  const beat = links.heartbeatMs === null ? 'no heartbeat' : `heartbeat every ${formatDuration(links.heartbeatMs)}`;
  const hops = links.links.map((link) => {
    const limit = link.idleTimeoutMs === null ? 'no limit' : formatDuration(link.idleTimeoutMs);
    const mark = { holds: '', tight: ' (tight)', cuts: ' (cuts)' }[link.verdict];
    return `${link.name} ${limit}${mark}`;
  });
  const weakest = links.weakest === null ? [] : [`The weakest hop is ${links.weakest.name}.`];
  const advice =
    links.heartbeatMsMax === null
      ? []
      : [`A heartbeat every ${formatDuration(links.heartbeatMsMax)} or more often survives one loss.`];
  return [`${beat} < ${hops.join(', ')}`, ...weakest, ...advice];
}

function edge(plan: NginxPlan): string {
  const { edgePerConnection, edgeTotal } = compareWithEdge(plan);
  return `${formatBytes(edgeTotal.value)} in all, ${formatBytes(edgePerConnection.value)} for each connection (nginx: ${formatBytes(plan.memory.total.value)} and ${formatBytes(plan.memory.userPerConnection.value + plan.memory.kernelPerConnection.value)}). It sends heartbeats and close frames, limits messages and drains at a set pace, which nginx cannot; nginx takes less processor time for each byte.`;
}
