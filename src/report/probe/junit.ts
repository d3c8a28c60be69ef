/** A probe as JUnit XML, which every CI reads. */
import type { ProbeReport, ProbeVerdict } from '../../probe/report.ts';

interface TestCase {
  readonly name: string;
  readonly seconds: number;
  readonly verdict: ProbeVerdict;
  readonly message: string;
  readonly text: string;
}

/** `strict` makes failures of warnings, as it does for the exit code. */
export function probeJUnit(report: ProbeReport, options: { readonly strict: boolean }): string {
  const suites = suitesOf(report);
  const isFailure = (each: TestCase) => each.verdict === 'fail' || (options.strict && each.verdict === 'warn');
  const body = suites.map(([name, cases]) => {
    const failures = cases.filter(isFailure).length;
    const skipped = cases.filter((each) => each.verdict === 'skip').length;
    const lines = cases.map((each) => caseXml(name, each, isFailure(each)));
    return `  <testsuite name="${xml(name)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds(cases)}">\n${lines.join('')}  </testsuite>\n`;
  });
  const all = suites.flatMap(([, cases]) => cases);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xml(`holdline probe ${report.url}`)}" tests="${all.length}" failures="${all.filter(isFailure).length}" time="${(report.tookMs / 1000).toFixed(3)}">\n${body.join('')}</testsuites>\n`;
}

function suitesOf(report: ProbeReport): (readonly [string, readonly TestCase[]])[] {
  const { failure, conformance, idle } = report;
  const walk = report.walk.map((step): TestCase => {
    const isIt = failure !== null && failure.step === step.id;
    const text = isIt ? [failure.cause, ...failure.evidence, `Do: ${failure.remedy}`].join('\n') : '';
    return { name: step.id, seconds: (step.tookMs ?? 0) / 1000, verdict: step.verdict, message: step.detail, text };
  });
  const suites: (readonly [string, readonly TestCase[]])[] = [['walk', walk]];
  if (report.checks.length > 0)
    suites.push([
      'checks',
      report.checks.map((check) => ({
        name: `${check.id}: ${check.title}`,
        seconds: check.tookMs / 1000,
        verdict: check.verdict,
        message: check.finding,
        text: [check.why, ...check.evidence, ...(check.remedy === null ? [] : [`Do: ${check.remedy}`])].join('\n'),
      })),
    ]);
  for (const section of conformance?.sections ?? [])
    suites.push([
      `conformance: ${section.title}`,
      conformance!.cases
        .filter((each) => each.section === section.id)
        .map((each) => ({
          name: `${each.id} ${each.name}`,
          seconds: 0,
          message: each.got,
          text: `expected: ${each.expected} (${each.rfc})`,
          verdict: each.verdict === 'fail' ? 'fail' : each.verdict === 'pass' ? 'pass' : 'warn',
        })),
    ]);
  if (conformance?.skipped != null)
    suites.push([
      'conformance',
      [{ name: 'needs an echo', seconds: 0, verdict: 'fail', message: conformance.skipped, text: '' }],
    ]);
  if (idle !== null)
    suites.push([
      'idle timeout',
      [
        {
          name: 'idle timeout',
          seconds: idle.tookMs / 1000,
          verdict: 'pass',
          message: idle.finding,
          text: idle.finding,
        },
      ],
    ]);
  return suites;
}

function caseXml(suite: string, each: TestCase, isFailure: boolean): string {
  const head = `    <testcase classname="holdline.${xml(suite)}" name="${xml(each.name)}" time="${each.seconds.toFixed(3)}"`;
  if (isFailure)
    return `${head}>\n      <failure message="${xml(each.message)}">${xml(each.text)}</failure>\n    </testcase>\n`;
  if (each.verdict === 'skip') return `${head}>\n      <skipped message="${xml(each.message)}"/>\n    </testcase>\n`;
  if (each.verdict === 'warn')
    return `${head}>\n      <system-out>warning: ${xml(each.message)}\n${xml(each.text)}</system-out>\n    </testcase>\n`;
  return `${head}/>\n`;
}

function seconds(cases: readonly TestCase[]): string {
  return cases.reduce((sum, each) => sum + each.seconds, 0).toFixed(3);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that XML 1.0 cannot carry, escaped or not, become a sign for them: a peer may send any. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (character) => entities[character]!);
}
