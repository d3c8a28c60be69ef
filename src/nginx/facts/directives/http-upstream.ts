/** Groups of servers. facts-table.ts says how a row reads. */

export const httpUpstreamDirectives = {
  http_upstream: `
resolver U 1+ any none since 1.27.3
resolver_timeout U 1 time none since 1.27.3 = 30s
server U 1+ any adds none
upstream H 1{ any adds none
`,
  http_upstream_hash: `
hash U 1-2 any last none
`,
  http_upstream_ip_hash: `
ip_hash U 0 any last none
`,
  http_upstream_keepalive: `
keepalive U 1 any none until 1.29.7
keepalive U 1-2 any none since 1.29.7 = 32 local
keepalive_requests U 1 number none since 1.15.3 = 1000
keepalive_time U 1 time none since 1.19.10 = 1h
keepalive_timeout U 1 time none since 1.15.3 = 60s
`,
  http_upstream_least_conn: `
least_conn U 0 any last none
`,
  http_upstream_least_time: `
least_time U 1-2 any last none since 1.31.0
`,
  http_upstream_random: `
random U 0-2 any last none since 1.15.1
`,
  http_upstream_sticky: `
sticky U 2+ any none since 1.29.6
`,
  http_upstream_zone: `
zone U 1-2 any last none
`,
} as const;
