import net, { type AddressInfo } from 'node:net';

/** A port of loopback that nobody has at the moment, for programs that cannot be told to choose one. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
