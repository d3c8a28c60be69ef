/** What the tables say that this version of nginx takes and refuses, and what it says itself. */
import { describe, expect, test } from 'vitest';
import { findVersion, formatVersion, isSince } from '../../../src/base/nginx-version.ts';
import { versionCases } from '../../nginx/facts/version-cases.ts';
import { nginxVersion, testNginx } from '../support/nginx.ts';

const asked = versionCases.filter(({ onlyTables }) => onlyTables !== true);

describe(`nginx ${formatVersion(nginxVersion)}`, () => {
  test.each(asked.filter(({ carriedBack }) => carriedBack !== true))('$text', ({ text, since, until }) => {
    const from = findVersion(since ?? '1.0.0');
    const taken = isSince(nginxVersion, from) && !(until !== undefined && isSince(nginxVersion, findVersion(until)));
    const verdict = testNginx(`pid nginx.pid; error_log stderr; events {} ${text}`);
    expect(verdict.accepted, verdict.output).toBe(taken);
  });

  test('a method behind keepalive is warned of up to 1.29.6', () => {
    const text = 'http { upstream u { server 127.0.0.1:1; keepalive 8; least_conn; } }';
    const { output } = testNginx(`pid nginx.pid; error_log stderr; events {} ${text}`);
    expect(/load balancing method redefined/.test(output)).toBe(!isSince(nginxVersion, [1, 29, 7]));
  });

  test('http2 on a listen is warned of from 1.25.1 on', () => {
    const text = 'http { server { listen 127.0.0.1:8096 http2; } }';
    const { output } = testNginx(`pid nginx.pid; error_log stderr; events {} ${text}`);
    expect(/"listen \.\.\. http2" directive is deprecated/.test(output)).toBe(isSince(nginxVersion, [1, 25, 1]));
  });
});
