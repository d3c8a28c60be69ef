import type { CatalogueEntry } from './entry.ts';

export const gatewayCodes = {
  'listen-port-taken': {
    severity: 'error',
    means: 'another program listens on the address already',
    remedy: 'stop the other program (ss -ltnp shows it) or choose another port',
  },
  'hooks-unloadable': {
    severity: 'error',
    means: 'the hooks module cannot be loaded',
    remedy: 'correct it at the place that the message names; it exports onHandshake, onOpen, onClose or onMessage',
  },
  'hooks-need-typescript': {
    severity: 'error',
    means: 'the hooks module is TypeScript, this Node does not run it by itself, and there is no compiler',
    remedy:
      'npm install typescript beside the hooks module, use Node 22.18 or later, or write the module in JavaScript',
  },
} as const satisfies Record<string, CatalogueEntry>;
