import type { NginxUpstream } from '../../effective/model.ts';
import { variablesIn } from '../../facts/variables.ts';
import { whereOf } from '../../syntax/place.ts';
import type { Statement } from '../../syntax/tree.ts';
import type { LintContext, Rule } from '../rule.ts';

export const ipHashBehindProxy: Rule = {
  id: 'ws031-ip-hash-behind-proxy',
  severity: 'info',
  title: 'clients are told apart by an address that is the load balancer’s',
  why: 'Behind another proxy every connection comes from that proxy’s address, so ip_hash and hash $remote_addr send everybody to one server. ip_hash also takes only the first three numbers of an IPv4 address.',
  evidence: 'The documentation of ngx_http_upstream_module (ip_hash) and of ngx_http_realip_module.',
  help: 'say whom to believe with set_real_ip_from and where the address is with real_ip_header, or hash another value',
  exampleIn: 'http',
  bad: `
upstream chat {
    hash $remote_addr consistent;
    server 127.0.0.1:9001;
    server 127.0.0.1:9002;
}
server {
    listen 80;
    location /ws {
        proxy_pass http://chat;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $websocket_upgrade;
        proxy_set_header Connection $websocket_connection;
        proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
        proxy_read_timeout 10m;
    }
}`,
  good: `
upstream chat {
    hash $remote_addr consistent;
    server 127.0.0.1:9001;
    server 127.0.0.1:9002;
}
server {
    listen 80;
    set_real_ip_from 10.0.0.0/8;
    real_ip_header X-Forwarded-For;
    location /ws {
        proxy_pass http://chat;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $websocket_upgrade;
        proxy_set_header Connection $websocket_connection;
        proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;
        proxy_read_timeout 10m;
    }
}`,
  *check(context) {
    const seen = new Set<NginxUpstream>();
    let header: Statement | undefined | null = null;
    for (const { location, proxy } of context.webSockets) {
      const { upstream } = proxy.target;
      if (upstream === null || seen.has(upstream)) continue;
      const at = addressLine(upstream);
      if (at === undefined) continue;
      header ??= headerOfProxy(context);
      const sign = location.server.listens.find(({ proxyProtocol }) => proxyProtocol)?.statement ?? header;
      if (sign === undefined) continue;
      const doubt = context.doubt(location, 'set_real_ip_from');
      if (doubt === null || context.value(location, 'set_real_ip_from').statements.length > 0) continue;
      seen.add(upstream);
      yield {
        at,
        message: `upstream ${upstream.name} balances by $remote_addr, and this nginx seems to stand behind another proxy`,
        related: [{ message: 'which is what this looks at', where: whereOf(sign.directive) }],
        about: location,
        ...doubt,
      };
    }
  },
};

function addressLine({ own, hashKey }: NginxUpstream): Statement | undefined {
  const byAddress = variablesIn(hashKey ?? '').some(({ name }) => /^(?:binary_)?remote_addr$/.test(name));
  return own.get('ip_hash')?.[0] ?? (byAddress ? own.get('hash')?.[0] : undefined);
}

/** Headers that only a proxy in front sets. $proxy_add_x_forwarded_for is in every example and says nothing. */
const setByProxies = /^http_(?:x_forwarded_\w+|x_real_ip|cf_connecting_ip|true_client_ip|forwarded)$/;

function headerOfProxy(context: LintContext): Statement | undefined {
  const lines = ['proxy_set_header', 'map', 'if', 'set'].flatMap((name) => context.statements(name));
  return lines.find(({ directive }) =>
    directive.args.some((text) => variablesIn(text).some(({ name }) => setByProxies.test(name))),
  );
}
