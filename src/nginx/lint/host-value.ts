import type { Server } from '../effective/model.ts';

/**
 * What to write behind `proxy_set_header Host` so that the backend gets what the client asked for. A request over
 * HTTP/3 has no Host header, so $http_host is empty there; $host is not, and lacks the port.
 */
export function hostValue({ listens }: Server): '$http_host' | '$host' | '$host:$server_port' {
  if (!listens.some(({ quic }) => quic)) return '$http_host';
  const isUsual = listens.every(({ port }) => port === 80 || port === 443);
  return isUsual ? '$host' : '$host:$server_port';
}
