/** Every case that was shown to nginx 1.22.1: the same verdict, the message in spirit, and the same line. */
import { describe, expect, test } from 'vitest';
import { hasErrors } from '../../../src/base/diagnostic.ts';
import { validate } from '../../../src/nginx/facts/validate.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import { configurationOf, lexerCases } from './lexer-cases.ts';

describe.each(lexerCases.cases.map((each) => [each.name, each] as const))('%s', (_name, each) => {
  const { value, diagnostics } = readConfiguration(
    '/t/nginx.conf',
    memoryReader({ '/t/nginx.conf': Buffer.from(configurationOf(each), 'latin1') }),
  );
  const found = [...diagnostics, ...validate(value, { target: [1, 22, 1] })];
  const errors = found.filter(({ severity }) => severity === 'error');

  test(`is ${each.accepted ? 'accepted' : 'refused'}`, () => {
    expect(errors.map(({ message }) => message)).toHaveLength(each.accepted ? 0 : Math.max(1, errors.length));
    expect(hasErrors(found)).toBe(!each.accepted);
  });

  if (each.nginx !== null)
    test('says what nginx says, where nginx says it', () => {
      const [, words, line] = /^(.*) \(line (\d+)\)$/s.exec(each.nginx!)!;
      const { message, where } = errors[0]!;
      for (const word of words!.match(/[a-z]{3,}/g)!) expect(message).toContain(word);
      expect(where!.range!.start.line).toBe(Number(line));
      expect(where!.range!.start.column).toBeGreaterThan(0);
    });
});
