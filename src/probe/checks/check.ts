/** The form of a check, and what checks do with a handshake. */
import { dial } from '../../client/dial/dial.ts';
import type { DialOptions } from '../../client/dial/options.ts';
import { headerValues } from '../../ws/head.ts';
import { endText, type LineOptions, type ProbeLine, pingLine, withLine } from '../line.ts';
import type { CheckResult, Endpoint } from '../report.ts';

export interface Check {
  readonly id: string;
  readonly group: CheckGroup;
  readonly title: string;
  /** Why it matters, one sentence. */
  readonly why: string;
  /** It must not run beside others, because it would disturb them or be disturbed. */
  readonly alone?: boolean;
  /** It breaks the protocol or sends what is meant to hurt: only when that was asked for, and last. */
  readonly adversarial?: boolean;
  readonly run: (context: CheckContext) => Promise<CheckFinding>;
}

export const checkGroups = [
  'handshake',
  'origin',
  'http',
  'compression',
  'ping',
  'messages',
  'protocol',
  'close',
  'load',
] as const;

export type CheckGroup = (typeof checkGroups)[number];

export interface CheckContext {
  readonly url: string;
  readonly dial: LineOptions;
  readonly endpoint: Endpoint;
  /** Longest wait for an answer after the upgrade, in milliseconds. */
  readonly timeoutMs: number;
  /** Is a client with this Origin let in? Each is asked once. */
  readonly letsIn: (origin: string | null) => Promise<CheckEntry>;
  /** A connection that said nothing while the checks ran, and how long that was; null when it could not be opened. */
  readonly quiet: () => Promise<{ readonly pings: number; readonly tookMs: number } | null>;
}

export type CheckFinding = Pick<CheckResult, 'verdict' | 'finding'> & {
  readonly evidence?: readonly string[];
  readonly remedy?: string;
};

export const pass = (finding: string, evidence: readonly string[] = []): CheckFinding => ({
  verdict: 'pass',
  finding,
  evidence,
});
export const skip = (finding: string): CheckFinding => ({ verdict: 'skip', finding });
export const warn = (finding: string, remedy: string, evidence: readonly string[] = []): CheckFinding => ({
  verdict: 'warn',
  finding,
  remedy,
  evidence,
});
export const fail = (finding: string, remedy: string, evidence: readonly string[] = []): CheckFinding => ({
  verdict: 'fail',
  finding,
  remedy,
  evidence,
});

export interface AnsweredCheck {
  readonly upgraded: boolean;
  /** 0 without an answer. */
  readonly status: number;
  /** `426`, or how it ended without an answer. */
  readonly said: string;
  readonly header: (name: string) => string;
  readonly body: string;
}

/**
 * What the server answers to a handshake that is changed in some way. A wrong 101 counts as an upgrade all the same.
 */
export async function answerTo(
  { url, dial: base }: CheckContext,
  change: DialOptions,
  path?: string,
): Promise<AnsweredCheck> {
  const target = path === undefined ? url : new URL(path, url.replace(/^ws/, 'http')).href.replace(/^http/, 'ws');
  const result = await dial(target, { ...base, ...change });
  if (result.ok) {
    result.connection.cut();
    const { rawHeaders } = result.handshake.answer;
    return answered(101, rawHeaders, new Uint8Array(0), '101');
  }
  const { failure } = result;
  if (failure.phase !== 'upgrade') return answered(0, [], new Uint8Array(0), failure.detail);
  const { status, rawHeaders } = failure.answer;
  return answered(status, rawHeaders, failure.body, String(status));
}

function answered(status: number, rawHeaders: readonly string[], body: Uint8Array, said: string): AnsweredCheck {
  return {
    upgraded: status === 101,
    status,
    said,
    header: (name) => headerValues(rawHeaders, name).join(', '),
    body: Buffer.from(body).toString('utf8'),
  };
}

export interface CheckEntry {
  readonly in: boolean;
  /** `403`, or `101, then closed with 1008`. */
  readonly said: string;
}

/** Some servers accept every handshake and throw out the wrong ones a moment later, so that a ping has to prove it. */
export async function tryEntry(context: CheckContext, origin: string | null): Promise<CheckEntry> {
  return await withLine<CheckEntry>(
    context.url,
    { ...context.dial, origin },
    async (line) => {
      const ping = await pingLine(line, Buffer.from('in?'), context.timeoutMs);
      if (ping.ok) return { in: true, said: '101' };
      return {
        in: false,
        said: ping.event.kind === 'end' ? `101, then ${endText(ping.event.end)}` : '101, then nothing',
      };
    },
    ({ failure }) => ({
      in: false,
      said: failure.phase === 'upgrade' ? String(failure.answer.status) : failure.detail,
    }),
  );
}

/** Opens a connection for a check; one that cannot be opened, where the walk’s could, is a finding itself. */
export function onLine(
  context: CheckContext,
  use: (line: ProbeLine) => Promise<CheckFinding>,
  change: DialOptions = {},
): Promise<CheckFinding> {
  return withLine(context.url, { ...context.dial, ...change }, use, ({ failure }) =>
    warn(
      `another connection could not be opened: ${failure.detail}`,
      'look for a limit on connections or handshakes from one address',
    ),
  );
}
