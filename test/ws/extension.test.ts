import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Extension,
  extensionHeaderLengthMax,
  extensionParametersMax,
  extensionsMax,
  formatExtensions,
  parseExtensions,
} from '../../src/ws/extension.ts';

/** Short form: `name`, then parameters as `name` or `name=value`. */
function extension(name: string, ...parameters: string[]): Extension {
  return {
    name,
    parameters: parameters.map((each) => {
      const [parameter, value] = each.split('=');
      return { name: parameter!, value: value ?? null };
    }),
  };
}

const cases: [string, readonly Extension[] | null][] = [
  ['', []],
  [' , ,', []],
  ['foo', [extension('foo')]],
  // The examples of RFC 6455, 9.1 and RFC 7692, 7.1.
  ['deflate-stream', [extension('deflate-stream')]],
  [
    'mux; max-channels=4; flow-control, deflate-stream',
    [extension('mux', 'max-channels=4', 'flow-control'), extension('deflate-stream')],
  ],
  ['private-extension', [extension('private-extension')]],
  ['permessage-deflate; server_max_window_bits="10"', [extension('permessage-deflate', 'server_max_window_bits=10')]],
  ['a;b\t=\t"c\\d" ,e', [extension('a', 'b=cd'), extension('e')]],
  ['a; b=1; b=2', [extension('a', 'b=1', 'b=2')]],
  ['a; b="x,y"', null],
  ['a; b="x;y"', null],
  ['a; b=""', null],
  ['a; b=', null],
  ['a; =1', null],
  ['a;', null],
  ['; b', null],
  ['a b', null],
  ['a; b="c', null],
  ['a; b="c"d', null],
  ['a; b="c\\', null],
  ['a"b"', null],
  ['a; b=c d', null],
  ['a\r\nX: y', null],
  ['é', null],
  [Array(extensionsMax).fill('x').join(','), Array(extensionsMax).fill(extension('x'))],
  [
    Array(extensionsMax + 1)
      .fill('x')
      .join(','),
    null,
  ],
  [`x${';y'.repeat(extensionParametersMax)}`, [extension('x', ...Array(extensionParametersMax).fill('y'))]],
  [`x${';y'.repeat(extensionParametersMax + 1)}`, null],
  ['x'.repeat(extensionHeaderLengthMax + 1), null],
];

test.each(cases)('%j', (value, expected) => {
  expect(parseExtensions(value)).toEqual(expected);
});

const token = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const extensions = fc.array(
  fc.record({
    name: token,
    parameters: fc.array(fc.record({ name: token, value: fc.option(token) }), { maxLength: 5 }),
  }),
  { maxLength: 5 },
);

test('reading undoes writing', () => {
  fc.assert(
    fc.property(extensions, (list) => {
      expect(parseExtensions(formatExtensions(list))).toEqual(list);
    }),
  );
});

test('any string is read or refused, and what is read can be written as a header', () => {
  const pieces = fc.constantFrom('a', 'b', ';', ',', '=', '"', '\\', ' ', '\r', '\n', 'é');
  fc.assert(
    fc.property(
      fc.array(pieces).map((list) => list.join('')),
      (value) => {
        const list = parseExtensions(value);
        if (list !== null) expect(formatExtensions(list)).toMatch(/^[\x20-\x7e]*$/);
      },
    ),
  );
});
