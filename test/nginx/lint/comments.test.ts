/** Comments to the linter: what they cover, and what is said of those that are wrong or useless. */
import { describe, expect, test } from 'vitest';
import { frameAround } from '../../../src/nginx/lint/example.ts';
import { lintFiles } from './linting.ts';

const body = (comment: string, trailing = '') => `
${comment}
location /ws {
    proxy_pass http://backend;${trailing}
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
}`;

function outcome(text: string) {
  const { diagnostics, suppressed } = lintFiles({ 'nginx.conf': frameAround(text, 'server') });
  return {
    found: diagnostics.map(({ code }) => code),
    said: diagnostics.filter(({ code }) => code.startsWith('lint-')).map(({ message }) => message),
    kept: suppressed.map(({ diagnostic, reason }) => `${diagnostic.code}: ${reason}`),
  };
}

const rule = 'ws007-idle-timeout-default';

describe('a suppression', () => {
  test.each([
    ['before the block that holds the finding', body(`# holdline:ignore ${rule}: pings every 20 s`)],
    ['by number', body('# holdline:ignore ws007: pings every 20 s')],
    ['among several rules', body('# holdline:ignore ws007 : pings every 20 s')],
    ['behind the statement', body('', ` # holdline:ignore ${rule}: pings every 20 s`)],
    [
      'on the line before the statement',
      body('').replace('    proxy_pass', '    # holdline:ignore ws007: pings every 20 s\n    proxy_pass'),
    ],
    ['behind the brace of the block', body('').replace('/ws {', `/ws { # holdline:ignore ${rule}: pings every 20 s`)],
  ])('%s keeps it quiet, with its reason', (_name, text) => {
    expect(outcome(text)).toEqual({ found: [], said: [], kept: [`${rule}: pings every 20 s`] });
  });

  test.each([
    ['without a reason', `# holdline:ignore ${rule}`, [`"holdline:ignore ${rule}" gives no reason`]],
    ['with an empty reason', `# holdline:ignore ${rule}:  `, [`"holdline:ignore ${rule}" gives no reason`]],
    ['without a rule', '# holdline:ignore : because', ['"holdline:ignore" names no rule']],
    [
      'of a misspelt rule',
      '# holdline:ignore ws007-idle-timeout-defualt: x',
      ['there is no rule "ws007-idle-timeout-defualt"; did you mean "ws007-idle-timeout-default"?'],
    ],
    [
      'of another kind',
      '# holdline:silence ws007: x',
      ['"holdline:silence" means nothing; there are ignore, websocket and context'],
    ],
    ['of a rule that finds nothing', '# holdline:ignore ws010: x', ['nothing here is found by ws010']],
  ])('%s is reported, and the finding stays', (_name, comment, said) => {
    const { found, said: actual, kept } = outcome(body(comment));
    expect(actual).toEqual(said);
    expect(found).toContain(rule);
    expect(kept).toEqual([]);
  });

  test('covers its own statement and not the next one', () => {
    const text = `${body('# holdline:ignore ws007: pings')}\n${body('').replace('/ws', '/cable')}`;
    const { found, kept } = outcome(text);
    expect(found).toEqual([rule]);
    expect(kept).toHaveLength(1);
  });

  test('at the end of a file covers nothing', () => {
    const text = `${frameAround(body(''), 'server')}# holdline:ignore ws007: too late\n`;
    const { diagnostics } = lintFiles({ 'nginx.conf': text });
    expect(diagnostics.map(({ code }) => code)).toEqual([rule, 'lint-suppression-unused']);
  });
});

describe('holdline:websocket', () => {
  const plain = (comment: string) => `
location /updates {
    ${comment}
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_read_timeout 1h;
}`;

  test('makes an ordinary location one that carries WebSockets, so that a missing Upgrade is an error', () => {
    expect(outcome(plain('')).found).toEqual([]);
    const { diagnostics } = lintFiles({ 'nginx.conf': frameAround(plain('# holdline:websocket'), 'server') });
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['ws001-upgrade-missing', 'error']]);
  });

  test('outside of every location is reported', () => {
    expect(outcome('# holdline:websocket\ntcp_nodelay on;').said).toEqual([
      '"holdline:websocket" stands neither in a location nor before one',
    ]);
  });
});
