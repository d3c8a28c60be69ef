/** Servers that do not answer a handshake as they should. */
import { handshakeText, keyIn, switching } from '../../support/raw-peer.ts';
import { deadPort, headEnd, type RawSocket } from '../../support/raw-socket.ts';
import { answerTo, type BadInput, type Bench, type Observed } from './bench.ts';
import { asked, noted } from './requests.ts';

type Conduct = (socket: RawSocket, requestHead: string) => void;

async function handshake(bench: Bench, conduct: Conduct): Promise<Observed> {
  bench.serve((socket) => {
    const answer = (end: number) => conduct(socket, socket.received.toString('latin1', 0, end));
    // The edge may leave before the head is whole: there is nobody to answer then.
    socket.until(headEnd).then(answer, () => {});
  });
  const client = await bench.dial();
  client.write(handshakeText());
  return { client: await answerTo(client), server: asked(bench), noted: noted(bench) };
}

interface Answer {
  readonly what: string;
  readonly client: string;
  readonly noted: string;
  readonly bytes: string | ((key: string) => string);
  readonly ending?: 'end' | 'reset';
  /** The client has to get exactly this behind the head. */
  readonly body?: string;
}

const answers: readonly Answer[] = [
  {
    what: '200 and a page',
    client: '200',
    noted: 'server-refused',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\npage\n',
    body: 'page\n',
  },
  {
    what: '401 with a challenge and a body',
    client: '401',
    noted: 'server-refused',
    bytes: 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 6\r\n\r\nlogin\n',
    body: 'login\n',
  },
  {
    what: '404 with a chunked body',
    client: '404',
    noted: 'server-refused',
    bytes: 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngone\r\n0\r\n\r\n',
    body: '4\r\ngone\r\n0\r\n\r\n',
  },
  {
    what: '403 with a body that ends with the connection',
    client: '403',
    noted: 'server-refused',
    bytes: 'HTTP/1.0 403 Forbidden\r\n\r\nno entry',
    body: 'no entry',
    ending: 'end',
  },
  {
    what: '302 to elsewhere',
    client: '302',
    noted: 'server-refused',
    bytes: 'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n',
    body: '',
  },
  {
    what: '403 with a body that never ends',
    client: '403',
    noted: 'server-refused',
    bytes: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nno ent',
    body: 'no ent',
  },
  {
    what: '403 with a body of broken chunks',
    client: '403',
    noted: 'server-refused',
    bytes: 'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    body: '',
  },
  { what: 'nonsense', client: '502', noted: 'server-nonsense', bytes: '220 mail.example ESMTP\r\n' },
  {
    what: 'a line without its carriage return',
    client: '502',
    noted: 'server-nonsense',
    bytes: 'HTTP/1.1 101 Switching\nUpgrade: websocket\n\n',
  },
  {
    what: 'half a head, then the end',
    client: '502',
    noted: 'server-nonsense',
    bytes: 'HTTP/1.1 101 Switching Pro',
    ending: 'end',
  },
  {
    what: 'half a head, then a reset',
    client: '502',
    noted: 'server-nonsense',
    bytes: 'HTTP/1.1 101 Switching Pro',
    ending: 'reset',
  },
  {
    what: 'a head over 16 KiB',
    client: '502',
    noted: 'server-nonsense',
    bytes: `HTTP/1.1 101 Switching Protocols\r\nX-Long: ${'a'.repeat(20_000)}`,
  },
  {
    what: 'a head that never ends',
    client: '504',
    noted: 'timeout',
    bytes: 'HTTP/1.1 101 Switching Protocols\r\nX-Half:',
  },
  { what: 'nothing', client: '504', noted: 'timeout', bytes: '' },
  { what: 'the end of the connection', client: '502', noted: 'server-unreachable', bytes: '', ending: 'end' },
  { what: 'a reset', client: '502', noted: 'server-unreachable', bytes: '', ending: 'reset' },
  {
    what: '101 with the wrong Sec-WebSocket-Accept',
    client: '502',
    noted: 'server-nonsense',
    bytes: () => switching('another key'),
  },
  {
    what: '101 without Sec-WebSocket-Accept',
    client: '502',
    noted: 'server-nonsense',
    bytes: (key) => switching(key).replace(/Sec-WebSocket-Accept.*\r\n/, ''),
  },
  {
    what: '101 without Upgrade',
    client: '502',
    noted: 'server-nonsense',
    bytes: (key) => switching(key).replace('Upgrade: websocket\r\n', ''),
  },
  {
    what: '101 in HTTP/1.0',
    client: '502',
    noted: 'server-nonsense',
    bytes: (key) => switching(key).replace('HTTP/1.1', 'HTTP/1.0'),
  },
  {
    what: '101 with an extension that nobody asked for',
    client: '502',
    noted: 'server-nonsense',
    bytes: (key) => switching(key, ['Sec-WebSocket-Extensions: permessage-deflate']),
  },
  {
    what: '101 with a subprotocol that nobody asked for',
    client: '502',
    noted: 'server-nonsense',
    bytes: (key) => switching(key, ['Sec-WebSocket-Protocol: chat']),
  },
];

