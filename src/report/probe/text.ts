/** A probe for people: each part as lines, so that they can be printed as things happen. */

import { printable } from '../../base/printable.ts';
import type { SectionReport } from '../../probe/conformance/report.ts';
import { deathText, secondsText } from '../../probe/idle/judge.ts';
import type { IdleReport, LaneReport } from '../../probe/idle/report.ts';
import type { CheckResult, Failure, ProbeReport, Step } from '../../probe/report.ts';
import { broken, heading, labelled, paint, row, type TextPage, timeText } from '../paint.ts';

/** How much is shown of what: `brief` leaves out what passed and what proves it, `verbose` leaves out nothing. */
export interface Detail {
  readonly verbose: boolean;
  readonly brief?: boolean;
}

export function stepLines(page: TextPage, { id, verdict, detail, tookMs }: Step): string[] {
  return row(page, { verdict, label: id, text: detail, time: timeText(tookMs) }, 11);
}

export function checkLines(page: TextPage, check: CheckResult, detail: Detail): string[] {
  const lines = row(page, { verdict: check.verdict, label: check.id, text: check.finding }, 23);
  const more = (label: string, text: string) => lines.push(...labelled(page, label, text, 6));
  if (check.remedy !== null) more('do', check.remedy);
  const isBad = check.verdict === 'warn' || check.verdict === 'fail';
  if (detail.verbose || (isBad && !detail.brief)) more('why', check.why);
  if (detail.verbose) for (const each of check.evidence) more('seen', each);
  return lines;
}

const certaintyWords = { proved: '', likely: ' (likely)', possible: ' (the usual cause)' };

export function failureLines(page: TextPage, failure: Failure, detail: Detail = { verbose: false }): string[] {
  const lines = detail.brief ? [] : [''];
  const { cause, certainty, evidence, remedy, recipes, code } = failure;
  lines.push(...labelled(page, 'cause', `${cause}${certaintyWords[certainty]}`));
  // Who is told to read the body gets to see it.
  const shown = detail.brief ? evidence.filter((each) => each.startsWith('the body says')) : evidence;
  lines.push(...shown.flatMap((each, i) => labelled(page, i === 0 ? 'seen' : '', each)));
  lines.push(...labelled(page, 'do', remedy));
  for (const { software, lines: recipe } of recipes)
    lines.push(...recipe.flatMap((each, i) => labelled(page, i === 0 ? software : '', each)));
  if (!detail.brief) lines.push(...labelled(page, 'code', code));
  return lines;
}

export function sectionLines(page: TextPage, section: SectionReport): string[] {
  const { id, title, nonStrict, fail } = section;
  return row(
    page,
    {
      verdict: fail > 0 ? 'fail' : nonStrict > 0 ? 'warn' : 'pass',
      label: id,
      text: `${title}: ${countsText(section)}`,
    },
    16,
  );
}

type Counts = NonNullable<ProbeReport['conformance']>['counts'];

function countsText({ cases, pass, nonStrict, fail }: Counts): string {
  return [
    `${pass} of ${cases} pass`,
    ...(nonStrict > 0 ? [`${nonStrict} not strict`] : []),
    ...(fail > 0 ? [`${fail} FAIL`] : []),
  ].join(', ');
}

/** More of them are for --verbose, or for a file. */
const casesShownMax = 12;

export function conformanceLines(
  page: TextPage,
  report: NonNullable<ProbeReport['conformance']>,
  detail: Detail,
): string[] {
  if (report.skipped !== null) return row(page, { verdict: 'fail', label: 'conformance', text: report.skipped }, 11);
  const lines = [heading(page, 'Conformance'), ...report.sections.flatMap((section) => sectionLines(page, section))];
  lines.push('', ...labelled(page, 'all', countsText(report.counts), 6));
  for (const note of report.notes) lines.push(...labelled(page, 'but', note, 6));
  for (const verdict of ['fail', 'non-strict'] as const) {
    const cases = report.cases.filter((each) => each.verdict === verdict);
    if (cases.length === 0) continue;
    const shown = detail.verbose ? cases : cases.slice(0, casesShownMax);
    lines.push('', paint(page, 'bold', verdict === 'fail' ? 'Failed' : 'Not strict, and harmless'));
    for (const each of shown)
      lines.push(
        ...row(
          page,
          {
            verdict: verdict === 'fail' ? 'fail' : 'warn',
            label: each.id,
            text: `${each.name}: ${each.got}; expected: ${each.expected} (${each.rfc})`,
          },
          5,
        ),
      );
    if (shown.length < cases.length) lines.push(`      and ${cases.length - shown.length} more; -v shows them all`);
  }
  return lines;
}

