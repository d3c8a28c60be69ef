/** An Ingress with the annotations of ingress-nginx: its spec, and what became of each annotation. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { capture } from '../../cli/capture.ts';

const file = path.join(import.meta.dirname, 'ingress.yaml');

async function imported() {
  const { code, out } = await capture(['import', '--json', file]);
  return {
    code,
    ...(JSON.parse(out) as {
      spec: object;
      fates: { line: string; outcome: string; where: { range?: { start: { line: number } } } }[];
    }),
  };
}

test('it amounts to routes with their policy', async () => {
  const { code, spec } = await imported();
  expect(code).toBe(0);
  expect(spec).toMatchObject({
    upstreams: {
      'prod-chat-8080': {
        servers: ['http://chat.prod.svc:8080'],
        balance: { 'sticky-cookie': { name: 'route', lifetime: '1d' } },
      },
    },
    routes: [
      {
        match: { host: 'chat.example.com', path: '/ws' },
        idleTimeout: '1h',
        handshake: { rate: '10/s', burst: 50 },
        limits: { perIp: 20 },
        headers: { toServer: { set: { 'X-Site': 'chat' } } },
      },
      { match: { host: 'chat.example.com' } },
      { match: { host: 'api.example.com', path: '/live' }, path: { strip: '/live' } },
    ],
  });
});

test('every annotation of the controller has a fate at its line', async () => {
  const { fates } = await imported();
  const told = fates.map(
    ({ line, outcome, where }) => `${where.range?.start.line} ${outcome} ${line.replace(/^[^/]*\//, '').split(':')[0]}`,
  );
  expect(told).toEqual([
    '1 kept secretName',
    '7 kept proxy-read-timeout',
    '8 not-needed proxy-send-timeout',
    '9 kept affinity',
    '10 kept session-cookie-name',
    '11 kept session-cookie-max-age',
    '12 not-needed websocket-services',
    '13 kept cors-allow-origin',
    '14 not-needed enable-cors',
    '15 kept limit-connections',
    '16 kept limit-rps',
    '17 kept configuration-snippet',
    '20 lost frobnicate',
    '21 lost whitelist-source-range',
    '44 kept rewrite-target',
  ]);
});
