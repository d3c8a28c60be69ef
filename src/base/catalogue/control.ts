import type { CatalogueEntry } from './entry.ts';

export const controlCodes = {
  'control-unreachable': {
    severity: 'error',
    means: 'no edge answers on the control address',
    remedy: 'start the edge with holdline up, or name its address with --control',
  },
  'control-needs-token': {
    severity: 'error',
    means: 'the control API would be reachable from other machines without a token',
    remedy: 'set control.token in the spec (or --token), or let the control API listen on 127.0.0.1',
  },
  'control-token-wrong': {
    severity: 'error',
    means: 'the request to the control API carries no token, or a wrong one',
    remedy: 'send "Authorization: Bearer TOKEN", or give the command --token',
  },
  'control-host-refused': {
    severity: 'error',
    means: 'the Host header of a request to the control API names a foreign host, as in a DNS rebinding attack',
    remedy: 'address the control API as localhost, by its IP address, or by the name it was configured with',
  },
  'control-origin-refused': {
    severity: 'error',
    means: 'a page of another origin called the control API from a browser',
    remedy: 'call the control API from its own page, or from a program instead of a browser',
  },
  'control-bad-request': {
    severity: 'error',
    means: 'a request to the control API does not match its OpenAPI description',
    remedy: 'compare the request with /openapi.json',
  },
  'control-body-too-large': {
    severity: 'error',
    means: 'the body of a request to the control API is larger than the control API reads',
    remedy: 'send a smaller message; a message of 1 MiB fits in either form',
  },
  'control-not-found': {
    severity: 'error',
    means: 'the control API has nothing at this address',
    remedy: '/openapi.json lists what there is',
  },
  'control-failed': {
    severity: 'error',
    means: 'the control API has failed',
    remedy: 'read the log of the edge, and report the fault with what the log says',
  },
  'connection-unknown': {
    severity: 'error',
    means: 'no live connection has this id',
    remedy: 'list the live connections with holdline ls; the connection may have ended meanwhile',
  },
  'filter-empty': {
    severity: 'error',
    means: 'a command for many connections does not say which ones',
    remedy: 'give at least one filter, or choose all of them (all: true, or --all)',
  },
  'filter-unknown-name': {
    severity: 'error',
    means: 'a filter names a route or an upstream that the edge does not have',
    remedy: 'list the live connections with holdline ls, which shows the names of their routes',
  },
  'filter-unknown-word': {
    severity: 'error',
    means: 'a filter asks for a field that connections do not have',
    remedy: 'see docs/filter.md for the fields; a tag is written tag.NAME:VALUE',
  },
  'filter-bad-value': {
    severity: 'error',
    means: 'a filter compares a field with a value that it cannot have',
    remedy: 'see docs/filter.md for what each field takes',
  },
  'preview-gone': {
    severity: 'error',
    means: 'the preview to carry out is no longer kept',
    remedy: 'ask for the preview again; a preview is kept for two minutes',
  },
  'token-file-unusable': {
    severity: 'error',
    means: 'a file that should hold a token of the control API cannot be read, or holds none',
    remedy: 'put the token alone on the first line: at least 8 visible characters, none of them a space',
  },
  'terminal-needed': {
    severity: 'error',
    means: 'a command that draws on a terminal was started without one',
    remedy: 'run it in a terminal, or use holdline status and holdline ls --json in a script',
  },
  'control-role': {
    severity: 'error',
    means: 'the request needs a token that may steer, and its token may only read',
    remedy: 'use the token that may steer',
  },
  'control-viewers': {
    severity: 'error',
    means: 'the edge already has as many viewers as it allows',
    remedy: 'close a page or a command that watches it',
  },
  'reload-failed': {
    severity: 'error',
    means: 'the changed spec has errors; nothing was changed',
    remedy: 'correct the spec (holdline check explains what is wrong), and reload again',
  },
  'reload-needs-restart': {
    severity: 'error',
    means: 'the changed spec asks for something that a running edge cannot change',
    remedy: 'restart the edge, or undo the change',
  },
  'listen-not-permitted': {
    severity: 'error',
    means: 'the system does not allow this user to listen on the address',
    remedy: 'choose a port above 1023, or grant the process CAP_NET_BIND_SERVICE',
  },
  'listen-address-unknown': {
    severity: 'error',
    means: 'the address to listen on does not belong to this machine',
    remedy: 'use an address that "ip address" shows, or 0.0.0.0 for all of them',
  },
  'listen-failed': {
    severity: 'error',
    means: 'the system refused to listen on the address',
    remedy: 'the system error in the message says why',
  },
  'owner-unknown': {
    severity: 'error',
    means: 'the owner of a socket is not a user or group of this machine',
    remedy: 'correct the name, or write the number, which users of a directory service need',
  },
  'worker-start-failed': {
    severity: 'error',
    means: 'a worker process did not start',
    remedy: 'its message, above or in the log, says why',
  },
  'worker-busy': {
    severity: 'error',
    means: 'a worker has too many open questions, or has only just started',
    remedy: 'ask again in a moment, and less often',
  },
  'worker-silent': {
    severity: 'error',
    means: 'a worker did not answer in time',
    remedy: 'look at the event-loop delay of the workers in /workers; the machine may be overloaded',
  },
  'worker-gone': {
    severity: 'error',
    means: 'a worker ended before it answered',
    remedy: 'ask again; a new worker takes its place',
  },
  'certificate-unreadable': {
    severity: 'error',
    means: 'a certificate or key of a listener could not be read',
    remedy: 'check the path, which is relative to the spec, and the permissions',
  },
  'certificate-unusable': {
    severity: 'error',
    means: 'TLS cannot use the certificate and key of a listener',
    remedy: 'give the full chain in PEM, and the key that belongs to its first certificate, without a passphrase',
  },
  'log-unwritable': {
    severity: 'error',
    means: 'the file of the log cannot be written',
    remedy: 'check the path and the permissions given to --log',
  },
  'upstream-start-failed': {
    severity: 'error',
    means: 'a server that Holdline should start itself did not start',
    remedy: 'run the command by hand with PORT set; it has to listen on that port',
  },
} as const satisfies Record<string, CatalogueEntry>;