/** In this order, whichever was opened first. */
const laneNames: Readonly<Record<LaneReport['kind'], string>> = {
  mute: 'quiet',
  ladder: 'quiet, asked later',
  answering: 'answers pings',
  pongs: 'sends pongs',
  pings: 'sends pings',
  messages: 'sends messages',
};

export function idleLines(page: TextPage, idle: IdleReport): string[] {
  const lines = [heading(page, 'Idle timeout')];
  for (const kind of Object.keys(laneNames) as LaneReport['kind'][]) {
    const lanes = idle.lanes.filter((lane) => lane.kind === kind);
    for (const text of new Set(lanes.map(fateText))) {
      const alike = lanes.filter((lane) => fateText(lane) === text);
      const label = `${laneNames[kind]}${alike.length === 1 ? '' : ` × ${alike.length}`}`;
      lines.push(...row(page, { verdict: alike[0]!.death === null ? 'pass' : 'warn', label, text }, 18));
    }
  }
  lines.push('', ...labelled(page, 'found', idle.finding));
  if (idle.guess !== null) lines.push(...labelled(page, 'guess', `${idle.guess.hop}: ${idle.guess.reason}`));
  if (idle.remedy !== null) lines.push(...labelled(page, 'do', idle.remedy));
  return lines;
}

function fateText({ death, ageMs }: LaneReport): string {
  return death === null ? `alive after ${secondsText(ageMs)}` : `cut after ${secondsText(ageMs)}: ${deathText(death)}`;
}

/** The last line: what came out, and how much of it. */
export function outcomeLine(page: TextPage, report: ProbeReport, stopped = false): string {
  const all = [...report.walk, ...report.checks];
  const count = (verdict: Step['verdict']) => all.filter((each) => each.verdict === verdict).length;
  const parts = [
    ...(count('fail') > 0 ? [`${count('fail')} failed`] : []),
    `${count('pass')} passed`,
    ...(count('warn') > 0 ? [`${count('warn')} ${count('warn') === 1 ? 'warning' : 'warnings'}`] : []),
    ...(count('skip') > 0 ? [`${count('skip')} skipped`] : []),
    ...(report.conformance === null
      ? []
      : [`${report.conformance.counts.fail} of ${report.conformance.counts.cases} cases failed`]),
    ...idlePart(report.idle),
  ];
  const words = { passed: ['Passed', 'good'], failed: ['Failed', 'bad'], unreachable: ['Not reached', 'bad'] } as const;
  const [word, ink] = stopped ? (['Stopped', 'warn'] as const) : words[report.outcome];
  const [first = '', ...rest] = broken(`${word}: ${parts.join(', ')}, in ${timeText(report.tookMs)}.`, page.width);
  return [`${paint(page, ink, word)}${first.slice(word.length)}`, ...rest].join('\n');
}

/** No check says this, so without it a report of a cut connection would end as if nothing had been found. */
function idlePart(idle: IdleReport | null): string[] {
  if (idle === null || idle.timeoutMs === null) return [];
  if (idle.kind === 'idle') return [`cut after ${secondsText(idle.timeoutMs)} of silence`];
  return idle.kind === 'lifetime' ? [`cut at the age of ${secondsText(idle.timeoutMs)}`] : [];
}

export function titleLine(page: TextPage, url: string): string {
  return paint(page, 'bold', `Probing ${printable(url)}`);
}
