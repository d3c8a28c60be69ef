/**
 * The explanations: complete, found by the words people type, the same in docs/claims.md, and kept by tests where they
 * say so.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimExplanations, claims, claimsPage } from '../../../src/nginx/knowledge/claims.ts';
import { directiveExplanations } from '../../../src/nginx/knowledge/directives.ts';
import { lookUp } from '../../../src/nginx/knowledge/explanation.ts';
import { protocolExplanations } from '../../../src/nginx/knowledge/protocols.ts';
import { ruleExplanations } from '../../../src/nginx/knowledge/rules.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const all = [...claimExplanations, ...directiveExplanations, ...protocolExplanations];

test('docs/claims.md is written from the claims', () => {
  expect(readFileSync(path.join(root, 'docs/claims.md'), 'utf8')).toBe(claimsPage());
});

test('the claims are numbered 1 to 30 without a gap', () => {
  expect(claims.map((claim) => claim.number)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
});

test('a claim says that it is tested exactly when a test against a real nginx names it', () => {
  const folder = path.join(root, 'test/real/nginx');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('claims-')) : [];
  const named = files.flatMap((name) =>
    [...readFileSync(path.join(folder, name), 'utf8').matchAll(/\(['`]claim (\d+)/g)].map((match) => Number(match[1])),
  );
  expect([...new Set(named)].toSorted((a, b) => a - b)).toEqual(
    claims.filter((claim) => claim.tested).map((claim) => claim.number),
  );
});

describe('words', () => {
  test.each([
    ['proxy_buffering', 'claim 5'],
    ['Proxy-Buffering;', 'claim 5'],
    ['claim 15', 'claim 15'],
    ['worker_connections', 'claim 15'],
    ['proxy_read_timeout', 'claim 2'],
    ['gzip', 'claim 13'],
    ['CORS', 'claim 23'],
    ['multi_accept', 'claim 18'],
    ['ssl_buffer_size', 'ssl_buffer_size'],
    ['Socket.IO', 'socket.io'],
    ['signalr', 'signalr'],
    ['phoenix', 'phoenix'],
    ['mqtt', 'mqtt'],
    ['graphql-ws', 'graphql-ws'],
    ['action cable', 'action cable'],
  ])('%s is answered by %s', (word, name) => {
    expect(lookUp(word, all).found.map((each) => each.words[0])).toEqual([name]);
  });

  test.each([
    ['proxy_bufering', 'proxy_buffering'],
    ['work_connections', 'worker_connections'],
    ['keepaliv', 'keepalive'],
    ['session', 'ssl_session_timeout'],
  ])('%s is near to %s', (word, near) => {
    const answer = lookUp(word, all);
    expect(answer.found).toEqual([]);
    expect(answer.near).toContain(near);
  });

  test('no two explanations answer to the same word', () => {
    const words = all.flatMap((each) => each.words.map((word) => word.toLowerCase()));
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });

  test('every word finds itself, and everything an answer points to is there', () => {
    for (const explanation of all) {
      for (const word of explanation.words) expect(lookUp(word, all).found, word).toContain(explanation);
      for (const word of explanation.see.filter((each) => !each.startsWith('docs/')))
        expect(lookUp(word, all).found, word).not.toEqual([]);
    }
  });

  test('any word gets an answer without failing, and at most five near ones', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (word) => {
        expect(lookUp(word, all).near.length).toBeLessThanOrEqual(5);
      }),
    );
  });
});

test('a rule is found by its id and by its number', () => {
  const rule = { id: 'ws014-map-close-kills-pool', title: 't', why: 'w', evidence: 'e', help: 'h' };
  const rules = ruleExplanations([rule]);
  expect(lookUp('ws014', rules).found).toEqual(rules);
  expect(lookUp('ws014-map-close-kills-pool', rules).found).toEqual(rules);
});