function fromServer(answer: Answer): BadInput {
  const { what, client, noted: outcome, bytes, ending, body } = answer;
  return {
    what: `the server answers ${what}`,
    client,
    server: 'asked',
    noted: outcome,
    route: { handshake: { timeoutMs: 300 } },
    run: async (bench) => {
      let got: RawSocket | null = null;
      const observed = await handshake(
        {
          ...bench,
          get serverAsked() {
            return bench.serverAsked;
          },
          dial: async () => (got = await bench.dial()),
        },
        (socket, head) => {
          socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes(keyIn(head)));
          if (ending === 'end') socket.socket.end();
          if (ending === 'reset') socket.socket.write('', () => socket.reset());
        },
      );
      const received = got!.received;
      const gotBody = received.toString('latin1', headEnd(received) ?? received.length);
      if (body !== undefined && gotBody !== body) throw new Error(`the body is ${JSON.stringify(gotBody)}`);
      return observed;
    },
  };
}

export const servers: readonly BadInput[] = [
  ...answers.map(fromServer),
  {
    what: 'the server answers 403 with a body over 1 MiB',
    client: '403',
    server: 'asked',
    noted: 'server-refused',
    run: (bench) =>
      handshake(bench, (socket) => {
        socket.write(`HTTP/1.1 403 Forbidden\r\n\r\n${'x'.repeat(4_000_000)}`);
      }),
  },
  {
    what: 'the server answers 103 before its 101',
    client: '101',
    server: 'asked',
    noted: 'client-close',
    run: async (bench) => {
      bench.serve((socket) => {
        void socket.until(headEnd).then((end) => {
          const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n';
          socket.write(early + switching(keyIn(socket.received.toString('latin1', 0, end))));
          void socket.over.then(() => socket.socket.end());
          const closes = socket.until((received) => (received.length > end ? true : null));
          void closes.then(() => socket.write(Buffer.from('8800', 'hex')));
        });
      });
      const client = await bench.dial();
      client.write(handshakeText());
      await client.until(headEnd);
      client.write(Buffer.from('888003e80000', 'hex'));
      client.socket.end();
      const { end } = await bench.edge.ended();
      return {
        client: /101/.test(client.received.toString('latin1', 0, 12)) ? '101' : 'other',
        server: asked(bench),
        noted: end.cause,
      };
    },
  },
  {
    what: 'the server answers 101, then garbage',
    client: 'close 1011',
    server: 'close 1002',
    noted: 'server-protocol-error',
    run: async (bench) => {
      const pair = await bench.pair({ answer: { behind: Buffer.from('HTTP/1.1 500 Oops\r\n\r\n') } });
      const { end } = await bench.edge.ended();
      return { client: await pair.client.ending(), server: await pair.server.ending(), noted: end.cause };
    },
  },
  {
    what: 'the first server is down',
    client: '101',
    server: 'asked',
    noted: 'none',
    run: async (bench) => {
      bench.useServers([
        `http://127.0.0.1:${await deadPort()}`,
        `http://127.0.0.1:${await deadPort()}`,
        bench.serverUrl,
      ]);
      const pair = await bench.pair();
      pair.client.frame(1, 'to the one that is up');
      await pair.server.next('text');
      pair.client.close(1000);
      await bench.edge.ended();
      return { client: '101', server: asked(bench), noted: noted(bench) };
    },
  },
  {
    what: 'all servers are down',
    client: '502',
    server: 'not asked',
    noted: 'server-unreachable',
    run: async (bench) => {
      bench.useServers([`http://127.0.0.1:${await deadPort()}`, `http://127.0.0.1:${await deadPort()}`]);
      return handshake(bench, () => {});
    },
  },
];
