import type { CatalogueEntry } from './entry.ts';

/** What can go wrong between the URL and the first byte of HTTP. */
export const probeRouteCodes = {
  'probe-url': {
    severity: 'error',
    means: 'the URL cannot be dialled',
    remedy: 'write ws://host/path or wss://host/path',
  },
  'probe-name-unknown': {
    severity: 'error',
    means: 'DNS has no address for the name',
    remedy: 'check the spelling and the DNS record; --resolve HOST:PORT:ADDRESS tries an address without DNS',
  },
  'probe-resolver-failed': {
    severity: 'error',
    means: 'the resolver of this machine did not answer',
    remedy: 'check /etc/resolv.conf and the network; --resolve HOST:PORT:ADDRESS goes around DNS',
  },
  'probe-refused': {
    severity: 'error',
    means: 'the host is there, but nothing listens on the port',
    remedy: 'start the server, or correct the port; on the host, ss -ltnp shows what listens where',
  },
  'probe-unreachable': {
    severity: 'error',
    means: 'the network has no route to the address',
    remedy: 'check the address and its route, and whether a VPN is needed',
  },
  'probe-tcp-timeout': {
    severity: 'error',
    means: 'nobody answered the connection attempt: a firewall drops it, or the host is down',
    remedy: 'open the port in the firewall or security group, or correct the address',
  },
  'probe-tcp-failed': {
    severity: 'error',
    means: 'the connection could not be made',
    remedy: 'look up the system’s code that the message names',
  },
  'probe-socket-path': {
    severity: 'error',
    means: 'the unix socket cannot be opened',
    remedy: 'check the path, that the server runs, and that this user may write to the socket',
  },
  'probe-stopped': {
    severity: 'info',
    means: 'the probe was stopped before this step was over',
    remedy: 'let it run to its end, or give it less time with --timeout',
  },
  'probe-proxy-failed': {
    severity: 'error',
    means: 'the HTTP proxy on the way did not open a tunnel',
    remedy: 'allow CONNECT to the host and port in the proxy, or give its user and password in --proxy',
  },
  'probe-certificate-expired': {
    severity: 'error',
    means: 'the server’s certificate has expired',
    remedy: 'renew the certificate and reload the server that presents it; automate the renewal',
  },
  'probe-certificate-not-yet-valid': {
    severity: 'error',
    means: 'the server’s certificate is not valid yet',
    remedy: 'check the clocks of this machine and of the machine that issued the certificate',
  },
  'probe-certificate-self-signed': {
    severity: 'error',
    means: 'the certificate, or the root of its chain, is self-signed and not known here',
    remedy: 'use a certificate of a public authority, or give the root with --ca FILE',
  },
  'probe-certificate-chain': {
    severity: 'error',
    means: 'the server does not send the intermediate certificate, so that clients cannot build the chain',
    remedy: 'configure the full chain (fullchain.pem) and not the leaf certificate alone',
  },
  'probe-certificate-name': {
    severity: 'error',
    means: 'the certificate is for a different name than the one that was dialled',
    remedy: 'use a name that the certificate lists, or have the name added to it; check which server block answers',
  },
  'probe-certificate-untrusted': {
    severity: 'error',
    means: 'the certificate is not trusted',
    remedy: 'look up OpenSSL’s code that the message names; --insecure goes on without trust',
  },
  'probe-tls-not-spoken': {
    severity: 'error',
    means: 'the port answers, but it does not speak TLS',
    remedy: 'dial ws:// or the TLS port; on the server, make the port a TLS port',
  },
  'probe-tls-client-certificate': {
    severity: 'error',
    means: 'the server wants a client certificate',
    remedy: 'give one with --cert FILE and --key FILE',
  },
  'probe-tls-version': {
    severity: 'error',
    means: 'client and server have no TLS version or cipher in common',
    remedy: 'let the server speak TLS 1.2 and 1.3',
  },
  'probe-tls-name': {
    severity: 'error',
    means: 'the server refused the TLS handshake for this name: it has no certificate for it',
    remedy: 'add the name to the server’s configuration, or dial a name that it knows',
  },
  'probe-tls-closed': {
    severity: 'error',
    means: 'the connection was ended during the TLS handshake',
    remedy: 'check that the port is a TLS port, and that no firewall on the way cuts it',
  },
  'probe-tls-timeout': {
    severity: 'error',
    means: 'the port accepted the connection but did not answer the TLS handshake',
    remedy: 'check that the port is a TLS port, and that the server is not overloaded',
  },
  'probe-tls-failed': {
    severity: 'error',
    means: 'the TLS handshake failed',
    remedy: 'look up OpenSSL’s code that the message names',
  },
} as const satisfies Record<string, CatalogueEntry>;
