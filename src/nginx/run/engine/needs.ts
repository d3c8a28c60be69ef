/** What a configuration needs of the nginx that is to run it. */
import { catalogue } from '../../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../../base/diagnostic.ts';
import type { NginxBuild } from '../../../host/nginx-binary.ts';
import type { Spec } from '../../../spec/model.ts';

interface Need {
  /** `with`: has to be asked for when nginx is built. `default`: is there unless it was left out. */
  readonly module: string;
  readonly built: 'with' | 'default';
  readonly applies: (spec: Spec) => boolean;
  readonly what: string;
}

const needs: readonly Need[] = [
  {
    module: 'http_mirror',
    built: 'default',
    applies: () => true,
    what: 'the list of live connections is written by it',
  },
  { module: 'http_map', built: 'default', applies: () => true, what: 'handshakes are told from other requests by it' },
  { module: 'http_rewrite', built: 'default', applies: () => true, what: 'routes are named by it' },
  {
    module: 'http_ssl',
    built: 'with',
    applies: ({ listen, upstreams }) =>
      listen.some(({ tls }) => tls !== null) ||
      upstreams.some(({ servers }) => servers.some(({ url }) => url.startsWith('https:'))),
    what: 'a listener or a server speaks TLS',
  },
  {
    module: 'http_realip',
    built: 'with',
    applies: ({ trustedProxies }) => trustedProxies.length > 0,
    what: 'trustedProxies needs it',
  },
  {
    module: 'http_auth_request',
    built: 'with',
    applies: ({ routes }) => routes.some(({ handshake }) => handshake.authorize !== null),
    what: 'handshake.authorize needs it',
  },
];

export function lacking(spec: Spec, { modules, without }: NginxBuild): Diagnostic[] {
  return needs
    .filter(
      ({ applies, built, module }) => applies(spec) && (built === 'with' ? !modules.has(module) : without.has(module)),
    )
    .map(({ module, what }) => {
      const { severity, remedy } = catalogue['engine-nginx-lacks'];
      return {
        code: 'engine-nginx-lacks',
        severity,
        message: `this nginx was built without ngx_${module}_module: ${what}`,
        help: remedy,
      };
    });
}

/** For people: the optional modules that are there, of those that could matter. */
export function modulesText({ modules, loadable }: NginxBuild): string {
  const there = needs.filter(({ built, module }) => built === 'with' && modules.has(module));
  const lua = loadable.includes('ngx_http_lua_module.so') ? ['http_lua (not used)'] : [];
  return [...there.map(({ module }) => module), ...lua].join(', ');
}
