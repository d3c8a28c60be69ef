import type { Asked } from '../../gateway/contract.ts';

/**
 * What two workers say to each other about one connection; whoever has both as children passes it on. The giver keeps the connection, frozen,
 * until it has said `parcel-yours`; the taker reads nothing of it before. So whoever dies, at most one of them goes on with it, and one does
 * unless it died with whoever held it.
 */
export type Parcel =
  /** With the handle of the client's socket. `from`: the child that gives. */
  | { readonly kind: 'parcel-client'; readonly key: string; readonly from: string }
  /** With the handle of the server's. `state`: serialized once, for it passes through another process. */
  | { readonly kind: 'parcel-server'; readonly key: string; readonly from: string; readonly state: Uint8Array }
  /** The giver keeps it after all. */
  | { readonly kind: 'parcel-back'; readonly key: string }
  | { readonly kind: 'parcel-yours'; readonly key: string; readonly asked: Asked }
  | ParcelAnswer;

/** From the taker. */
export type ParcelAnswer =
  | { readonly kind: 'parcel-taken'; readonly key: string }
  | { readonly kind: 'parcel-refused'; readonly key: string; readonly problem: string };

/** What a worker is to give away. */
export interface GiveOrder {
  readonly job: string;
  /** The giver, as a child. */
  readonly self: string;
  /** Children that take, and how many each may get. */
  readonly takers: readonly { readonly child: string; readonly quota: number }[];
  /** How many; null for all. */
  readonly count: number | null;
  /** Of the state, which the takers read. */
  readonly version: number;
  /** How long those are tried again that cannot leave at once: a reader that is behind has so long to catch up. */
  readonly waitMs: number;
  /** At most so many a second; null for as fast as it goes. */
  readonly perSecond: number | null;
}
