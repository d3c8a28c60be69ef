import { expect, test } from 'vitest';
import { HoldlineError } from '../../src/base/error.ts';
import { renderText } from '../../src/report/diagnostics.ts';

test('what a program said stands on lines of its own, and cannot act on the terminal', () => {
  const message = '"node x" ended (exit code 1)\nError: no such module\n\u001b[2J    at x.js:1';
  const diagnostic = new HoldlineError('upstream-start-failed', message).diagnostic();
  expect(diagnostic).toMatchObject({
    message: '"node x" ended (exit code 1)',
    output: ['Error: no such module', '\u001b[2J    at x.js:1'],
  });
  const text = renderText([diagnostic], { colour: false, sources: new Map() });
  expect(text.split('\n').slice(0, 3)).toEqual([
    'error: "node x" ended (exit code 1) [upstream-start-failed]',
    '  | Error: no such module',
    '  | \\u001b[2J    at x.js:1',
  ]);
  expect(new HoldlineError('drain-unknown', 'there is no drain d9').diagnostic()).not.toHaveProperty('output');
});
