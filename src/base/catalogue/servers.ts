import type { CatalogueEntry } from './entry.ts';

export const serverCodes = {
  'upstream-unknown': {
    severity: 'error',
    means: 'no upstream of the running edge has this name',
    remedy: 'holdline servers lists the upstreams',
  },
  'route-unknown': {
    severity: 'error',
    means: 'no route of the running edge has this name',
    remedy: 'see the names at the start of holdline up, or in holdline ls',
  },
  'server-unknown': {
    severity: 'error',
    means: 'no upstream has or had this server',
    remedy: 'holdline servers lists the servers; write a URL as it is listed',
  },
  'server-ambiguous': {
    severity: 'error',
    means: 'more than one upstream could be meant',
    remedy: 'name the upstream with --upstream',
  },
  'server-exists': {
    severity: 'error',
    means: 'the upstream has this server already',
    remedy: 'nothing has to be added; holdline servers undrain brings back a draining server',
  },
  'rebalance-by-key': {
    severity: 'error',
    means: 'the upstream ties each client to one server by a key, so its clients cannot be spread',
    remedy: 'leave it as it is, or choose another balance, such as least-connections',
  },
  'server-managed': {
    severity: 'error',
    means: 'Holdline starts the servers of this upstream itself, so none can be added or removed by command',
    remedy: 'change instances in the spec, or restart them one after the other with holdline restart',
  },
  'upstream-not-managed': {
    severity: 'error',
    means: 'Holdline does not start the servers of this upstream, and cannot restart them',
    remedy: 'restart them where they run; holdline servers drain takes the clients off a server first',
  },
  'server-not-usable': {
    severity: 'error',
    means: 'the address is not usable for a server',
    remedy:
      'write it as http://10.0.0.1:9000 or unix:/run/app.sock: without a path after the port, and not the edge itself',
  },
  'server-last': {
    severity: 'error',
    means: 'without this server, no server of the upstream would take new connections',
    remedy: 'add another server first, or use --force to let clients be refused',
  },
  'server-not-saved': {
    severity: 'error',
    means: 'the change took effect, but could not be written to the spec',
    remedy: 'edit the spec by hand; otherwise the edge forgets the change when it restarts',
  },
  'reload-keeps-removal': {
    severity: 'warning',
    means: 'the spec lists a server that was removed by command',
    remedy: 'remove it from the spec, or bring it back with holdline servers add',
  },
  'reload-undoes-addition': {
    severity: 'warning',
    means: 'a server that was added by command belongs to an upstream that is no longer in the spec',
    remedy: 'add it to another upstream if it is still wanted',
  },
  'drain-unknown': {
    severity: 'error',
    means: 'no drain has this number',
    remedy: 'see holdline drain --list; drains that ended long ago are forgotten',
  },
  'drain-needed': {
    severity: 'error',
    means: 'this drain cannot be cancelled, because its connections have lost their server',
    remedy: 'wait for its end; a larger drain.rate in the route, or drain.budget, makes the next one shorter',
  },
  'drain-too-many': {
    severity: 'error',
    means: 'too many drains are running at once',
    remedy: 'wait for one to end, or cancel one',
  },
} as const satisfies Record<string, CatalogueEntry>;
