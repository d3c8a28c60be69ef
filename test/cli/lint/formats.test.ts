/** holdline lint: JSON, SARIF, GitHub and Markdown. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import draft04 from 'ajv-draft-04';
import { describe, expect, test } from 'vitest';
import { exampleConfiguration } from '../../../src/nginx/lint/example.ts';
import { rules } from '../../../src/nginx/lint/rules.ts';
import { connectionLine, example, fakeNginx, lineOf, lint, read, write } from './linting.ts';

describe('JSON', () => {
  const schema = JSON.parse(read(path.resolve(import.meta.dirname, '../../../schema/lint-report.schema.json')));
  const valid = new Ajv({ allErrors: true }).compile(schema);

  test.each(rules.map((rule) => [rule.id, rule] as const))(
    'of the example of %s keeps to the schema',
    async (_id, rule) => {
      const file = write('nginx.conf', exampleConfiguration(rule, 'bad'));
      const report = JSON.parse((await lint(['--format', 'json', '--enable', rule.id, file])).out);
      expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
    },
  );

  test('says what was fixed, and what was kept quiet', async () => {
    const file = write('nginx.conf', example('ws002'));
    const fixed = JSON.parse((await lint(['--format', 'json', '--fix', file], fakeNginx(true, true))).out);
    expect(valid(fixed), JSON.stringify(valid.errors)).toBe(true);
    expect(fixed.fixes.applied).toMatchObject([
      { code: 'ws002-connection-missing', line: lineOf(example('ws002'), 'proxy_set_header Upgrade') },
    ]);
    const quiet = write(
      'quiet.conf',
      example('ws007').replace('        location', '        # holdline:ignore ws007: pings\n        location'),
    );
    const report = JSON.parse((await lint(['--format', 'json', quiet])).out);
    expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
    expect(report.suppressed).toMatchObject([{ reason: 'pings', diagnostic: { code: 'ws007-idle-timeout-default' } }]);
  });

  test('a schema that anything passes would be none', () => {
    expect(valid({ version: 2 })).toBe(false);
  });
});

/** The official schema, as it is published with the package. */
const sarifSchema = path.resolve(
  import.meta.dirname,
  '../../../node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
);
const validSarif = new draft04.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
  JSON.parse(readFileSync(sarifSchema, 'utf8')),
);

describe('SARIF', () => {
  test('has rule, place, and a fix whose replacement mends the text', async () => {
    const text = example('ws003');
    const file = write('nginx.conf', text);
    const log = JSON.parse((await lint(['--format', 'sarif', file])).out);
    const [run] = log.runs;
    const [result] = run.results;
    expect(log).toMatchObject({ version: '2.1.0' });
    expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(result).toMatchObject({ ruleId: 'ws003-connection-empty-or-close', level: 'error' });
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    expect(artifactLocation.uri).toBe(`file://${file}`);
    expect(region).toEqual({
      startLine: connectionLine(),
      startColumn: 13,
      endLine: connectionLine(),
      endColumn: 43,
    });
    const [{ deletedRegion, insertedContent }] = result.fixes[0].artifactChanges[0].replacements;
    const line = text.split('\n')[deletedRegion.startLine - 1]!;
    expect(
      line.slice(0, deletedRegion.startColumn - 1) + insertedContent.text + line.slice(deletedRegion.endColumn - 1),
    ).toBe('            proxy_set_header Connection $websocket_connection;');
  });

  test.each(['ws001', 'ws003', 'ws004', 'ws014', 'ws022', 'ws037', 'ws043'])(
    'of %s is valid by the official schema',
    async (rule) => {
      const file = write('nginx.conf', example(rule));
      const log = JSON.parse((await lint(['--format', 'sarif', file])).out);
      expect(log.runs[0].results.length).toBeGreaterThan(0);
      expect(validSarif(log), JSON.stringify(validSarif.errors)).toBe(true);
      expect(validSarif({ ...log, version: 7 })).toBe(false);
    },
  );

  test('keeps what comments keep quiet, as suppressed', async () => {
    const quiet = write(
      'quiet.conf',
      example('ws007').replace('        location', '        # holdline:ignore ws007: pings\n        location'),
    );
    const log = JSON.parse((await lint(['--format', 'sarif', quiet])).out);
    expect(log.runs[0].results).toMatchObject([{ suppressions: [{ kind: 'inSource', justification: 'pings' }] }]);
  });
});

test('GitHub: one command a line, with what would end it written otherwise', async () => {
  const file = write('a,b:c.conf', example('ws003').replace('Connection "";', 'Connection "50%";'));
  const { out } = await lint(['--format', 'github', file]);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  expect(out).toMatch(
    /^::error file=[^,:]*a%2Cb%3Ac\.conf,line=\d+,endLine=\d+,col=13,endColumn=\d+,title=ws003-connection-empty-or-close::/,
  );
  expect(out).toContain('"Connection: 50%25"%0A');
});

test('Markdown: a section for each finding, in which nothing of the file is markup', async () => {
  const file = write('nginx.conf', example('ws001').replace('/ws', '"/ws/<b>*x*`"'));
  const { out } = await lint(['--format', 'markdown', file]);
  expect(out).toContain('## Warning: "location ');
  expect(out.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')).not.toMatch(/[^\\]<b>/);
});
