/** From a failed dial to the likely cause and its remedy. */
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { DialFailure } from '../../client/dial/failure.ts';
import type { DialOptions } from '../../client/dial/options.ts';
import { headerValues } from '../../ws/head.ts';
import type { Failure, StepId } from '../report.ts';
import { failureText, makeTries, type TryId, type TryOutcome } from '../walk/tries.ts';
import { answerCauses } from './answer.ts';
import type { Cause, FailureFacts } from './cause.ts';
import { recipesFor } from './recipes.ts';
import { routeCauses } from './route.ts';
import { type Answerer, answererOf } from './software.ts';
import { statusCauses } from './status.ts';
import { upgradeCauses } from './upgrade.ts';

const causes: readonly Cause[] = [...routeCauses, ...answerCauses, ...upgradeCauses, ...statusCauses];

const noTries: ReadonlyMap<TryId, TryOutcome> = new Map();

/** Makes the second tries that the failure calls for, and names the cause. */
export async function diagnose(failure: DialFailure, url: string, options: DialOptions): Promise<Failure> {
  const first = nameCause(failureFacts(failure, url, noTries));
  // What is proved already needs no further handshakes.
  if (first.certainty === 'proved') return first;
  return nameCause(failureFacts(failure, url, await makeTries(failure, url, options)));
}

/** The table alone: facts in, cause out. */
export function nameCause(facts: FailureFacts): Failure {
  const { failure, answerer } = facts;
  const cause = causes.find((each) => each.when(facts));
  if (cause === undefined) throw new Error(`no cause fits ${failure.phase} ${failure.code}`);
  const entry = catalogue[cause.code];
  return {
    step: stepOf(failure),
    code: cause.code,
    what: whatOf(facts),
    cause: cause.because?.(facts) ?? entry.means,
    certainty: typeof cause.certainty === 'string' ? cause.certainty : cause.certainty(facts),
    evidence: evidenceOf(facts),
    remedy: cause.remedy?.(facts) ?? entry.remedy,
    recipes: recipesFor(cause.code, answerer.proxy, facts.url),
  };
}

export function failureFacts(failure: DialFailure, url: string, tries: ReadonlyMap<TryId, TryOutcome>): FailureFacts {
  const answer = 'answer' in failure ? failure.answer : null;
  const bytes =
    failure.phase === 'upgrade' ? failure.body : failure.phase === 'answer' ? failure.received : new Uint8Array(0);
  // Bytes that are no HTTP are looked at as bytes.
  const body = Buffer.from(bytes).toString(failure.phase === 'answer' ? 'latin1' : 'utf8');
  const nobody: Answerer = { shown: null, proxy: null, itself: false };
  return {
    failure,
    url,
    body,
    tries,
    status: answer?.status ?? 0,
    header: (name) => (answer === null ? '' : (headerValues(answer.rawHeaders, name)[0] ?? '')),
    answerer: answer === null ? nobody : answererOf(answer, body),
  };
}

function stepOf(failure: DialFailure): StepId {
  if (failure.phase !== 'upgrade') return failure.phase;
  if (failure.code === 'status' || failure.code === 'http-version') return 'answer';
  if (failure.code.startsWith('subprotocol')) return 'subprotocol';
  return failure.code.startsWith('extension') ? 'extensions' : 'accept';
}

/** Enough of a body to recognise it by. */
const bodyShownMax = 200;

function whatOf({ failure, status }: FailureFacts): string {
  if (failure.phase === 'upgrade' && failure.code === 'status')
    return `the answer is ${`${status} ${failure.answer.reason}`.trimEnd()} instead of 101 Switching Protocols`;
  return failureText(failure);
}

function evidenceOf({ failure, answerer, body, tries, header }: FailureFacts): string[] {
  const lines: string[] = [];
  if (failure.phase === 'tcp') for (const { address, code } of failure.attempts) lines.push(`${address}: ${code}`);
  if (failure.phase === 'tls' && failure.facts?.certificate != null) {
    const { subject, issuer, names, validFrom, validTo, chainLength } = failure.facts.certificate;
    lines.push(`certificate: ${subject}${names === '' ? '' : ` (${names})`}, from ${issuer}`);
    lines.push(`valid from ${validFrom} to ${validTo}; certificates sent: ${chainLength}`);
  }
  if (failure.phase === 'upgrade') {
    if (answerer.shown !== null) lines.push(`answered by ${answerer.shown}${answerer.itself ? ' itself' : ''}`);
    for (const name of ['location', 'www-authenticate', 'retry-after', 'via', 'sec-websocket-version'])
      if (header(name) !== '') lines.push(`${name}: ${header(name).slice(0, bodyShownMax)}`);
    const text = textOfPage(body);
    if (text !== '') lines.push(`the body says: ${text}`);
  }
  if (failure.phase === 'answer' && failure.received.length > 0)
    lines.push(
      `the first bytes: ${Buffer.from(failure.received.subarray(0, 32)).toString('hex').replace(/../g, '$& ').trim()}`,
    );
  for (const each of tries.values()) lines.push(each.sentence);
  return lines;
}

/** A page without its tags, on one line. */
function textOfPage(body: string): string {
  const text = body
    .slice(0, 20_000)
    .replace(/<(script|style|head)\b[^>]*>[\s\S]{0,5000}?<\/\1>/gi, ' ')
    .replace(/<[^<>]{0,500}>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > bodyShownMax ? `${text.slice(0, bodyShownMax)}…` : text;
}
