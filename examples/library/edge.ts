// Starts an edge in this process, in front of a server that runs already, and watches one connection come and go.
import { defineConfig, startEdge } from 'holdline/edge';
import { probe } from 'holdline/probe';

const server = process.argv[2] ?? 'http://127.0.0.1:9000';
const edge = await startEdge(
  defineConfig({
    listen: '127.0.0.1:0',
    workers: 1,
    upstreams: { app: { servers: [server] } },
    routes: [{ name: 'app', upstream: 'app', origins: 'any' }],
  }),
);
edge.on('open', ({ clientAddress, route }) => console.log(`open ${route} from ${clientAddress}`));
const closed = new Promise<void>((resolve) => {
  edge.on('close', ({ ended }) => {
    console.log(`close ${ended.cause} ${ended.code}, by the ${ended.by}`);
    resolve();
  });
});

for (const { host, port } of edge.addresses) {
  const { outcome, failure } = await probe(`ws://${host}:${port}/`, { checks: null });
  console.log(`probe ${outcome} ${failure?.cause ?? ''}`);
  if (outcome === 'passed') await closed;
}

const { matched } = await edge.query({ route: 'app' });
console.log(`${matched} still open, ${await edge.closeConnections({}, { code: 1012, reason: 'moving' })} told to go`);
await edge.close();
