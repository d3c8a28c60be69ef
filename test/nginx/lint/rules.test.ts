/** Every rule: its bad example has exactly its finding, its good one none, and its safe fixes make the bad one good. */
import { describe, expect, test } from 'vitest';
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
