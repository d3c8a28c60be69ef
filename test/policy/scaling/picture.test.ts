/** Holds the pictures in docs/ to the policy; `npx vitest run test/policy/scaling -u` draws them anew. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { days } from './days.ts';
import { picture, pictureFile } from './picture.ts';

const docs = path.resolve(import.meta.dirname, '../../../docs');

test.each(days)('the picture of $name is what the policy does', async (day) => {
  await expect(picture(day)).toMatchFileSnapshot(path.join(docs, pictureFile(day)));
});
