/** What is done to those who are connected. */
import { cannot, outcomeOf, type Step, steered } from './step.ts';

export const steering: readonly Step[] = [
  {
    what: 'a kick',
    run: (edge) => steered(edge, 'POST', (id) => `/connections/${id}/close`, { code: 4002 }),
    sees: 'done',
    differs: { nginx: cannot, row: '`kick`, `send`, `drain`, `tap`' },
  },
  {
    what: 'a message to a client',
    run: (edge) => steered(edge, 'POST', (id) => `/connections/${id}/messages`, { text: 'news' }),
    sees: 'done',
    differs: { nginx: cannot, row: '`kick`, `send`, `drain`, `tap`' },
  },
  {
    what: 'a drain',
    run: async (edge) => outcomeOf(await edge.ask('POST', '/drains', { filter: { q: 'route:few' }, rate: '1/s' })),
    sees: 'done',
    differs: { nginx: cannot, row: '`kick`, `send`, `drain`, `tap`' },
  },
  {
    what: 'a gate, closed and opened',
    run: async (edge) => [
      outcomeOf(await edge.ask('PUT', '/gate', { closed: true })),
      outcomeOf(await edge.ask('PUT', '/gate', { closed: false })),
    ],
    sees: ['done', 'done'],
    differs: { nginx: [cannot, cannot], row: '`gate`, `even`, `upgrade`, `rebalance`' },
  },
  {
    what: 'workers evened out',
    run: async (edge) => outcomeOf(await edge.ask('POST', '/even', {})),
    sees: 'done',
    differs: { nginx: cannot, row: '`gate`, `even`, `upgrade`, `rebalance`' },
  },
  {
    what: 'a server added and removed by command',
    run: async (edge) => {
      const server = { upstream: 'app', url: edge.serverUrls[1] };
      return [
        outcomeOf(await edge.ask('POST', '/servers', server)),
        outcomeOf(await edge.ask('POST', '/servers/drain', server)),
        outcomeOf(await edge.ask('POST', '/servers/remove', server)),
      ];
    },
    sees: ['done', 'done', 'done'],
    differs: { nginx: [cannot, cannot, cannot], row: 'servers by command' },
  },
];
