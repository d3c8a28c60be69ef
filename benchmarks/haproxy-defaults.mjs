/** For both benchmarks that run HAProxy: time-outs that no connection of theirs meets. */
export const haproxyDefaults = `defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h`;
