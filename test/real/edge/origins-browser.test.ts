/** Pages of two origins in a real browser, and a route that admits one of them. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { route } from '../../control/plans.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestEdge, type TestEdge } from './edge.ts';

let browser: TestBrowser;
const pages: { server: http.Server; origin: string }[] = [];
let edge: TestEdge;

beforeAll(async () => {
  browser = await startBrowser();
  for (let i = 0; i < 2; i++) {
    const server = http.createServer((_request, response) =>
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>a page</title>'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    pages.push({ server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  }
});

afterAll(async () => {
  await browser?.close();
  await edge?.close();
  for (const { server } of pages) {
    server.closeAllConnections();
    server.close();
  }
});

test('a page of the listed origin connects, one of another does not; report mode lets it in and counts it', async () => {
  const [listed, other] = pages.map((page) => page.origin) as [string, string];
  const withMode = (mode: 'enforce' | 'report') => [route({ origins: { allow: [listed], mode, missing: 'allow' } })];
  edge = await startTestEdge({ routes: withMode('enforce') });
  expect(await opens(listed)).toBe('open');
  expect(await opens(other)).toBe('closed with 1006');

  edge.supervisor.apply({ ...edge.plan, routes: withMode('report') });
  expect(await opens(other)).toBe('open');
  const seen = await edge.supervisor.originsSeen();
  expect(seen.all?.[other]).toMatchObject({ refused: 2, handshakes: 2 });
  expect(seen.all?.[listed]).toMatchObject({ refused: 0, handshakes: 1 });
});

/** What a page of this origin sees when it opens a WebSocket to the edge. */
async function opens(origin: string): Promise<string> {
  const { page } = await browser.page();
  await page.goto(origin);
  const result = await page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url);
        socket.onopen = () => resolve('open');
        socket.onclose = (event) => resolve(`closed with ${event.code}`);
      }),
    edge.url,
  );
  await page.close();
  return result;
}
