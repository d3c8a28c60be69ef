/** Safe fixes keep what works, on the model; test/real/nginx/fixes.test.ts asks a real nginx the same. */
import { describe, expect, test } from 'vitest';
import { exampleConfiguration } from '../../../../src/nginx/lint/example.ts';
import { lossBetween, passagesOf, samplesFor } from '../../../../src/nginx/lint/fixes/proof.ts';
import { rules } from '../../../../src/nginx/lint/rules.ts';
import { exampleFiles, systemFiles } from '../../example-files.ts';
import { fixFiles, lintFiles } from '../linting.ts';
import { fixCases } from './cases.ts';

type Files = Readonly<Record<string, string>>;

function losses(before: Files, after: Files): readonly string[] {
  const [then, now] = [lintFiles(before).model, lintFiles(after).model];
  const samples = samplesFor(then);
  const [first, second] = [passagesOf(then, samples), passagesOf(now, samples)];
  return samples.flatMap((sample, index) => lossBetween(sample, first[index]!, second[index]!) ?? []);
}

describe('nothing is lost by fixing', () => {
  test.each(fixCases.map((each) => [each.name, each.text] as const))('%s', (_name, text) => {
    const { files, applied, takenBack } = fixFiles({ 'nginx.conf': text });
    expect(takenBack).toEqual([]);
    expect(losses({ 'nginx.conf': text }, files)).toEqual([]);
    expect(applied.length).toBeGreaterThan(0);
  });

  test.each(exampleFiles.map((each) => [each.name, each.text] as const))('%s', (name, text) => {
    const before = { [name]: text, ...systemFiles };
    const { files, takenBack } = fixFiles(before);
    expect(takenBack.filter(({ because }) => because !== 'it made something worse')).toEqual([]);
    expect(losses(before, files)).toEqual([]);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))('the example of %s', (id, rule) => {
    const text = exampleConfiguration(rule, 'bad');
    const options = { ...rule.exampleOptions, ...(rule.optIn === true && { optIn: [id] }) };
    const { files } = fixFiles({ 'nginx.conf': text }, options);
    expect(losses({ 'nginx.conf': text }, files)).toEqual([]);
  });
});

describe('a loss is seen', () => {
  const whole = fixCases[0]!.text;
  const changed = (from: string, to: string, text = whole) =>
    losses({ 'nginx.conf': text }, { 'nginx.conf': text.replace(from, to) });

  test('of a header that a map’s pattern empties', () => {
    const pattern = 'map $http_upgrade $new { default ""; "~*^websocket$" websocket; }\n    upstream backend';
    const text = whole.replace('upstream backend', pattern);
    expect(
      losses({ 'nginx.conf': text }, { 'nginx.conf': text.replace('Upgrade $http_upgrade', 'Upgrade $new') }),
    ).toEqual(
      expect.arrayContaining([
        'handshake /user/a/ws: has lost x-tenant: a',
        'Upgrade: tcp /user/a/ws: has lost its upgrade',
      ]),
    );
  });

  test('of a path that a pattern in a condition empties', () => {
    expect(changed('$http_upgrade != "websocket"', '$http_upgrade !~* "^websocket$"', fixCases[1]!.text)).toEqual([
      'handshake /room/a/ws: asks for //socket?token=a instead of /a/socket?token=a',
    ]);
  });

  test.each([
    ['the address', 'proxy_pass http://backend', 'proxy_pass http://127.0.0.1:9001'],
    ['Host', 'Host $http_host', 'Host other.example'],
    ['the location', 'proxy_pass http://backend;', 'return 404;'],
  ])('of %s', (_what, from, to) => {
    expect(changed(from, to).length).toBeGreaterThan(0);
  });
});
