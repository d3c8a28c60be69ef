export interface KnownRoute {
  readonly path: string;
  readonly heartbeatMs?: number;
}
