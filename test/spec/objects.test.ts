/** Specs that a program hands over as objects. */
import { describe, expect, test } from 'vitest';
import { defineConfig, readSpec, specFromObject } from '../../src/spec/read.ts';

describe('specs as objects', () => {
  test('an object means what its YAML means', () => {
    const written = defineConfig({
      listen: [8080, { address: '[::]:8443', tls: { cert: 'a', key: 'b' } }],
      upstreams: { app: { servers: ['http://10.0.0.1:9000', { url: 'http://10.0.0.2:9000', weight: 2 }] } },
      routes: [{ upstream: 'app', origins: ['https://a.example'], heartbeat: '20s', limits: { message: '64k' } }],
    });
    const fromObject = specFromObject(written);
    expect(fromObject.diagnostics).toEqual([]);
    expect(fromObject.value).toEqual(readSpec(JSON.stringify(written), { file: 'a' }).value);
  });

  test('places are paths', () => {
    const { value, diagnostics } = specFromObject({
      upstreams: { app: { servers: 'x' } },
      routes: [{ upstrem: 'app' }],
    });
    expect(value).toBeNull();
    expect(diagnostics.map(({ where }) => where)).toEqual([
      { path: 'upstreams.app.servers' },
      { path: 'routes[0].upstrem' },
    ]);
  });

  test.each([null, undefined, 1, 'x', [], {}, new Map(), () => 1])('%s is no spec', (written) => {
    const { value, diagnostics } = specFromObject(written);
    expect(value).toBeNull();
    expect(diagnostics.length).toBeGreaterThan(0);
  });
});
