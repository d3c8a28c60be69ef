/** The bounds of reading, so that no text, however odd, costs more than a known amount of time and memory. */
export interface SyntaxLimits {
  /** A larger file is not read at all. */
  readonly fileBytesMax: number;
  /** Words, comments and blocks over all files; reading stops there, and the rest stays as unread text. */
  readonly nodesMax: number;
  /** Statements after includes were replaced; an include bomb ends here. */
  readonly statementsMax: number;
  /** Files that includes may bring in. */
  readonly filesMax: number;
  /** Includes within includes. */
  readonly includeDepthMax: number;
  /** Blocks within blocks that are looked into; what is deeper stays in the tree and is not examined. */
  readonly nestingMax: number;
  /** Findings that are kept; the last one says that there are more. */
  readonly diagnosticsMax: number;
}

export const syntaxLimits: SyntaxLimits = {
  // A deny list or a map can be tens of megabytes; text beyond this is no configuration that somebody maintains.
  fileBytesMax: 64 * 1024 ** 2,
  // About 17 MB of ordinary configuration, at some 150 bytes of memory each.
  nodesMax: 1_500_000,
  // The largest generated configurations seen have about 100,000.
  statementsMax: 400_000,
  // One file per site, for a very large host.
  filesMax: 10_000,
  // nginx itself ends when it has no file descriptor left; nobody nests by hand beyond five.
  includeDepthMax: 50,
  // http, server, location and a few nested locations make six.
  nestingMax: 200,
  // More than a person reads; the first ones are the ones to mend.
  diagnosticsMax: 1000,
};

/** nginx's buffer for reading a file (NGX_CONF_BUFFER in ngx_conf_file.c): no word or comment may fill it. */
export const wordBytesMax = 4096;
