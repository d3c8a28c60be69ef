/** The alert rules under promtool, and every metric of the rules and the dashboard is one that the edge has. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const docs = path.resolve(import.meta.dirname, '../../../docs');
const monitoring = path.join(docs, 'monitoring');

test('the alert rules fire when they should, and not before', () => {
  for (const argv of [
    ['check', 'rules', 'alerts.yaml'],
    ['test', 'rules', 'alerts.test.yaml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', argv, { cwd: monitoring, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  }
});

test.each(['alerts.yaml', 'dashboard.json'])('%s asks for metrics that there are', (file) => {
  const known = new Set(
    [...readFileSync(path.join(docs, 'control-api.md'), 'utf8').matchAll(/`(holdline_\w+)`/g)].map(
      (match) => match[1]!,
    ),
  );
  const asked = [...readFileSync(path.join(monitoring, file), 'utf8').matchAll(/\bholdline_\w+/g)].map((match) =>
    match[0].replace(/_bucket$/, ''),
  );
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !known.has(name))).toEqual([]);
});
