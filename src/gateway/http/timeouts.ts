export interface HttpTimeouts {
  readonly bodyMs: number;
  /** For the head of the answer, and between two pieces of it, from the server as well as to the client. */
  readonly answerMs: number;
}
