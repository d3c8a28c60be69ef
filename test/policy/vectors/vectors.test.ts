/** The vectors in JavaScript. test/real/nginx/policy-in-lua.test.ts runs the same file through the same code in Lua. */
import { expect, test } from 'vitest';
import { answer, type Calls } from './calls.ts';
import vectors from './vectors.json' with { type: 'json' };

test.each(vectors)('$call $given', ({ call, given, gives }) => {
  expect(answer(call as keyof Calls, given as never)).toBe(gives);
});
