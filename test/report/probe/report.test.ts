/**
 * The forms of a probe's report: text at any width, JSON by its schema, JUnit and Markdown that survive what peers say.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { judgeIdle } from '../../../src/probe/idle/judge.ts';
import { probe } from '../../../src/probe/probe.ts';
import type { ProbeReport } from '../../../src/probe/report.ts';
import { probeJUnit } from '../../../src/report/probe/junit.ts';
import { probeMarkdown } from '../../../src/report/probe/markdown.ts';
import {
  checkLines,
  conformanceLines,
  failureLines,
  idleLines,
  outcomeLine,
  stepLines,
} from '../../../src/report/probe/text.ts';
import { cleanUp, rawEndpoint, wsEcho } from '../../probe/endpoints.ts';

afterEach(cleanUp);

const schema = JSON.parse(
  readFileSync(path.resolve(import.meta.dirname, '../../../schema/probe-report.schema.json'), 'utf8'),
) as object;
const validate = new Ajv2020({ allErrors: true, strict: true }).compile(schema);

function expectValid(report: ProbeReport): void {
  validate(JSON.parse(JSON.stringify(report)));
  expect(validate.errors).toBeNull();
}

function textOf(report: ProbeReport, width: number, colour = false): string[] {
  const page = { width, colour };
  const detail = { verbose: true };
  return [
    ...report.walk.flatMap((step) => stepLines(page, step)),
    ...(report.failure === null ? [] : failureLines(page, report.failure)),
    ...report.checks.flatMap((check) => checkLines(page, check, detail)),
    ...(report.conformance === null ? [] : conformanceLines(page, report.conformance, detail)),
    ...(report.idle === null ? [] : idleLines(page, report.idle)),
    outcomeLine(page, report),
  ].flatMap((line) => line.split('\n'));
}

/** What a peer may put everywhere. */
const nasty = '\u001b[2J\u202e<script>alert("x")</script> ]]> | `code` \u0000\ud800 \ufffe & end';

async function nastyReport(): Promise<ProbeReport> {
  const port = await rawEndpoint((socket) =>
    socket.once('data', () => socket.end(`HTTP/1.1 404 <b>|</b>\r\nServer: <i>]]>|\r\n\r\n${nasty}`)),
  );
  return probe(`ws://user:secret@127.0.0.1:${port}/`, { timeoutMs: 1000 });
}

describe('the schema', () => {
  test('a whole report, with the suite and the idle timeout', { timeout: 40_000 }, async () => {
    const report = await probe(`ws://127.0.0.1:${await wsEcho()}/`, {
      conformance: { sections: ['masking', 'limits'] },
      idle: { maxMs: 1500 },
    });
    expectValid(report);
    expect(report.conformance?.counts.cases).toBeGreaterThan(40);
  });

  test('reports of failures', async () => {
    for (const url of [
      'nonsense',
      'ws://127.0.0.1:1/',
      `ws://127.0.0.1:${await rawEndpoint((socket) => socket.end())}/`,
    ])
      expectValid(await probe(url));
    expectValid(await nastyReport());
  });

  test('an idle timeout that was found', () => {
    const death = { how: 'close-frame', code: 1001, reason: 'r' } as const;
    const idle = judgeIdle({
      lanes: [{ kind: 'mute', ageMs: 60_000, death }],
      spoken: [],
      bracketMs: null,
      maxMs: 1,
      tookMs: 1,
      server: null,
    });
    expectValid({
      version: 1,
      url: 'u',
      startedAt: new Date().toISOString(),
      tookMs: 1,
      outcome: 'passed',
      walk: [],
      failure: null,
      endpoint: null,
      checks: [],
      conformance: null,
      idle,
    });
  });

  test('it refuses what is no report', () => {
    expect(validate({ version: 2 })).toBe(false);
  });
});

describe('text', () => {
  test('never runs over the edge, at any width', { timeout: 30_000 }, async () => {
    const reports = [
      await nastyReport(),
      await probe(`ws://127.0.0.1:${await wsEcho()}/`, {
        conformance: { sections: ['masking', 'deflate-offers'] },
        idle: { maxMs: 1000 },
      }),
    ];
    for (const report of reports)
      for (const width of [30, 40, 59, 60, 80, 100]) {
        const long = textOf(report, width).filter((line) => line.length > width);
        // The last line is one sentence, and terminals wrap it.
        expect(
          long.filter((line) => !/^(?:Passed|Failed)/.test(line)),
          `at ${width}`,
        ).toEqual([]);
      }
  });

  test('what a peer says cannot act on the terminal', async () => {
    const text = textOf(await nastyReport(), 80).join('\n');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for them is the point.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  test('colours only where they are asked for, and the words tell the same without', async () => {
    const report = await nastyReport();
    const plain = textOf(report, 80);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are such characters.
    expect(textOf(report, 80, true).map((line) => line.replace(/\u001b\[\d+m/g, ''))).toEqual(plain);
    expect(textOf(report, 80, true).join('')).toContain('\u001b[31m');
  });
});

describe('JUnit', () => {
  test('is well-formed XML, whatever a peer said', async () => {
    expectWellFormed(probeJUnit(await nastyReport(), { strict: false }));
    const report = await nastyReport();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 30 }), async (text) => {
        const changed = {
          ...report,
          walk: [{ id: 'echo' as const, verdict: 'fail' as const, tookMs: 1, detail: `${text}${nasty}` }],
        };
        expectWellFormed(probeJUnit(changed, { strict: false }));
      }),
      { numRuns: 10 },
    );
  });

  test('counts failures, and warnings as such when strict', { timeout: 20_000 }, async () => {
    const report = await probe(`ws://127.0.0.1:${await wsEcho()}/`, { checks: { only: ['origin'] } });
    expect(probeJUnit(report, { strict: false })).toMatch(
      /<testsuite name="checks" tests="5" failures="0" errors="0" skipped="2"/,
    );
    expect(probeJUnit(report, { strict: true })).toMatch(
      /<testsuite name="checks" tests="5" failures="1" errors="0" skipped="2"/,
    );
  });
});

test('Markdown: cells cannot end early, and no HTML begins in them', async () => {
  const text = probeMarkdown(await nastyReport());
  expect(text).not.toContain('<script');
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  expect(rows.length).toBeGreaterThan(2);
  for (const row of rows) expect(row.replace(/\\\|/g, '').match(/\|/g)).toHaveLength(5);
});

test('user and password stay out of the report', async () => {
  expect(JSON.stringify(await nastyReport())).not.toContain('secret');
});

/** By Python’s parser, which takes nothing that XML does not. */
function expectWellFormed(xml: string): void {
  execFileSync(
    '/usr/bin/python3',
    ['-c', 'import sys, xml.dom.minidom; xml.dom.minidom.parseString(sys.stdin.buffer.read())'],
    { input: xml },
  );
}
