/**
 * A scenario as people write it in YAML: the names and units of the options, with phases. Pure: the text is read
 * elsewhere.
 */
import type { Diagnostic, Findings, Where } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import { type Parsed, parseDuration, parseRate } from '../../base/units.ts';
import { parseBackoff } from './backoff.ts';
import { benchModes } from './mode.ts';
import { type PhaseInput, type ScenarioInput, type StormPlan, searchSubjects } from './model.ts';
import { type SettingPath, settingNames } from './scenario.ts';
import { parseSizes } from './sizes.ts';

export type ScenarioFileCode = 'bench-unknown-key' | 'bench-bad-value';
export type LocateKey = (path: SettingPath, part: 'key' | 'value') => Where | undefined;

/** What one key adds to the scenario; `problem` says what it should have been. */
type Reader<Input> = (value: unknown) => Parsed<Partial<Input>>;

/** The value is null when something in it could not be read. */
export function scenarioFromObject(
  written: unknown,
  locate: LocateKey,
): Findings<Partial<ScenarioInput> | null, ScenarioFileCode> {
  const diagnostics: Diagnostic<ScenarioFileCode>[] = [];
  const find: Find = (path, part, code, message, help) => {
    const where = locate(path, part);
    diagnostics.push({ code, severity: 'error', message, ...(where === undefined ? {} : { where }), help });
  };
  const input = readBlock<ScenarioInput>(written, scenarioKeys, ['phases'], [], find);
  const phases = isBlock(written) ? written.phases : undefined;
  if (phases === undefined) return { value: diagnostics.length === 0 ? input : null, diagnostics };
  if (!Array.isArray(phases))
    find(['phases'], 'value', 'bench-bad-value', 'phases must be a list', 'begin each with a dash');
  const read = (Array.isArray(phases) ? phases : []).map((phase, index) =>
    readBlock<PhaseInput>(phase, phaseKeys, [], ['phases', index], find),
  );
  return { value: diagnostics.length === 0 ? { ...input, phases: read } : null, diagnostics };
}

type Find = (path: SettingPath, part: 'key' | 'value', code: ScenarioFileCode, message: string, help: string) => void;

function readBlock<Input>(
  written: unknown,
  keys: Readonly<Record<string, Reader<Input>>>,
  others: readonly string[],
  path: SettingPath,
  find: Find,
): Partial<Input> {
  const known = [...Object.keys(keys), ...others];
  const here = path.length === 0 ? 'the scenario' : `phase ${Number(path[1]) + 1}`;
  const help = `the settings here are ${known.join(', ')}`;
  if (!isBlock(written)) {
    find(path, 'value', 'bench-bad-value', `${here} must be a block of settings, such as connections: 100`, help);
    return {};
  }
  let input: Partial<Input> = {};
  for (const [key, value] of Object.entries(written)) {
    if (others.includes(key)) continue;
    const read = Object.hasOwn(keys, key) ? keys[key]! : null;
    if (read === null) {
      const hint = hintFor(key, known);
      const shown = JSON.stringify(key.slice(0, 100));
      find([...path, key], 'key', 'bench-unknown-key', `there is no setting ${shown} in ${here}${hint}`, help);
      continue;
    }
    const parsed = read(value);
    if (parsed.ok) input = merged(input, parsed.value);
    else find([...path, key], 'value', 'bench-bad-value', `${key}: ${parsed.problem}`, 'correct the value');
  }
  return input;
}

/** What several keys say of one setting stands side by side. */
function merged<Input>(input: Partial<Input>, more: Partial<Input>): Partial<Input> {
  const before = (input as Partial<ScenarioInput>).backoff;
  const { backoff } = more as Partial<ScenarioInput>;
  return { ...input, ...more, ...(backoff === undefined ? {} : { backoff: { ...before, ...backoff } }) };
}

