/** A large configuration of the kind that panels write: many servers over many included files. */

export interface SiteOptions {
  readonly files: number;
  readonly serversPerFile: number;
}

export function generatedSites({ files, serversPerFile }: SiteOptions): Record<string, string> {
  const made: Record<string, string> = {
    '/nginx.conf': `events { worker_connections 4096; }
http {
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    include /sites/*.conf;
}
`,
  };
  for (let file = 0; file < files; file++)
    made[`/sites/${String(file).padStart(3, '0')}.conf`] = Array.from({ length: serversPerFile }, (_, index) =>
      site(file * serversPerFile + index),
    ).join('\n');
  return made;
}

function site(number: number): string {
  return `upstream app${number} {
    server 10.0.0.1:${10_000 + number};
}
server {
    listen 80;
    server_name site${number}.example.com;
    # generated
    location / {
        proxy_pass http://app${number};
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
    }
    location /ws/ {
        proxy_pass http://app${number};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
    }
}`;
}
