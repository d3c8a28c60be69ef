import type { CatalogueEntry } from './entry.ts';

export const generateCodes = {
  'generate-name-unsafe': {
    severity: 'error',
    means: 'a name for a generated file has characters that such a name never has',
    remedy: 'correct the name; these characters could end the directive and begin another',
  },
  'generate-servers-missing': {
    severity: 'error',
    means: 'nginx needs addresses of servers, and the upstream has none',
    remedy: 'list servers; programs that Holdline starts itself have addresses only under holdline up',
  },
  'generate-servers-differ': {
    severity: 'error',
    means: 'nginx speaks to all servers of a group in one way, and these need different ones',
    remedy: 'put them into separate groups, or let all of them speak http or https and share one certificate name',
  },
  'generate-addresses-missing': {
    severity: 'error',
    means: 'the plan relies on local addresses that are not named',
    remedy: 'name each with --bind, as many as --source-addresses says',
  },
  'generate-contradiction': {
    severity: 'error',
    means: 'nginx cannot combine two of these settings',
    remedy: 'change one of the two settings that the message names',
  },
  'generate-listens-differ': {
    severity: 'warning',
    means: 'the plan was made for another number of listening sockets than are generated',
    remedy: 'plan with as many listens as the configuration has, the status page included',
  },
  'generate-server-assumed': {
    severity: 'warning',
    means: 'no servers were given, so the file has example addresses',
    remedy: 'name them with --to, or in a spec',
  },
  'generate-resolved-once': {
    severity: 'warning',
    means: 'a server is written by name, and nginx looks the name up only when it starts or reloads',
    remedy:
      'write its address, or target nginx 1.27.3 or later and name a name server with --resolver; an older nginx follows a name only in a variable (set $server chat.svc; proxy_pass http://$server:9000;) with a resolver, and then without a group that counts and balances',
  },
  'generate-srv-unresolved': {
    severity: 'error',
    means: 'servers should be found by SRV records, which this nginx does not read',
    remedy:
      'target nginx 1.27.3 or later and name a name server with --resolver, or write the servers with their ports',
  },
  'generate-nginx-cannot': {
    severity: 'info',
    means: 'the spec asks for something that nginx cannot do',
    remedy: 'do it where the message says, or put the built-in edge in front, which can',
  },
  'generate-nginx-partly': {
    severity: 'info',
    means: 'the spec asks for something that nginx does slightly differently',
    remedy: 'check that the difference does not matter to you',
  },
  'generate-file-exists': {
    severity: 'error',
    means: 'a file that would be written already exists',
    remedy: 'write into an empty directory, or add --force',
  },
  'service-file-unreachable': {
    severity: 'warning',
    means: 'the edge’s systemd user could not read a file that the edge needs',
    remedy:
      'let a dedicated group read the file and its parent folders (chgrp, chmod g+rX); the unit then joins that group. Or name a user with --user',
  },
  'service-file-hidden': {
    severity: 'warning',
    means: 'the service would not see a file or socket that the edge needs: under systemd it has a /tmp of its own',
    remedy: 'move it elsewhere, such as /etc/holdline for a spec and /run for a socket',
  },
  'generate-file-unwritable': {
    severity: 'error',
    means: 'a file or directory could not be written',
    remedy: 'check the path and the permissions',
  },
} as const satisfies Record<string, CatalogueEntry>;
