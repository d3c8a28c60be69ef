/**
 * Configurations that a fix could spoil: what works in them has to go on working. Shared with the tests on a real
 * nginx.
 */
import { frameAround } from '../../../../src/nginx/lint/example.ts';

export interface FixCase {
  readonly name: string;
  readonly text: string;
}

const lines = (upgrade: string, connection: string, more = '') => `
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade ${upgrade};
    proxy_set_header Connection ${connection};
    proxy_read_timeout 1h;${more}`;

/** Maps of patterns as guides have them; a match of one empties $1. */
const patternMaps = `map $http_upgrade $up { default ""; "~*^websocket$" websocket; }
map $http_upgrade $co { default ""; "~*^websocket$" upgrade; }
`;

export const fixCases: readonly FixCase[] = [
  {
    name: 'a header out of the path',
    text: frameAround(
      `location ~ ^/user/(\\w+)/ws$ {\n    proxy_pass http://backend;${lines('$http_upgrade', '"upgrade"', '\n    proxy_set_header X-Tenant $1;')}\n}`,
      'server',
    ),
  },
  {
    name: 'an address out of the path, behind a guard',
    text: frameAround(
      `location ~ ^/room/(\\w+)/ws$ {\n    if ($http_upgrade != "websocket") {\n        return 404;\n    }\n    proxy_pass http://127.0.0.1:9000/$1/socket$is_args$args;${lines('$http_upgrade', '"upgrade"')}\n}`,
      'server',
    ),
  },
  {
    name: 'Docker and Kubernetes behind the same location',
    text: frameAround(
      `location / {\n    proxy_pass http://backend;${lines('$http_upgrade', '"upgrade"')}\n}`,
      'server',
    ),
  },
  {
    name: 'Connection taken from the client',
    text: frameAround(
      `location / {\n    proxy_pass http://backend;${lines('$http_upgrade', '$http_connection')}\n}`,
      'server',
    ),
  },
  {
    name: 'maps of patterns beside a header out of the path',
    text: frameAround(
      `${patternMaps}server {\n    listen 80;\n    location ~ ^/user/(\\w+)/ws$ {\n        proxy_pass http://backend;${lines('$up', '""', '\n    proxy_set_header X-Tenant $1;')}\n    }\n}`,
      'http',
    ),
  },
  {
    name: 'lines that one location loses, and others that it has',
    text: frameAround(
      `proxy_set_header Host $http_host;\nproxy_set_header Upgrade $websocket_upgrade;\nproxy_set_header Connection $websocket_connection;\nlocation /ws {\n    proxy_pass http://backend;\n    proxy_http_version 1.1;\n    proxy_read_timeout 1h;\n    proxy_set_header X-Real-IP $remote_addr;\n}\nlocation /api {\n    proxy_pass http://backend;\n    proxy_set_header X-Api yes;\n}`,
      'server',
    ),
  },
  {
    name: 'an origin out of a pattern',
    text: frameAround(
      `location /ws {\n    if ($http_origin !~ "^https://(app|www).example.com") {\n        return 403;\n    }\n    proxy_pass http://backend;${lines('$websocket_upgrade', '$websocket_connection', '\n    proxy_set_header X-Site $1;')}\n}`,
      'server',
    ),
  },
];
