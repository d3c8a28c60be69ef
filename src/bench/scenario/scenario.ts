/** Reading a scenario: fills in the defaults and says what is wrong with it. Pure; nothing is tried. */
import type { Diagnostic, Findings, Where } from '../../base/diagnostic.ts';
import { readTarget } from '../../client/dial/target.ts';
import {
  type BenchScenario,
  type NumberRange,
  type PhaseInput,
  type PhasePlan,
  phasesMax,
  rampSecondsMax,
  ranges,
  type ScenarioInput,
  type StormPlan,
  scenarioDefaults,
  sizesOf,
  stormsMax,
} from './model.ts';
import type { SizeShare } from './sizes.ts';
import { readMessageTemplate, readReply } from './template.ts';
import { readThreshold, type Threshold } from './thresholds.ts';

export * from './mode.ts';
export * from './model.ts';

export type ScenarioCode =
  | 'bench-out-of-range'
  | 'bench-threshold'
  | 'bench-url'
  | 'bench-message'
  | 'bench-contradiction';
type Found = Diagnostic<ScenarioCode>;
export type SettingPath = readonly (string | number)[];

export interface ReadScenarioOptions {
  /** Where a setting stands in the text it came from, if it came from one. */
  readonly locate?: (path: SettingPath) => Where | undefined;
}

/** What settings are called in a scenario file and on the command line, where that is not their name here. */
export const settingNames: Readonly<Record<string, string>> = {
  connectsPerSecond: 'connectRate',
  durationMs: 'duration',
  messagesPerSecond: 'rate',
  messageBytes: 'size',
  sizes: 'size',
  storms: 'storm',
  graceMs: 'grace',
  rawHeaders: 'headers',
  kind: 'binary',
};

/** The value is null when it cannot be run. */
export function readScenario(
  input: ScenarioInput,
  options: ReadScenarioOptions = {},
): Findings<BenchScenario | null, ScenarioCode> {
  const diagnostics: Found[] = [];
  const find: Find = (path, code, message, help) => {
    const where = options.locate?.(path);
    diagnostics.push({ code, severity: 'error', message, ...(where === undefined ? {} : { where }), help });
  };
  const mode = input.mode ?? (input.message != null || input.reply != null ? 'request' : scenarioDefaults.mode);
  const scenario: BenchScenario = {
    ...scenarioDefaults,
    ...input,
    mode,
    backoff: { ...scenarioDefaults.backoff, ...input.backoff },
    phases: [],
    thresholds: [],
  };
  const target = readTarget(scenario.url);
  if (!target.ok) find(['url'], 'bench-url', target.detail, 'write ws://host/path');
  checkRanges(scenario, [], '', find);
  checkSizes(sizesOf(scenario), ['messageBytes'], '', find);
  checkStorms(scenario.storms, scenario.durationMs, ['storms'], '', find);
  checkBackoff(scenario, find);
  checkMessage(scenario, find);
  const phases = readPhases(input.phases ?? [], scenario, find);
  if (phases.length === 0) checkCrowd(scenario, scenario, [], '', find);
  const anyStorm = scenario.storms.length > 0 || phases.some(({ storms }) => storms.length > 0);
  const thresholds = readThresholds(input.thresholds ?? [], { mode, storms: anyStorm }, ['thresholds'], '', find);
  if (scenario.search !== null) checkSearch({ ...scenario, phases, thresholds }, input.thresholds ?? [], find);
  if (diagnostics.length > 0) return { value: null, diagnostics };
  return { value: { ...scenario, ...summed(phases), phases, thresholds }, diagnostics };
}

/** What is told of a run with phases as a whole: the most of everything, and how long it takes. */
function summed(phases: readonly PhasePlan[]): Partial<BenchScenario> {
  if (phases.length === 0) return {};
  const most = (of: (phase: PhasePlan) => number) => Math.max(...phases.map(of));
  return {
    connections: most(({ connections }) => connections),
    messagesPerSecond: most(({ messagesPerSecond }) => messagesPerSecond),
    durationMs: phases.reduce((sum, { durationMs }) => sum + durationMs, 0),
  };
}

type Find = (path: SettingPath, code: ScenarioCode, message: string, help: string) => void;

function readPhases(inputs: readonly PhaseInput[], scenario: BenchScenario, find: Find): PhasePlan[] {
  if (inputs.length > phasesMax)
    find(['phases'], 'bench-out-of-range', `${inputs.length} phases are too many`, `write at most ${phasesMax}`);
  return inputs.slice(0, phasesMax).map((input, index): PhasePlan => {
    const path = ['phases', index];
    const name = input.name ?? `phase ${index + 1}`;
    const says = `phase ${JSON.stringify(name.slice(0, 50))}: `;
    const { durationMs, connections, connectsPerSecond, messagesPerSecond } = { ...scenario, ...input };
    const sizes =
      input.sizes ?? (input.messageBytes === undefined ? sizesOf(scenario) : [{ bytes: input.messageBytes, share: 1 }]);
    const storms = input.storms ?? scenario.storms;
    const load = { durationMs, connections, connectsPerSecond, messagesPerSecond };
    checkRanges(input, path, says, find);
    checkSizes(sizes, [...path, 'messageBytes'], says, find);
    checkStorms(storms, durationMs, [...path, 'storms'], says, find);
    checkCrowd(scenario, load, path, says, find);
    const of = { mode: scenario.mode, storms: storms.length > 0 };
    const thresholds = readThresholds(input.thresholds ?? [], of, [...path, 'thresholds'], says, find);
    return { name: name.slice(0, 100), ...load, sizes, storms, thresholds };
  });
}

