import { setTimeout as later } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ChildRelay } from '../../../src/control/succession/relay.ts';

// What is said on waits in this process's memory until the supervisor has read it.
test('a server that writes without end is read from only as fast as the supervisor takes it', async () => {
  const relay = new ChildRelay();
  const told: { readonly text: string; readonly sent: () => void }[] = [];
  const waiting: (() => void)[] = [];
  const heard = async (count: number) => {
    while (told.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const supervisor = {
    started: new Set<string>(),
    tell(message: { readonly kind: string; readonly text?: string | null }, _handle?: undefined, sent = () => {}) {
      if (message.kind === 'text' && message.text) told.push({ text: message.text, sent });
      for (const wake of waiting.splice(0)) wake();
    },
  };
  const spec = { kind: 'server', command: 'exec yes', directory: '.', env: process.env } as const;
  relay.obey(supervisor, { kind: 'start', child: 'yes', spec });
  await heard(1);
  // Long enough for hundreds of pieces, were they read.
  await later(200);
  expect(told).toHaveLength(1);
  told[0]!.sent();
  await heard(2);
  // The supervisor is gone, and has not said that it has taken the second: the next one hears the rest.
  relay.giveTo(supervisor);
  await heard(3);
  const child = relay.children.running.get('yes')!;
  child.kill('SIGKILL');
  await child.exited;
  relay.children.close();
});
