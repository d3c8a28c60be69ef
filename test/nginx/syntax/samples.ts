/** Configurations of ordinary kinds, to be broken by tests. */

const proxied = `user www-data;
worker_processes auto;
events { worker_connections 1024; }
http {
    # the map for upgrades
    map $http_upgrade $connection_upgrade {
        default upgrade;
        ''      close;
    }
    upstream app {
        zone app 64k;
        server 127.0.0.1:9000;   # one
        server 127.0.0.1:9001;
    }
    server {
        listen 80;
        server_name example.com "www.example.com";
        location /ws/ {
            proxy_pass http://app;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 1h;
        }
        location ~ ^/files/(?<name>[a-z]+)\\.txt$ { try_files /dev/null @files; }
        location @files { if ($arg_a ~* "x(y)") { return 200 'a\\'b'; } root /srv; }
    }
}
`;

const lua = `events {}
http {
    server {
        location /a {
            access_by_lua_block {
                local t = { a = "}", b = [[ } ]] } -- }
                if t.a == '{' then ngx.exit(403) end
            }
            content_by_lua_block { ngx.say("x") }
        }
    }
}
`;

const including = `events {}
http { include /a; include /none/*.conf; server { include "/a"; listen 80; } }
`;

export const sampleConfigurations: readonly string[] = [proxied, lua, including];
