import { describe, expect, test } from 'vitest';
import { findVersion, isSince } from '../../../src/base/nginx-version.ts';
import { validate } from '../../../src/nginx/facts/validate.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import { versionCases } from './version-cases.ts';

const targets = ['1.18.0', '1.22.1', '1.26.3', '1.29.6', '1.30.6', '1.31.4'];

function found(text: string, target: string) {
  const { value, diagnostics } = readConfiguration('/n.conf', memoryReader({ '/n.conf': `events {} ${text}` }));
  return [...diagnostics, ...validate(value, { target: findVersion(target)! })];
}

describe.each(versionCases)('$text', ({ text, since, until, carriedBack }) => {
  test.each(targets)('%s', (target) => {
    const version = findVersion(target)!;
    const taken = isSince(version, findVersion(since ?? '1.0.0')) && !(until && isSince(version, findVersion(until)));
    const errors = found(text, target).filter(({ severity }) => severity === 'error');
    const warned = carriedBack === true && isSince(version, [1, 22, 1]);
    if (taken || warned) expect(errors).toEqual([]);
    else expect(errors).not.toEqual([]);
  });
});

const messages = (text: string, target: string) => found(text, target).map(({ message }) => message);

test('what the free edition got later names the commercial one, unless the configuration is for that', () => {
  const text = 'http { upstream u { server 127.0.0.1:1; sticky cookie s; } }';
  expect(messages(text, '1.26.3')).toEqual([
    'unknown directive "sticky" in nginx 1.26.3: it came with nginx 1.29.6; before that, only NGINX Plus has it',
  ]);
  expect(messages(text.replace('http {', 'http { server { location /api { api; } }'), '1.26.3')).toEqual([]);
});

test.each(['least_conn', 'ip_hash', 'hash $uri', 'random'])(
  '%s behind keepalive is warned of up to 1.29.6',
  (method) => {
    const text = `http { upstream u { server 127.0.0.1:1; keepalive 8; ${method}; } }`;
    const warned = [expect.stringContaining('load balancing method redefined')];
    expect(messages(text, '1.22.1')).toEqual(warned);
    expect(messages(text, '1.29.6')).toEqual(warned);
    expect(messages(text, '1.29.7')).toEqual([]);
    expect(messages(`http { upstream u { ${method}; server 127.0.0.1:1; keepalive 8; } }`, '1.22.1')).toEqual([]);
  },
);

test('a target beyond the tables is said', () => {
  expect(messages('http { }', '1.31.4')).toEqual([]);
  expect(messages('http { }', '1.33.0')).toEqual([
    'the tables end at nginx 1.31.4: what came later, up to 1.33.0, is not known here',
  ]);
});
