import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalName, headerName, lowerName, tokenName } from '../../src/base/header-name.ts';

test('the forms of a name are the same whether it is new or known', () => {
  const names = fc.oneof(
    fc.constantFrom('Host', 'host', 'X_User', 'x.user', 'Sec-WebSocket-Key', '', 'a b', 'é'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(names), (all) => {
      for (const name of all) {
        const lower = name.toLowerCase();
        expect(headerName(name)).toEqual({ written: name, lower, canonical: canonicalName(lower) });
        expect(lowerName(name)).toBe(lower);
        expect(tokenName(name)?.written ?? null).toBe(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) ? name : null);
      }
    }),
  );
});

test('who invents names does not make others wrong', () => {
  for (let i = 0; i < 5000; i++) expect(lowerName(`X-Name-${i}`)).toBe(`x-name-${i}`);
  expect(tokenName('Host')).toEqual({ written: 'Host', lower: 'host', canonical: 'host' });
});
