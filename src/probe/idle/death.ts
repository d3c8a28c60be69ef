export type Death =
  | { readonly how: 'close-frame'; readonly code: number | null; readonly reason: string }
  | { readonly how: 'fin' }
  | { readonly how: 'reset' }
  /** Nothing was said: the connection looked open and took nothing any more. */
  | { readonly how: 'black-hole' };
