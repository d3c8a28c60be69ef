/** Keys of `holdline top` as terminals send them: fast typing and pastes put several into one chunk. */
import { expect, test } from 'vitest';
import { topSession } from '../../src/cli/top/session.ts';

function session() {
  const calls: string[] = [];
  const client = {
    call: async (method: string, path: string) => {
      calls.push(`${method} ${path}`);
      return { preview: 'p1', count: 3, closed: 3 };
    },
  } as unknown as Parameters<typeof topSession>[0];
  return { calls, top: topSession(client, '') };
}

test.each([
  ['/', 'user:ann', '\r'],
  ['/user:', 'ann\r'],
  ['/user:ann\r'],
  ['/wrong\u0015user:anx\u007fn\r'],
  ['/user:\u001b[3~\u001bOPann\r'],
])('a filter in the chunks %j', async (...chunks) => {
  const { top } = session();
  for (const chunk of chunks) expect(await top.keys(chunk)).toBe(false);
  expect(top.screen).toMatchObject({ filter: 'user:ann', prompt: null });
});

test('Escape leaves the filter as it was, and q ends', async () => {
  const { top } = session();
  expect(await top.keys('/abc\u001b')).toBe(false);
  expect(top.screen).toMatchObject({ filter: '', prompt: null });
  expect(await top.keys('ssq')).toBe(true);
});

test('a paste does not answer the question whether to close', async () => {
  const { top, calls } = session();
  await top.keys('Ky');
  expect(top.screen.prompt).toBe('close 3 connections that match with 1008? y/n');
  expect(calls).toEqual(['POST /previews']);
  await top.keys('y');
  expect(calls).toEqual(['POST /previews', 'POST /connections/close']);
});
