/** Why a connection stays with its worker when the others are handed to another one. */
export const stayCauses = {
  tls: 'TLS: the keys of a session cannot be handed over',
  sockets: 'its sockets are of a kind that cannot be handed over',
  behind: 'its reader is behind, and what waits for it has to leave first',
  hook: 'a message hook is looking at its messages',
  moving: 'its server is being exchanged, or a message of it is too long to be carried whole',
  closing: 'it is closing',
  state: 'the other worker cannot read what this one knows of it',
  declined: 'the other worker could not take it',
} as const satisfies Record<string, string>;

export type StayCause = keyof typeof stayCauses;

/** How many stay, by cause. */
export type StayCounts = Record<string, number>;