function hintFor(key: string, known: readonly string[]): string {
  // Words of the options, and of other tools.
  if (/own.*target/i.test(key)) return '; the option --i-own-this-target confirms that a target is yours';
  const meant = nearest(key.replaceAll(/[-_]/g, ''), known) ?? settingNames[key];
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

const text = (value: unknown): Parsed<string> =>
  typeof value === 'string' ? { ok: true, value } : { ok: false, problem: `${shown(value)} is not a text` };

const number = (value: unknown): Parsed<number> =>
  typeof value === 'number' ? { ok: true, value } : { ok: false, problem: `${shown(value)} is not a number` };

const yesOrNo = (value: unknown): Parsed<boolean> =>
  typeof value === 'boolean'
    ? { ok: true, value }
    : { ok: false, problem: `${shown(value)} is neither true nor false` };

/** A bare number is seconds, as in nginx. */
const duration = (value: unknown): Parsed<number> => parseDuration(plain(value));

/** A bare number is per second. */
const rate = (value: unknown): Parsed<number> =>
  typeof value === 'number' ? { ok: true, value } : parseRate(plain(value));

const sizes = (value: unknown): Parsed<Pick<PhaseInput, 'messageBytes' | 'sizes'>> => {
  const parsed = parseSizes(Array.isArray(value) ? value.map(plain).join(',') : plain(value));
  if (!parsed.ok) return parsed;
  const [only, ...more] = parsed.value;
  return { ok: true, value: more.length === 0 ? { messageBytes: only!.bytes } : { sizes: parsed.value } };
};

const oneOf =
  <Name extends string>(names: readonly Name[]) =>
  (value: unknown): Parsed<Name> => {
    const found = names.find((name) => name === value);
    if (found !== undefined) return { ok: true, value: found };
    const meant = nearest(plain(value), names);
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    return { ok: false, problem: `${shown(value)} is none of ${names.join(', ')}${hint}` };
  };

/** One value stands for a list of it. */
const listOf =
  <Value>(read: (value: unknown) => Parsed<Value>) =>
  (value: unknown): Parsed<readonly Value[]> => {
    const values: Value[] = [];
    for (const each of Array.isArray(value) ? value : [value]) {
      const parsed = read(each);
      if (!parsed.ok) return parsed;
      values.push(parsed.value);
    }
    return { ok: true, value: values };
  };

/** `5s`, or `{ at: 5s, command: nginx -s reload }`. */
const storm = (value: unknown): Parsed<StormPlan> => {
  if (!isBlock(value)) {
    const at = duration(value);
    return at.ok ? { ok: true, value: { atMs: at.value, command: null } } : at;
  }
  const unknown = Object.keys(value).find((key) => key !== 'at' && key !== 'command');
  if (unknown !== undefined)
    return { ok: false, problem: `there is no setting ${JSON.stringify(unknown)} in a storm; it has at and command` };
  const at = duration(value.at ?? 0);
  const command = value.command === undefined ? null : text(value.command);
  if (!at.ok) return at;
  if (command !== null && !command.ok) return command;
  return { ok: true, value: { atMs: at.value, command: command?.value ?? null } };
};

/** `Name: value` for each. */
const headers = (value: unknown): Parsed<readonly string[]> => {
  if (!isBlock(value))
    return { ok: false, problem: 'write each header on a line of its own: Authorization: Bearer abc' };
  const pairs = Object.entries(value).map(([name, each]) => [name, plain(each)]);
  return { ok: true, value: pairs.flat() };
};

const as =
  <Input, Key extends keyof Input, Value extends Input[Key]>(
    key: Key,
    read: (value: unknown) => Parsed<Value>,
  ): Reader<Input> =>
  (value) => {
    const parsed = read(value);
    return parsed.ok ? { ok: true, value: { [key]: parsed.value } as unknown as Partial<Input> } : parsed;
  };

/** What a scenario and a phase of it have in common. */
function loadKeys<Input extends PhaseInput>(): Record<string, Reader<Input>> {
  return {
    duration: as<Input, 'durationMs', number>('durationMs', duration),
    connections: as<Input, 'connections', number>('connections', number),
    connectRate: as<Input, 'connectsPerSecond', number>('connectsPerSecond', rate),
    rate: as<Input, 'messagesPerSecond', number>('messagesPerSecond', rate),
    size: sizes as Reader<Input>,
    storm: as<Input, 'storms', readonly StormPlan[]>('storms', listOf(storm)),
    thresholds: as<Input, 'thresholds', readonly string[]>('thresholds', listOf(text)),
  };
}

export const phaseKeys: Readonly<Record<string, Reader<PhaseInput>>> = {
  name: as('name', text),
  ...loadKeys<PhaseInput>(),
};

/** Three keys make one setting: readBlock puts them together. */
function into<Value>(
  value: unknown,
  read: (value: unknown) => Parsed<Value>,
  part: (value: Value) => NonNullable<ScenarioInput['backoff']>,
): Parsed<Pick<ScenarioInput, 'backoff'>> {
  const parsed = read(value);
  return parsed.ok ? { ok: true, value: { backoff: part(parsed.value) } } : parsed;
}

export const scenarioKeys: Readonly<Record<string, Reader<ScenarioInput>>> = {
  url: as('url', text),
  mode: as('mode', oneOf(benchModes)),
  ...(loadKeys() as Record<string, Reader<ScenarioInput>>),
  binary: (value) => {
    const parsed = yesOrNo(value);
    return parsed.ok ? { ok: true, value: { kind: parsed.value ? 'binary' : 'text' } } : parsed;
  },
  compress: as('compress', yesOrNo),
  message: as('message', text),
  reply: as('reply', text),
  publishers: as('publishers', number),
  backoff: (value) =>
    into(
      value,
      (each) => parseBackoff(plain(each)),
      (range) => range,
    ),
  jitter: (value) => into(value, number, (jitter) => ({ jitter })),
  retryAfter: (value) => into(value, yesOrNo, (retryAfter) => ({ retryAfter })),
  reconnect: as('reconnect', yesOrNo),
  search: as('search', oneOf(searchSubjects)),
  grace: as('graceMs', duration),
  processes: as('processes', number),
  sources: as('sources', listOf(text)),
  origin: as('origin', text),
  subprotocols: as('subprotocols', listOf(text)),
  first: as('first', text),
  expect: as('expect', text),
  headers: as('rawHeaders', headers),
  insecure: as('insecure', yesOrNo),
  pids: as('pids', listOf(number)),
};

function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100);
}
