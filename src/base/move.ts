/** Why a connection gets another server: in events, metrics, and in the header that tells the new server. */
export const moveReasons = ['server-lost', 'drain', 'rebalance'] as const;
export type MoveReason = (typeof moveReasons)[number];

/** Those that somebody has planned, whose server is still there. */
export type PlannedMove = Exclude<MoveReason, 'server-lost'>;

/** How a move came out, for the counters: by what was moved, or that it could not be. */
export type MoveOutcome = MoveReason | 'failed';
