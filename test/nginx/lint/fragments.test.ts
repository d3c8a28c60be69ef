/** Files that are meant to be included: what may stand elsewhere is not called missing. */
import { describe, expect, test } from 'vitest';
import { guessContext } from '../../../src/nginx/lint/guess-context.ts';
import { parse } from '../../../src/nginx/syntax/parser.ts';
import { lintText } from './linting.ts';

const codes = (text: string) => lintText(text).map(({ code, severity }) => `${severity} ${code.slice(0, 5)}`);

describe('a fragment', () => {
  test('that could inherit everything has no finding', () => {
    const text = '# holdline:context http,server\nlocation /ws {\n    proxy_pass http://backend;\n}\n';
    expect(codes(text)).toEqual([]);
  });

  test('with headers of its own has what they lack', () => {
    const text =
      '# holdline:context http,server\nlocation /ws {\n    proxy_pass http://backend;\n    proxy_set_header Host $host;\n}\n';
    expect(codes(text)).toEqual(['warning ws001']);
  });

  test('with a variable from elsewhere gets a note, not an error', () => {
    const text = `# holdline:context http,server
location /ws {
    proxy_pass http://backend;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
}
`;
    expect(codes(text).filter((code) => !code.includes('ws037'))).toEqual(['info ws015']);
  });

  test('as a whole file is told everything', () => {
    const text =
      'events {}\nhttp {\n    server {\n        location /ws {\n            proxy_pass http://backend;\n        }\n    }\n}\n';
    expect(codes(text)).toEqual(
      expect.arrayContaining(['warning ws001', 'warning ws005', 'warning ws007', 'warning ws020']),
    );
  });

  test('whose includes could not be read is judged as one', () => {
    const text =
      'events {}\nhttp {\n    include gone.conf;\n    server {\n        location /ws {\n            proxy_pass http://backend;\n        }\n    }\n}\n';
    const found = codes(text);
    expect(found).toContain('error nginx');
    expect(found.filter((code) => code.includes('ws00'))).toEqual([]);
  });
});

describe('the guess where a fragment belongs', () => {
  test.each([
    ['events {}\nhttp {}', []],
    ['worker_processes 1;', []],
    ['', []],
    ['server { listen 80; }', ['http']],
    ['map $a $b { default 1; }\nupstream x { server 1.2.3.4; }', ['http']],
    ['location / { return 204; }', ['http', 'server']],
    ['listen 80;\nserver_name x;', ['http', 'server']],
    ['proxy_set_header Host $host;\nproxy_http_version 1.1;', ['http', 'server', 'location']],
    ['proxy_pass http://x;', ['http', 'server', 'location']],
    ['include a.conf;\nserver {}', ['http']],
    ['nonsense on;', []],
  ])('%j', (text, expected) => {
    expect(guessContext(parse(text).value)).toEqual(expected);
  });
});
