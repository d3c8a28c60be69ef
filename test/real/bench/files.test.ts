/** The files that `holdline bench` is told to write, and that it sees beforehand whether it can. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { csvColumns } from '../../../src/report/bench/csv.ts';
import { capture } from '../../cli/capture.ts';
import { countingServer, echo } from './server.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'holdline-bench-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
const inside = (name: string) => path.join(directory, name);
const short = ['-c', '3', '-d', '1500ms'];

test('a table and a page of the same run; --quiet says nothing meanwhile', async () => {
  const { url } = await countingServer(echo, closing);
  const argv = ['bench', url, ...short, '--json', '--quiet', '--csv', inside('a.csv'), '--html', inside('a.html')];
  const { code, out, err } = await capture(argv, { isTTY: true });
  expect([code, err]).toEqual([0, '']);
  const report = JSON.parse(out) as { series: object[] };
  const [header, ...lines] = readFileSync(inside('a.csv'), 'utf8').trimEnd().split('\r\n');
  expect(header).toBe(csvColumns.map(({ name }) => name).join(','));
  expect(lines).toHaveLength(report.series.length);
  const page = readFileSync(inside('a.html'), 'utf8');
  const { $schema: _, ...carried } = JSON.parse(out);
  expect(JSON.parse(/id="report">(.*)<\/script>/.exec(page)![1]!)).toEqual(carried);
});

describe('what cannot be written is said before anything is loaded', () => {
  test.each([
    ['--csv', 'missing/a.csv', 'its directory does not exist'],
    ['--html', '.', 'it is a directory'],
    ['--html', 'file/a.html', 'what should be its directory is a file'],
  ])('%s %s: %s', async (option, name, reason) => {
    writeFileSync(inside('file'), 'as it was');
    const { url, count } = await countingServer(echo, closing);
    const { code, out, err } = await capture([
      'bench',
      url,
      ...short,
      '--csv',
      inside('early.csv'),
      option,
      inside(name),
    ]);
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain(`${inside(name)} could not be written: ${reason}`);
    expect(err).toContain('[bench-cannot-write]');
    expect(count.connections).toBe(0);
    expect([existsSync(inside('early.csv')), readFileSync(inside('file'), 'utf8')]).toEqual([false, 'as it was']);
  });
});
