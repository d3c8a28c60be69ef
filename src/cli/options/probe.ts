/** The options of `holdline probe`, beyond those that say how to dial. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { openings, readOpening } from '../../client/opening.ts';
import { checkGroups } from '../../probe/checks/check.ts';
import { checks } from '../../probe/checks/run.ts';
import { sections } from '../../probe/conformance/sections.ts';
import type { ProbeOptions } from '../../probe/options.ts';
import { type DialCliOptions, dialContradiction, dialOptionsFrom, durationOption, wholeNumber } from './dial.ts';

export const probeFormats = ['text', 'json', 'junit', 'markdown'] as const;

export interface ProbeCliOptions extends DialCliOptions {
  readonly quick?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly conformance?: true | string;
  readonly idle?: boolean;
  readonly max?: number;
  readonly mustHold?: number;
  readonly adversarial?: boolean;
  readonly iOwnThisTarget?: boolean;
  readonly first?: string;
  readonly expect?: string;
  readonly vs?: string;
  readonly watch?: number;
  readonly count?: number;
  readonly during?: string;
  readonly connections?: number;
  readonly settle?: number;
  readonly message?: string | false;
  readonly format: (typeof probeFormats)[number];
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly brief?: boolean;
  readonly strict?: boolean;
  readonly list?: boolean;
}

export function addProbeOptions(command: Command): Command {
  return command
    .option('-q, --quick', 'only walk, without the checks')
    .option('--only <ids>', 'run only these checks or groups: origin,ping', checkNames)
    .option('--skip <ids>', 'skip these checks or groups', checkNames)
    .option('--message <text>', 'the message that is sent to see whether the server echoes')
    .option('--no-message', 'send no message at all')
    .option(
      '--conformance [sections]',
      'run the whole conformance suite, or sections of it; needs an endpoint that echoes',
    )
    .option('--idle', 'find out after how much silence the connection is cut, by whom, and what prevents it')
    .option('--max <time>', 'how long --idle waits at most (default: 2m)', durationOption)
    .option('--must-hold <time>', 'with --idle: fail when a quiet connection is cut before this time', durationOption)
    .option('--adversarial', 'also run the checks that break the protocol, at the end; a weak server may crash')
    .option('--i-own-this-target', 'confirm that a target with a public address is yours, and may break')
    .option(
      '--first <text>',
      `message to send first on every connection: a text, or ${Object.keys(openings).join(', ')}`,
    )
    .option('--expect <text>', 'text that the answer to it must contain; alone, text that the server must send first')
    .option('--vs <url>', 'probe this one too, and show what differs: the server direct, and through the proxy')
    .option('--watch <time>', 'repeat a handshake and a ping at this interval, until Ctrl-C', durationOption)
    .option('--count <n>', 'how many times --watch repeats', wholeNumber)
    .option('--during <command>', 'hold connections while the command runs, and show what it does to them')
    .option('--connections <n>', 'how many connections --during holds (default: 20)', wholeNumber)
    .option('--settle <time>', 'how long --during watches afterwards (default: 5s)', durationOption)
    .option('-v, --verbose', 'show the bytes, the reasons and the evidence')
    .option('--brief', 'show only what fails or warns, and what to do')
    .option('--strict', 'fail on warnings too')
    .addOption(new Option('-f, --format <form>', 'the format of the report').choices(probeFormats).default('text'))
    .option('--json', 'the same as --format json')
    .option('--list', 'list the checks and the sections of the suite');
}

export function probeOptionsFrom(options: ProbeCliOptions): ProbeOptions {
  const { only, skip, conformance } = options;
  const choice = { ...(only === undefined ? {} : { only }), ...(skip === undefined ? {} : { skip }) };
  const { mustHold } = options;
  // What must be held has to be watched for as long, and a little longer.
  const maxMs = options.max ?? (mustHold === undefined ? undefined : Math.max(idleMaxMs, mustHold * 1.1));
  const idle = {
    ...(maxMs === undefined ? {} : { maxMs }),
    ...(mustHold === undefined ? {} : { mustHoldMs: mustHold }),
  };
  const opening = readOpening(options.first, options.expect);
  const chosen = typeof conformance === 'string' ? { sections: conformance.split(',').map((each) => each.trim()) } : {};
  // Who asks for the suite, or for the idle timeout, is told of those; the checks come when they are asked for as well.
  const alone = (conformance !== undefined || options.idle === true) && only === undefined;
  return {
    ...dialOptionsFrom(options),
    checks: options.quick || alone ? null : choice,
    conformance: conformance === undefined ? null : chosen,
    idle: options.idle ? idle : null,
    adversarial: options.adversarial === true,
    ownsTarget: options.iOwnThisTarget === true,
    ...(opening === null ? {} : { opening }),
    ...(options.message === undefined ? {} : { message: options.message === false ? null : options.message }),
  };
}

/** A sentence when options do not go together, or null. */
export function contradiction(options: ProbeCliOptions): string | null {
  const dialling = dialContradiction(options);
  if (dialling !== null) return dialling;
  const modes = (['vs', 'watch', 'during'] as const).filter((mode) => options[mode] !== undefined);
  if (modes.length > 1) return `--${modes[0]} and --${modes[1]} do not go together`;
  if (options.brief && options.verbose) return '--brief and --verbose do not go together';
  if (options.max !== undefined && !options.idle) return '--max goes with --idle';
  if (options.mustHold !== undefined && !options.idle) return '--must-hold goes with --idle';
  if (options.mustHold !== undefined && options.max !== undefined && options.max < options.mustHold)
    return '--max is shorter than --must-hold, so it could not be seen';
  if (options.quick && options.adversarial) return '--quick leaves out the checks that --adversarial asks for';
  const breaking = (options.only ?? []).find((name) => isBreaking(name));
  if (breaking !== undefined && options.adversarial !== true)
    return `${breaking} breaks the protocol, and a weak server ends over it; add --adversarial`;
  if (options.count !== undefined && options.watch === undefined) return '--count goes with --watch';
  for (const each of ['connections', 'settle'] as const)
    if (options[each] !== undefined && options.during === undefined) return `--${each} goes with --during`;
  if (options.message === false && options.conformance !== undefined) return '--conformance needs to send messages';
  const wrong = typeof options.conformance === 'string' ? unknownSection(options.conformance) : undefined;
  if (wrong !== undefined)
    return `there is no section ${JSON.stringify(wrong)}; there are ${sections.map((section) => section.id).join(', ')}`;
  const form = formOf(options);
  if ((form === 'junit' || form === 'markdown') && (options.watch !== undefined || options.during !== undefined))
    return `--${options.watch === undefined ? 'during' : 'watch'} has the forms text and json`;
  return form === 'junit' && options.vs !== undefined ? '--vs has the forms text, json and markdown' : null;
}

export function formOf(options: ProbeCliOptions): ProbeCliOptions['format'] {
  return options.json ? 'json' : options.format;
}

/** A check, or a group that holds nothing else. */
function isBreaking(name: string): boolean {
  const meant = checks.filter(({ id, group }) => id === name || group === name);
  return meant.length > 0 && meant.every(({ adversarial }) => adversarial === true);
}

/** As long as --idle watches by default. */
const idleMaxMs = 120_000;

function unknownSection(text: string): string | undefined {
  return text
    .split(',')
    .map((each) => each.trim())
    .find((each) => !sections.some((section) => section.id === each));
}

function checkNames(text: string): readonly string[] {
  const names = text.split(',').map((each) => each.trim());
  const known = [...checks.map((check) => check.id), ...checkGroups] as readonly string[];
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw new InvalidArgumentError(`there is no check "${wrong}"; holdline probe --list shows them`);
  return names;
}
