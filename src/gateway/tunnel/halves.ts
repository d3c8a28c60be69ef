import type { ScanRules } from '../../ws/scanner.ts';
import { MessageDirection } from '../messages/direction.ts';
import type { MessageMode } from '../messages/treatment.ts';
import { Direction } from './direction.ts';
import type { Half, HalfOwner } from './half.ts';
import type { Wire } from './wire.ts';

export interface HalvesOptions {
  readonly owner: HalfOwner;
  readonly client: Wire;
  readonly server: Wire;
  readonly rules: { readonly client: ScanRules; readonly server: ScanRules };
  readonly bufferBytesMax: number;
  /** null for a tunnel, which does not look into messages. */
  readonly messages: MessageMode | null;
}

/** Both halves between a client and its server, ready to be started. */
export function halvesOf(options: HalvesOptions): { readonly fromClient: Half; readonly fromServer: Half } {
  const { owner, client, server, rules, bufferBytesMax, messages } = options;
  const up = { owner, from: 'client', source: client, target: server, rules: rules.client, bufferBytesMax } as const;
  const down = { owner, from: 'server', source: server, target: client, rules: rules.server, bufferBytesMax } as const;
  if (messages === null) {
    const halves = { fromClient: new Direction(up), fromServer: new Direction(down) };
    Direction.pair(halves.fromClient, halves.fromServer);
    return halves;
  }
  const { ask, codec, turns, store } = messages;
  const shared = { ask, turns, store } as const;
  const halves = {
    fromClient: new MessageDirection({ ...up, ...shared, inflater: codec?.inflater ?? null, deflater: null }),
    fromServer: new MessageDirection({ ...down, ...shared, inflater: null, deflater: codec?.deflater ?? null }),
  };
  MessageDirection.pair(halves.fromClient, halves.fromServer);
  return halves;
}