function readThresholds(
  texts: readonly string[],
  of: Parameters<typeof readThreshold>[1],
  path: SettingPath,
  says: string,
  find: Find,
): Threshold[] {
  return texts.flatMap((text, index) => {
    const reading = readThreshold(text, of);
    if (reading.ok) return [reading.threshold];
    find([...path, index], 'bench-threshold', says + reading.problem, reading.help);
    return [];
  });
}

function checkRanges(values: Partial<BenchScenario> | PhaseInput, path: SettingPath, says: string, find: Find): void {
  for (const [name, range] of Object.entries(ranges) as [keyof typeof ranges, NumberRange][]) {
    const value = (values as Partial<BenchScenario>)[name];
    if (value == null || fits(value, range)) continue;
    const message = `${says}${range.says}: ${value} is not ${range.whole ? 'a whole number ' : ''}${span(range)}`;
    find([...path, name], 'bench-out-of-range', message, `give a number ${span(range)}`);
  }
}

function checkSizes(sizes: readonly SizeShare[], path: SettingPath, says: string, find: Find): void {
  // A single size is a number of its own, and was looked at.
  if (sizes.length < 2) return;
  const range = ranges.messageBytes;
  for (const { bytes } of sizes)
    if (!fits(bytes, range))
      find(
        path,
        'bench-out-of-range',
        `${says}${range.says}: ${bytes} is not ${span(range)}`,
        `give sizes ${span(range)}`,
      );
}

function checkStorms(
  storms: readonly StormPlan[],
  durationMs: number,
  path: SettingPath,
  says: string,
  find: Find,
): void {
  if (storms.length > stormsMax)
    find(path, 'bench-out-of-range', `${says}${storms.length} storms are too many`, `ask for at most ${stormsMax}`);
  for (const [index, { atMs }] of storms.entries())
    if (!(atMs >= 0 && atMs < durationMs))
      find(
        [...path, index],
        'bench-out-of-range',
        `${says}a storm after ${atMs / 1000} s comes later than the load of ${durationMs / 1000} s ends`,
        'let it come earlier, or let the load last longer',
      );
}

function checkBackoff({ backoff }: BenchScenario, find: Find): void {
  const { firstMs, maxMs, jitter } = backoff;
  if (!(firstMs >= 0 && maxMs >= firstMs && maxMs <= 3_600_000))
    find(
      ['backoff'],
      'bench-out-of-range',
      `the backoff: from ${firstMs / 1000} s to ${maxMs / 1000} s is not a wait that grows`,
      'write the first and the longest wait, as in 1s..30s, or 0 to come back at once',
    );
  if (!(jitter >= 0 && jitter <= 1))
    find(
      ['jitter'],
      'bench-out-of-range',
      `the jitter: ${jitter} is not a share from 0 to 1`,
      'give a number from 0 to 1',
    );
}

function checkMessage({ mode, message, reply }: BenchScenario, find: Find): void {
  if (message !== null) {
    const reading = readMessageTemplate(message);
    if (!reading.ok) find(['message'], 'bench-message', reading.problem, reading.help);
    if (mode === 'hold')
      find(['message'], 'bench-contradiction', 'mode hold sends no messages', 'leave the message out, or the mode');
  }
  if (reply !== null) {
    const reading = readReply(reply);
    if (!reading.ok) find(['reply'], 'bench-message', reading.problem, reading.help);
  }
  if (mode === 'request' && message === null)
    find(
      ['message'],
      'bench-message',
      'mode request has no message to send',
      'give one with {id} in it: {"id":"{id}"}',
    );
  if (mode !== 'request' && message !== null && !message.includes('{id}') && message.includes('{number}'))
    find(
      ['message'],
      'bench-message',
      `in mode ${mode} a message is known by {id}, which is the same for all who get it; {number} is for replies`,
      'put {id} into the message, or choose the mode request',
    );
}

/** Whether so many connections can be opened in time, and whether somebody is left to receive. */
function checkCrowd(
  { mode, publishers }: BenchScenario,
  { connections, connectsPerSecond }: Pick<PhasePlan, 'connections' | 'connectsPerSecond'>,
  path: SettingPath,
  says: string,
  find: Find,
): void {
  if (connections / connectsPerSecond > rampSecondsMax)
    find(
      [...path, 'connections'],
      'bench-out-of-range',
      `${says}${connections} connections at ${connectsPerSecond} per second take longer than an hour to open`,
      'open fewer connections, or open them faster',
    );
  if (mode === 'fanout' && publishers >= connections)
    find(
      [...path, 'publishers'],
      'bench-out-of-range',
      `${says}${publishers} of ${connections} connections publish, and no connection is left to receive`,
      'open more connections, or let fewer of them publish',
    );
}

function checkSearch(scenario: BenchScenario, written: readonly string[], find: Find): void {
  if (written.length === 0)
    find(
      ['search'],
      'bench-contradiction',
      'a search needs a threshold to hold its steps against',
      'add one, as in --threshold "p99 < 50ms"',
    );
  if (scenario.phases.length > 0)
    find(
      ['search'],
      'bench-contradiction',
      'a search has no phases: each of its steps is a run of its own',
      'leave one out',
    );
  if (scenario.search === 'rate' && scenario.mode === 'hold')
    find(
      ['search'],
      'bench-contradiction',
      'mode hold sends no messages, so there is no rate to search',
      'search connections',
    );
}

function fits(value: number, range: NumberRange): boolean {
  return value >= range.min && value <= range.max && (!range.whole || Number.isInteger(value));
}

function span(range: NumberRange): string {
  return `from ${range.min.toLocaleString('en-US')} to ${range.max.toLocaleString('en-US')}`;
}
