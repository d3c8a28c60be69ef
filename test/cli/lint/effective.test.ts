import { describe, expect, test } from 'vitest';
import { lint, write } from './linting.ts';

describe('--effective', () => {
  const file = () =>
    write(
      'nginx.conf',
      `events {}
http {
    upstream chat { server 10.0.0.1:9000; server 10.0.0.2:9000; least_conn; }
    map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
    proxy_read_timeout 90s;
    server {
        server_name app.example.com a-very-long-name-that-nobody-would-ever-want-to-type.example.com;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        location / { try_files $uri @app; }
        location @app { proxy_pass http://chat; }
        location /ws/ {
            proxy_pass http://chat;
            proxy_set_header X-Token "a value that is longer than what fits on one line of a terminal with eighty columns";
        }
    }
}
`,
    );

  test('tells where each value comes from, and what a handshake comes to', async () => {
    const { out, code } = await lint(['--effective', '--location', '@app', file()]);
    expect(code).toBe(0);
    expect(out).toMatch(/^location @app +nginx\.conf:13\n/);
    expect(out).toMatch(/Upgrade {2,}websocket from \$http_upgrade {2,}server, nginx\.conf:10\n/);
    expect(out).toMatch(/proxy_read_timeout {2,}90s {2,}http, nginx\.conf:5\n/);
    expect(out).toMatch(/proxy_send_timeout {2,}60s {2,}default of nginx 1\.22\.1\n/);
    expect(out).toContain('reaches the backend as one.');
    expect(out).toContain('goes to http://chat (2 servers, least-conn).');
    expect(out).toContain('location / (try_files, nginx.conf:12)');
  });

  test('tells what was lost, and to which line', async () => {
    const { out } = await lint(['--location', '/ws/', file()]);
    expect(out).toContain('arrives as an ordinary request, not as a handshake: Upgrade is not sent');
    expect(out).toMatch(/proxy_set_header +Upgrade \$http_upgrade +server, nginx\.conf:10, to line 16\n/);
  });

  test('fits the terminal', async () => {
    const { out } = await lint(['--effective', file()]);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('says when there is no such location', async () => {
    const { code, err } = await lint(['--location', '/nowhere', file()]);
    expect([code, err]).toEqual([1, 'There is no location "/nowhere".\n']);
  });
});
