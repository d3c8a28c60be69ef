/** Every rule: its bad example has exactly its finding, its good one none, and its safe fixes make the bad one good. */
import { describe, expect, test } from 'vitest';
import { isSince, type NginxVersion, versionNewest } from '../../../src/base/nginx-version.ts';
import { exampleConfiguration } from '../../../src/nginx/lint/example.ts';
import { rules } from '../../../src/nginx/lint/rules.ts';
import { fixText, lintText } from './linting.ts';

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const options = { ...rule.exampleOptions, ...(rule.optIn === true && { optIn: [id] }) };

  test('its bad example has this fault and no other', () => {
    const codes = lintText(exampleConfiguration(rule, 'bad'), options).map(({ code }) => code);
    expect(codes.length).toBeGreaterThan(0);
    expect([...new Set(codes)]).toEqual([id]);
  });

  test('its good example has none', () => {
    expect(lintText(exampleConfiguration(rule, 'good'), options)).toEqual([]);
  });

  test('its good example has none on any version', () => {
    const all: readonly NginxVersion[] = [[1, 18, 0], [1, 20, 2], [1, 22, 1], [1, 26, 3], [1, 30, 6], versionNewest];
    // What is right may be what a newer version brought.
    const targets = all.filter((target) => isSince(target, id === 'ws062-listen-http2-deprecated' ? [1, 25, 1] : null));
    const found = targets.flatMap((target) =>
      lintText(exampleConfiguration(rule, 'good'), { ...options, target }).map(
        ({ code, message }) => `${target.join('.')} ${code}: ${message}`,
      ),
    );
    expect(found).toEqual([]);
  });

  test('the page says where its fault is found', () => {
    const target = rule.exampleOptions?.target ?? versionNewest;
    const codes = lintText(exampleConfiguration(rule, 'bad'), { ...options, target }).map(({ code }) => code);
    expect(codes).toContain(id);
  });

  test('its safe fix leaves nothing to find', () => {
    const bad = exampleConfiguration(rule, 'bad');
    const findings = lintText(bad, options);
    if (findings.some(({ fix }) => fix?.safe !== true)) return;
    const fixed = fixText(bad, options);
    expect(fixed).not.toBe(bad);
    expect(lintText(fixed, options)).toEqual([]);
  });

  test('it says what it has to say', () => {
    expect(id).toMatch(/^ws\d{3}-[a-z0-9-]+$/);
    for (const text of [rule.title, rule.why, rule.evidence, rule.help]) expect(text.length).toBeGreaterThan(15);
  });
});
