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
    remedy: 'correct it where the message says; it exports onHandshake, onOpen, onClose or onMessage',
  },
  'hooks-need-typescript': {
    severity: 'error',
    means: 'the hooks module is TypeScript, which this Node cannot run without a compiler',
    remedy:
      'npm install typescript beside the hooks module, use Node 22.18 or later, or write the module in JavaScript',
  },
} as const satisfies Record<string, CatalogueEntry>;
