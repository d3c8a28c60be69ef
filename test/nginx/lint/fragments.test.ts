/** Files that are meant to be included: what may stand elsewhere is not called missing. */
import { describe, expect, test } from 'vitest';
import { guessContext } from '../../../src/nginx/lint/guess-context.ts';
import { parse } from '../../../src/nginx/syntax/parser.ts';
import { lintText } from './linting.ts';

const codes = (text: string) => lintText(text).map(({ code, severity }) => `${severity} ${code.slice(0, 5)}`);

describe('a fragment', () => {
  test('that could inherit everything is told what it lacks unless the blocks around it have it', () => {
    const text = '# holdline:context http,server\nlocation /ws {\n    proxy_pass http://127.0.0.1:9000;\n}\n';
    expect(codes(text)).toEqual(['warning ws001', 'warning ws005', 'warning ws007', 'warning ws020']);
    for (const { message } of lintText(text)) expect(message).toMatch(/ \(unless server or http sets it\)$/);
  });

  test('of a server has only http around it', () => {
    const text = 'server {\n    location /ws {\n        proxy_pass http://127.0.0.1:9000;\n    }\n}\n';
    expect(lintText(`# holdline:context http\n${text}`).map(({ message }) => message)).toEqual(
      Array.from({ length: 4 }, () => expect.stringMatching(/ \(unless http sets it\)$/)),
    );
  });

  test('of plain lines is not judged for what stands beside it where it is included', () => {
    const lines =
      'proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection "";\nproxy_set_header Host $http_host;\n';
    expect(codes(`# holdline:context http,server,location\n${lines}`)).toEqual(['error ws003']);
  });

  test('with headers of its own has what they lack', () => {
    const text =
      '# holdline:context http,server\nlocation /ws {\n    proxy_pass http://backend;\n    proxy_set_header Host $host;\n}\n';
    expect(codes(text)).toEqual(['warning ws001', 'warning ws005', 'warning ws007']);
    // Lines of its own displace all that it could inherit.
    expect(lintText(text)[0]!.message).not.toContain('unless');
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
    const others = codes(text).filter((code) => !/ws0(?:05|07|37)/.test(code));
    expect(others).toEqual(['info ws015']);
  });

  test('as a whole file is told everything', () => {
    const text =
      'events {}\nhttp {\n    server {\n        location /ws {\n            proxy_pass http://backend;\n        }\n    }\n}\n';
    expect(codes(text)).toEqual(
      expect.arrayContaining(['warning ws001', 'warning ws005', 'warning ws007', 'warning ws020']),
    );
  });

  test('with a file of nginx’s own left out is a whole one', () => {
    const site = 'location /ws {\n            proxy_pass http://127.0.0.1:9000;\n        }';
    const text = `events {}\nhttp {\n    include mime.types;\n    server {\n        ${site}\n    }\n}\n`;
    const found = lintText(text);
    expect(found.map(({ code }) => code.slice(0, 5))).toEqual(expect.arrayContaining(['ws001', 'ws005', 'ws007']));
    for (const { message, code } of found) expect(`${code} ${message}`).not.toMatch(/unless|include/);
  });

  test('is judged where what was not read cannot matter', () => {
    const text = 'worker_processes 4;\nevents { worker_connections 4096; }\nhttp {\n    include gone.conf;\n}\n';
    expect(codes(text).filter((code) => code.includes('ws'))).toEqual(['info ws034', 'info ws033']);
  });

  test('whose includes could not be read says of each finding what could undo it', () => {
    const text =
      'events {}\nhttp {\n    include gone.conf;\n    server {\n        location /ws {\n            proxy_pass http://backend;\n        }\n    }\n}\n';
    const found = codes(text);
    expect(found).toContain('error nginx');
    expect(lintText(text).find(({ code }) => code.startsWith('ws007'))?.message).toContain(
      '(unless gone.conf sets it)',
    );
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
