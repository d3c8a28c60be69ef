import { withoutUpgrade } from '../walk/tries.ts';
import { answerTo, type Check, fail, pass, skip, warn } from './check.ts';

const plain = { tweaks: { headers: withoutUpgrade } };

export const httpChecks: readonly Check[] = [
  {
    id: 'http-plain-get',
    group: 'http',
    title: 'A plain GET on the same path',
    why: 'Browsers, crawlers and health checks come without Upgrade; they should get a quick and sensible answer.',
    run: async (context) => {
      const answer = await answerTo(context, plain);
      if (answer.upgraded)
        return fail('a GET that asks for no upgrade gets 101', 'upgrade only what asks for it (RFC 6455, 4.2.1)');
      if (answer.status === 0)
        return fail(`no answer: ${answer.said}`, 'answer 426 with Upgrade: websocket, or serve a page');
      if (answer.status >= 500)
        return warn(
          `${answer.said}: the server fails on a request without Upgrade`,
          'answer 426 with Upgrade: websocket',
        );
      if (answer.status === 400 && /Sec-WebSocket-(?:Key|Version)/i.test(answer.body))
        return warn(
          '400, because the server saw an Upgrade that was not sent: the proxy adds it to every request',
          'nginx: proxy_set_header Upgrade $http_upgrade; and not the word websocket',
          [`the body says: ${answer.body.slice(0, 200)}`],
        );
      return pass(`${answer.said}${answer.status === 426 ? ' Upgrade Required' : ''}`);
    },
  },
  {
    id: 'http-beside',
    group: 'http',
    title: 'HTTP on the same host',
    why: 'The page and the socket usually share a host; settings for one must not break the other.',
    run: async (context) => {
      if (new URL(context.url.replace(/^ws/, 'http')).pathname === '/') return skip('the endpoint itself is on /');
      const answer = await answerTo(context, plain, '/');
      if (answer.status === 0) return warn(`GET / gets no answer: ${answer.said}`, 'serve a page, or a 404');
      if (answer.status >= 500) return warn(`GET /: ${answer.said}`, 'look at what serves / behind the same proxy');
      return pass(`GET /: ${answer.said}`);
    },
  },
];
