import { expect, test } from 'vitest';
import { originsText } from '../../../src/cli/commands/origins.ts';

test('origins as a list for the spec; what cannot stand in it is a comment', () => {
  const text = originsText({
    routes: [
      {
        route: 'chat',
        mode: 'report',
        origins: [
          { origin: 'https://app.example.com', handshakes: 1200, refused: 0 },
          { origin: 'https://evil.example', handshakes: 1, refused: 1 },
          { origin: 'null', handshakes: 2, refused: 2 },
          { origin: '', handshakes: 3, refused: 0 },
          { origin: 'https://a.example" ]\n#', handshakes: 1, refused: 1 },
        ],
      },
    ],
  });
  expect(text).toBe(`# route chat, mode report
origins:
  - "https://app.example.com"  # 1,200 handshakes, admitted
  - "https://evil.example"  # 1 handshake, would be refused
  # null: 2 handshakes, would be refused
  # without an Origin (see "missing"): 3 handshakes, admitted
  # https://a.example" ]\\n#: 1 handshake, would be refused
`);
});

test('an edge that nobody has come to', () => {
  expect(originsText({ routes: [] })).toBe('no handshake has come yet\n');
});
