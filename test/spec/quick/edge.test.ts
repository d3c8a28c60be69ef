/** quickSpec: an edge out of a few options, without a file. */
import { describe, expect, test } from 'vitest';
import { quickSpec } from '../../../src/spec/quick/quick.ts';

describe('quickSpec', () => {
  test('one route to all servers', () => {
    const { value, diagnostics } = quickSpec({
      directory: '/srv',
      to: ['http://127.0.0.1:3000', 'http://127.0.0.1:3001'],
      listen: 9000,
      control: '127.0.0.1:0',
      workers: 2,
    });
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({
      listen: [{ address: { host: '0.0.0.0', port: 9000 } }],
      control: { address: { host: '127.0.0.1', port: 0 } },
      workers: 2,
      routes: [{ name: '/', upstream: 'app' }],
    });
    expect(value?.upstreams[0]?.servers).toHaveLength(2);
  });

  test('a token lets the control API be reached from elsewhere', () => {
    const { value } = quickSpec({
      directory: '/srv',
      to: 'http://a:1',
      control: '0.0.0.0:4653',
      token: '0123456789abcdef',
    });
    expect(value?.control).toEqual({ address: { host: '0.0.0.0', port: 4653 }, token: '0123456789abcdef' });
  });

  test.each([
    [{ to: 'localhost:3000/x?y' }, '--to', 'spec-bad-value'],
    [{ to: ['3000/a', '3001/b'] }, '--to', 'spec-bad-value'],
    [{ to: '3000', maxMessage: 'much' }, '--max-message', 'spec-bad-value'],
    [{ to: '3000', perIp: 'few' }, '--per-ip', 'spec-wrong-type'],
    [{ to: '3000', cert: 'a.pem' }, '--listen, --cert and --key', 'spec-missing-key'],
    [{ to: '3000', balance: 'hash:moon' }, '--balance', 'spec-bad-value'],
    [{ to: '3000', origin: ['app.example.com'] }, '--origin', 'spec-bad-value'],
    [{ to: 'http://127.0.0.1:8080' }, '--to', 'spec-server-loop'],
    [{ to: 'http://a:1', listen: 'here' }, '--listen', 'spec-bad-value'],
    [{ to: 'http://a:1', listen: 4653 }, '--listen', 'spec-duplicate-listen'],
    [{ to: 'http://a:1', control: '0.0.0.0:1' }, '--control', 'spec-control-exposed'],
    [{ to: 'http://a:1', token: 'short' }, '--token', 'spec-bad-value'],
    [{ to: 'http://a:1', workers: 0 }, '--workers', 'spec-bad-value'],
  ])('%j points at %s', (options, flag, code) => {
    const { value, diagnostics } = quickSpec({ directory: '/srv', ...options });
    expect(value).toBeNull();
    expect(diagnostics).toMatchObject([{ code, where: { path: flag } }]);
    expect(diagnostics[0]!.message).not.toContain('upstreams.');
  });
});
