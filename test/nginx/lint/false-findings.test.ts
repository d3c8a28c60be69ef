/** Configurations that are right, or wrong in another way: what may not be found in them. */
import { describe, expect, test } from 'vitest';
import { frameAround } from '../../../src/nginx/lint/example.ts';
import type { LintOptions } from '../../../src/nginx/lint/rule.ts';
import { fixText, lintFiles, lintText } from './linting.ts';

const headers = (upgrade: string, connection: string) => `
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade ${upgrade};
    proxy_set_header Connection ${connection};
    proxy_read_timeout 1h;`;
const usual = headers('$websocket_upgrade', '$websocket_connection');
const location = (head: string, lines: string) => `location ${head} {\n    proxy_pass http://backend;${lines}\n}`;

/** Numbers of the rules that find something, each once. */
function found(text: string, options: LintOptions = {}): string[] {
  return [...new Set(lintText(text, options).map(({ code }) => code.slice(0, 5)))].toSorted();
}

const right: readonly (readonly [name: string, server: string])[] = [
  [
    'a sign-in page and a page for errors are no endpoints because /ws jumps there when it fails',
    `${location('/ws', `${usual}\n    auth_request /oauth2/auth;\n    error_page 401 = /oauth2/sign_in;\n    error_page 502 /maintenance.html;`)}
     location /oauth2/ { proxy_pass http://backend; proxy_set_header Host $host; }
     location = /oauth2/auth { proxy_pass http://backend; proxy_set_header Host $host; proxy_pass_request_body off; }
     location = /maintenance.html { proxy_pass http://backend; }`,
  ],
  [
    'a literal behind a guard that turns ordinary requests away',
    location('/', `${headers('$http_upgrade', '"upgrade"')}\n    if ($http_upgrade !~* "^websocket$") { return 426; }`),
  ],
  [
    'a guard around the location',
    `if ($http_upgrade = "") { return 426; }\n${location('/', headers('$websocket_upgrade', '"upgrade"'))}`,
  ],
  [
    'a variable that Lua sets',
    location(
      '/ws',
      `${headers('$up', '$conn')}\n    set $up "";\n    set $conn "";\n    access_by_lua_block { ngx.var.up = "websocket"; ngx.var.conn = "upgrade" }`,
    ),
  ],
  [
    'a variable that a file of Lua may set',
    location('/ws', `${headers('$up', '$up')}\n    set $up "";\n    rewrite_by_lua_file conf.d/upgrade.lua;`),
  ],
];

describe('nothing is found in', () => {
  test.each(right)('%s', (_name, server) => {
    expect(found(frameAround(server, 'server'))).toEqual([]);
  });
});

describe('not found is', () => {
  test('a listener without HTTP/1.1 where http2 on is no directive yet', () => {
    const text = frameAround(`http2 on;\n${location('/ws', usual)}`, 'server');
    expect(found(text, { target: [1, 24, 0] })).not.toContain('ws036');
  });

  test('a listener without HTTP/1.1 where the listens are in a file that is not at hand', () => {
    const text = `events {}\nhttp {\n    server {\n        listen 443 quic;\n        include listen.conf;\n        ${location('/ws', usual)}\n    }\n}\n`;
    expect(found(text, { target: [1, 27, 0] })).not.toContain('ws036');
  });

  test.each([
    ['http://unix:/tmp/x.sock', 'Host: localhost'],
    ['http://127.0.0.1:80', 'Host: 127.0.0.1'],
    ['http://chat.internal:8090/', 'Host: chat.internal:8090'],
  ])('a Host that is never sent to %s', (url, sent) => {
    const text = frameAround(`location /ws { proxy_pass ${url}; }`, 'server');
    expect(lintText(text).find(({ code }) => code.startsWith('ws020'))?.message).toContain(`gets "${sent}"`);
  });

  test('an error in a constant map where the same literal is a warning', () => {
    const severity = (connection: string, map: string) =>
      lintText(
        frameAround(`${map}server { listen 80; ${location('/', headers('$http_upgrade', connection))} }`, 'http'),
      )
        .filter(({ code }) => /^ws01[36]/.test(code))
        .map((each) => each.severity);
    expect(severity('"upgrade"', '')).toEqual(['warning']);
    expect(severity('$always', 'map $http_upgrade $always { default upgrade; }\n')).toEqual(['warning']);
  });

  test('a lack of Upgrade in a snippet that sets it', () => {
    const report = lintFiles({
      'snippet.conf': `# holdline:context http,server,location\n${headers('$http_upgrade', '$connection_upgrade')}\n`,
    });
    expect(report.webSocketLocations).toBe(1);
  });
});

describe('said once a file is', () => {
  const three = ['/', '/ws', '/live'].map((path) => location(path, headers('$http_upgrade', '$follow'))).join('\n');
  const map = 'map $http_upgrade $follow { default upgrade; "" ""; }';
  const text = frameAround(`${map}\nserver {\n    listen 80;\n${three}\n}`, 'http');

  test('that other protocols get through: a note, with all the locations in its fix', () => {
    const notes = lintText(text).filter(({ code }) => code.startsWith('ws037'));
    expect(notes.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      'info "Upgrade: h2c" and any other protocol pass through "location /" and 2 more of this file',
    ]);
    expect(fixText(text)).toBe(text);
    expect(fixText(text, {}, 'all').match(/Upgrade \$websocket_upgrade/g)).toHaveLength(3);
  });

  test('a file that is missing, however many include it', () => {
    const places = ['/a', '/b', '/c'].map((path) => `location ${path} { include gone.conf; }`).join('\n');
    const { syntax } = lintFiles({ 'nginx.conf': frameAround(places, 'server') });
    expect(syntax.map(({ message }) => message)).toEqual(['there is no file "gone.conf", which 3 places include']);
  });

  test('what could not be judged, with the way to let it be judged', () => {
    const site = lintFiles({ 'site.conf': `# holdline:context http\nserver { include a.conf; include b.conf; }\n` });
    expect(site.unjudged).toEqual([
      expect.stringMatching(/lint nginx\.conf/),
      expect.stringMatching(/a\.conf and b\.conf.*--root/),
    ]);
    expect(lintFiles({ 'nginx.conf': frameAround('', 'server') }).unjudged).toEqual([]);
  });
});

describe('as bad as a timeout that is missing is one of', () => {
  test.each(['5s', '60s', '60', '1m', '20000ms'])('%s', (time) => {
    const text = frameAround(location('/ws', usual.replace('1h', time)), 'server');
    expect(found(text)).toEqual(['ws007']);
    expect(fixText(text)).toContain('proxy_read_timeout 1h;');
    expect(found(text, { heartbeatMs: 1000 })).toEqual([]);
  });

  test('but a location with ordinary requests is not given an hour for those without asking', () => {
    const text = frameAround(location('/', usual.replace('1h', '60s')), 'server');
    expect(lintText(text)[0]!.help).toContain('a location of its own');
    expect(fixText(text)).toBe(text);
  });
});
