/** Plays the suite against an endpoint that echoes. */

import { whyNotHarm } from '../harm.ts';
import { dialOptionsOf, type ProbeOptions } from '../options.ts';
import { inParallel } from '../parallel.ts';
import { rawFrame } from '../raw-frame.ts';
import type { Endpoint } from '../report.ts';
import { type Arena, type Case, failed, type Section } from './case.ts';
import { binary, comesBack, type Expected, textMessage } from './play.ts';
import type { CaseResult, ConformanceReport } from './report.ts';
import { sections } from './sections.ts';

/** Enough to hide round trips and the waits of single cases, few enough not to meet limits. */
const parallel = 6;

/** A reaction to a protocol error comes in a round trip; a server that has not reacted after this will not. */
const reactionMs = 2000;

/** Bound for one case, all its waits together. A case that passes it is stuck. */
const caseMsMax = 30_000;

export async function runConformance(
  url: string,
  options: ProbeOptions,
  endpoint: Endpoint,
): Promise<ConformanceReport> {
  const wanted = options.conformance?.sections;
  const chosen = sections.filter((section) => wanted === undefined || wanted.includes(section.id));
  const forbidden = whyNotHarm(options, endpoint);
  if (forbidden !== null) return { ...summarise([], [], []), skipped: forbidden };
  if (endpoint.echoes !== true)
    return {
      ...summarise([], [], []),
      skipped: 'the suite needs an endpoint that echoes: it sends frames and looks at what comes back',
    };
  const arena: Arena = {
    url,
    // No compression unless a case asks for it, so that every bit on the wire is the case's own.
    dial: { ...dialOptionsOf({ ...options, compression: false }), subprotocols: options.subprotocols ?? [] },
    timeoutMs: options.timeoutMs ?? reactionMs,
  };
  const notes = await echoNotes(arena);
  const table = chosen.flatMap((section) =>
    section.cases.map((each, i) => ({ section, each, id: `${numberOf(section)}.${i + 1}` })),
  );
  const tell = options.onEvent ?? (() => undefined);
  const results = await inParallel(
    table,
    parallel,
    async ({ section, each, id }): Promise<CaseResult | null> => {
      const outcome = options.signal?.aborted ? null : await played(each, arena);
      // What was cut off by us says nothing about the server.
      if (outcome === null || options.signal?.aborted) return null;
      return { id, section: section.id, name: each.name, rfc: each.rfc, expected: each.expected, ...outcome };
    },
    {
      onDone: (result, index) =>
        result === null ? undefined : tell({ kind: 'case', result, done: index + 1, total: table.length }),
    },
  );
  const done = results.filter((result) => result !== null);
  if (done.length < table.length) notes.push(`stopped after ${done.length} of ${table.length} cases`);
  return summarise(chosen, done, notes);
}

/** Some endpoints echo line by line, or text alone: what then fails is their echo and not their protocol. */
const echoes: readonly (readonly [Expected, string])[] = [
  [binary(Buffer.from([0x00, 0xff, 0x80])), 'binary messages do not come back as they were'],
  [textMessage('two\nlines'), 'text with a line break does not come back as it was'],
];

async function echoNotes(arena: Arena): Promise<string[]> {
  const notes = await Promise.all(
    echoes.map(async ([expected, problem]) => {
      const frame = rawFrame({ opcode: expected.kind === 'text' ? 1 : 2, payload: expected.data });
      const { verdict } = await comesBack('', [frame], [expected], { rfc: '' }).play(arena);
      return verdict === 'fail' ? `${problem}, so every case that needs that fails, whatever the protocol` : null;
    }),
  );
  return notes.filter((note) => note !== null);
}

function played(each: Case, arena: Arena): ReturnType<Case['play']> {
  let timer: NodeJS.Timeout;
  const stuck = new Promise<Awaited<ReturnType<Case['play']>>>((resolve) => {
    timer = setTimeout(() => resolve(failed(`not over after ${caseMsMax / 1000} s`)), caseMsMax);
  });
  return Promise.race([each.play(arena), stuck]).finally(() => clearTimeout(timer));
}

function numberOf(section: Section): number {
  return sections.indexOf(section) + 1;
}

function summarise(
  chosen: readonly Section[],
  cases: readonly CaseResult[],
  notes: readonly string[],
): ConformanceReport {
  const count = (list: readonly CaseResult[]) => ({
    cases: list.length,
    pass: list.filter((each) => each.verdict === 'pass').length,
    nonStrict: list.filter((each) => each.verdict === 'non-strict').length,
    fail: list.filter((each) => each.verdict === 'fail').length,
  });
  return {
    skipped: null,
    notes,
    sections: chosen.map(({ id, title }) => ({ id, title, ...count(cases.filter((each) => each.section === id)) })),
    counts: count(cases),
    cases,
  };
}
