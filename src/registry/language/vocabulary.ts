/** Names that are there now, for "did you mean" and for completion. Nothing in it is needed to read a filter. */
export interface Vocabulary {
  readonly route?: readonly string[];
  readonly upstream?: readonly string[];
  readonly server?: readonly string[];
  /** Names of tags. */
  readonly tags?: readonly string[];
}
