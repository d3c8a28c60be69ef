import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRequestPath } from '../../../src/policy/routes/request-path.ts';

test.each<[target: string, segments: string[]]>([
  ['/', []],
  ['/a', ['a']],
  ['//a//b/', ['a', 'b']],
  ['/a?b/c', ['a']],
  ['/a#b', ['a']],
  ['/a.b/..c/.d', ['a.b', '..c', '.d']],
])('%s', (target, segments) => {
  expect(readRequestPath(target)).toEqual({ resolved: segments, literal: null, bare: null });
});

test('a path that is plain is read as one of which a letter is encoded', () => {
  const piece = fc.constantFrom('/', 'a', '.', '..', ';', '\\', '%2f', '%', 'b.', '?', '#', '\x7f', '~');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const rest = pieces.join('');
      expect(readRequestPath(`/z${rest}`)).toEqual(readRequestPath(`/%7a${rest}`));
    }),
    { numRuns: 2000 },
  );
});
