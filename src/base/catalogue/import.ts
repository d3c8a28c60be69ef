import type { CatalogueEntry } from './entry.ts';

export const importCodes = {
  'import-nothing': {
    severity: 'error',
    means: 'no location of the configuration could become a route',
    remedy:
      'name the nginx.conf that includes the locations with proxy_set_header Upgrade; --all takes locations that carry no WebSockets, too',
  },
  'import-template': {
    severity: 'error',
    means: 'the configuration is a template of another program',
    remedy: 'render the template and import what comes out, or import what nginx -T prints where it runs',
  },
  'drift-found': {
    severity: 'warning',
    means: 'the configuration of nginx and the spec say different things of one setting',
    remedy:
      'change the one that is wrong; holdline import writes what nginx says, holdline generate what the spec says',
  },
  'import-lost': {
    severity: 'warning',
    means: 'the spec has no setting for what a line of the configuration says',
    remedy: 'do what the message says, or keep nginx in front for it',
  },
} as const satisfies Record<string, CatalogueEntry>;
