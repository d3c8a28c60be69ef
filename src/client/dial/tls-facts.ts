export interface TlsFacts {
  /** `TLSv1.3`; null when none was agreed. */
  readonly version: string | null;
  readonly cipher: string | null;
  readonly alpn: string | null;
  /** Null when the certificate is trusted and fits the name; otherwise OpenSSL's code. */
  readonly distrust: string | null;
  readonly certificate: CertificateFacts | null;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** `DNS:example.com, IP Address:127.0.0.1`; empty when there are none. */
  readonly names: string;
  readonly validFrom: string;
  readonly validTo: string;
  /** Certificates that the server sent, its own included. */
  readonly chainLength: number;
}
