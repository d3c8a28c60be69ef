export interface TlsOptions {
  /** True accepts any certificate. */
  readonly insecure?: boolean;
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Default: the URL's host, unless it is an address. */
  readonly servername?: string;
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
}
