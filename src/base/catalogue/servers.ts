import type { CatalogueEntry } from './entry.ts';

export const serverCodes = {
  'upstream-unknown': {
    severity: 'error',
    means: 'no upstream of the running edge has this name',
    remedy: 'see holdline servers for the upstreams that there are',
  },
  'route-unknown': {
    severity: 'error',
    means: 'no route of the running edge has this name',
    remedy: 'see the names at the start of holdline up, or in holdline ls',
  },
  'server-unknown': {
    severity: 'error',
    means: 'no upstream has this server, and none has had it',
    remedy: 'see holdline servers for the servers that there are; a URL is compared as it stands there',
  },
  'server-ambiguous': {
    severity: 'error',
    means: 'more than one upstream could be meant',
    remedy: 'name the upstream with --upstream',
  },
  'server-exists': {
    severity: 'error',
    means: 'the upstream has this server already',
    remedy: 'nothing has to be added; holdline servers undrain brings back one that drains',
  },
  'rebalance-by-key': {
    severity: 'error',
    means: 'each client of this upstream belongs to one server by its key, so that clients cannot be spread otherwise',
    remedy: 'leave it, or choose another balance, such as least-connections',
  },
  'server-managed': {
    severity: 'error',
    means: 'Holdline starts the servers of this upstream itself, and knows by itself which there are',
    remedy: 'change instances in the spec, or restart them one after the other with holdline restart',
  },
  'upstream-not-managed': {
    severity: 'error',
    means: 'Holdline does not start the servers of this upstream, and cannot restart them',
    remedy: 'restart them where they run; holdline servers drain takes the clients off one of them before',
  },
  'server-not-usable': {
    severity: 'error',
    means: 'the address cannot be that of a server',
    remedy: 'write it as http://10.0.0.1:9000 or unix:/run/app.sock: no path behind the port, and not the edge itself',
  },
  'server-last': {
    severity: 'error',
    means: 'without this server the upstream would have none that takes new connections',
    remedy: 'add another server first, or say with --force that clients shall be refused',
  },
  'server-not-saved': {
    severity: 'error',
    means: 'the change was made, and could not be written to the spec',
    remedy: 'edit the spec by hand, or a restart of the edge forgets the change',
  },
  'reload-keeps-removal': {
    severity: 'warning',
    means: 'the spec lists a server that was removed by command',
    remedy: 'take it out of the spec, or bring it back with holdline servers add',
  },
  'reload-undoes-addition': {
    severity: 'warning',
    means: 'a server that was added by command belongs to an upstream that the spec has no longer',
    remedy: 'add it to another upstream if it is still wanted',
  },
  'drain-unknown': {
    severity: 'error',
    means: 'no drain has this number',
    remedy: 'see holdline drain --list; drains that ended long ago are forgotten',
  },
  'drain-needed': {
    severity: 'error',
    means: 'this drain cannot be cancelled: its connections have lost their server',
    remedy: 'wait for its end; a larger drain.rate in the route, or drain.budget, makes the next one shorter',
  },
  'drain-too-many': {
    severity: 'error',
    means: 'more drains run at once than the edge keeps lists for',
    remedy: 'wait for one to end, or cancel one',
  },
} as const satisfies Record<string, CatalogueEntry>;
