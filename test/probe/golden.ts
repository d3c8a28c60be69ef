/** A report as lines that are the same on every run: verdicts and words, without times and ports. */
import type { ProbeReport } from '../../src/probe/report.ts';

export function goldenOf(report: ProbeReport): string {
  const lines = [`outcome ${report.outcome}`, ''];
  for (const step of report.walk) lines.push(`step ${step.id} ${step.verdict}: ${step.detail}`);
  const { failure } = report;
  if (failure !== null) {
    lines.push('', `cause ${failure.code} at ${failure.step}, ${failure.certainty}`, `  ${failure.cause}`);
    lines.push(...failure.evidence.map((each) => `  seen: ${each}`), `  do: ${failure.remedy}`);
    for (const { software, lines: recipe } of failure.recipes)
      lines.push(...recipe.map((each) => `  ${software}: ${each}`));
  }
  if (report.checks.length > 0) lines.push('');
  for (const check of report.checks) {
    lines.push(`check ${check.id} ${check.verdict}: ${check.finding}`);
    if (check.remedy !== null) lines.push(`  do: ${check.remedy}`);
  }
  return `${lines.map(steady).join('\n')}\n`;
}

/** Takes out what differs from run to run. */
function steady(line: string): string {
  return line
    .replace(/127\.0\.0\.1(x?):\d+/g, '127.0.0.1$1:PORT')
    .replace(/(127\.0\.0\.1\.attacker\.example|attacker-127\.0\.0\.1):\d+/g, '$1:PORT')
    .replace(/localhost:\d+/g, 'localhost:PORT')
    .replace(/\b(nginx|websockets|Python)\/[\d.]+/g, '$1/V')
    .replace(/\d+(?:\.\d+)? (?:ms|s)\b/g, 'N ms')
    .replace(/came as [\d, ]+\d/g, 'came as N')
    .replace(/\(\d+ %\)/g, '(N %)')
    .replace(/, \d+ bytes sent/g, ', N bytes sent')
    .replace(/(valid from ).*?( to ).*?;/g, '$1A$2B;')
    .replace(/was valid until .*$/g, 'was valid until DAY')
    .replace(/“holdline probe [0-9a-f]{8}”/g, '“holdline probe X”')
    .replace(/\d+ of (\d+) upgraded; the rest: \d+ ×/g, 'N of $1 upgraded; the rest: N ×');
}
