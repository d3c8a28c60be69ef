/** Whose event threw is only believed where Node was seen to say it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

test.each([
  ['as it is', null],
  ['without names', 'a fault in the event of a socket is not known to be of that socket'],
  ['that names another', 'a fault in the event of a socket is not known to be of that socket'],
  ['that names one always', 'a fault in a timer is taken for that of a socket'],
])('a Node %s', async (node, problem) => {
  const [found] = await once(fork(new URL('./owners.mjs', import.meta.url), [node]), 'message');
  expect(found).toBe(problem);
});
