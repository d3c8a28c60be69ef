/** The stream modules: TCP and UDP. facts-table.ts says how a row reads. */

export const streamDirectives = {
  stream_geoip: `
geoip_city H 1-2 any none
geoip_country H 1-2 any none
geoip_org H 1-2 any none
`,
  stream_access: `
allow HS 1 any adds set
deny HS 1 any adds set
`,
  stream_core: `
error_log HS 1+ any adds set
listen S 1+ any adds none
preread_buffer_size HS 1 size since 1.11.5 = 16k
preread_timeout HS 1 time since 1.11.5 = 30s
proxy_protocol_timeout HS 1 time since 1.11.4 = 30s
resolver HS 1+ any since 1.11.3
resolver_timeout HS 1 time since 1.11.3 = 30s
server H 0{ any adds none
server_name S 1+ any adds none since 1.25.5
server_names_hash_bucket_size H 1 number none since 1.25.5
server_names_hash_max_size H 1 number none since 1.25.5 = 512
tcp_nodelay HS 1 flag = on
variables_hash_bucket_size H 1 number none = 64
variables_hash_max_size H 1 number none = 1024
`,
  stream_geo: `
geo H 1-2{data any adds none since 1.11.3
`,
  stream_limit_conn: `
limit_conn HS 2 any adds set
limit_conn_dry_run HS 1 flag since 1.17.6 = off
limit_conn_log_level HS 1 enum(info,notice,warn,error) = error
limit_conn_zone H 2 any adds none
`,
  stream_log: `
access_log HS 1+ any adds set since 1.11.4 = off
log_format H 2+ any adds none since 1.11.4
open_log_file_cache HS 1-4 any since 1.11.4 = off
`,
  stream_map: `
map H 2{data any adds none since 1.11.2
map_hash_bucket_size H 1 number none = 64
map_hash_max_size H 1 number none = 2048
`,
  stream: `
stream M 0{ any none
`,
  stream_proxy: `
proxy_bind HS 1-2 any
proxy_buffer_size HS 1 size = 16k
proxy_connect_timeout HS 1 time = 60s
proxy_download_rate HS 1 any = 0
proxy_downstream_buffer HS 1 size obsolete 1.9.20 use proxy_buffer_size
proxy_half_close HS 1 flag since 1.21.4 = off
proxy_next_upstream HS 1 flag = on
proxy_next_upstream_timeout HS 1 time = 0
proxy_next_upstream_tries HS 1 number = 0
proxy_pass S 1 any none
proxy_protocol HS 1 flag until 1.31.4 = off
proxy_protocol HS 1 enum(on,off,v2) since 1.31.4 = off
proxy_requests HS 1 number since 1.15.7
proxy_responses HS 1 number
proxy_socket_keepalive HS 1 flag since 1.15.6 = off
proxy_socket_rcvbuf HS 1 size since 1.31.3
proxy_socket_sndbuf HS 1 size since 1.31.3
proxy_ssl_alpn HS 1+ any since 1.31.0
proxy_ssl HS 1 flag = off
proxy_ssl_certificate HS 1 any
proxy_ssl_certificate_cache HS 1-3 any since 1.27.4 = off
proxy_ssl_certificate_key HS 1 any
proxy_ssl_ciphers HS 1 any = DEFAULT
proxy_ssl_conf_command HS 2 any adds set since 1.19.4
proxy_ssl_crl HS 1 any
proxy_ssl_name HS 1 any = $proxy_host
proxy_ssl_password_file HS 1 any
proxy_ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds until 1.23.4 = TLSv1 TLSv1.1 TLSv1.2
proxy_ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.23.4 until 1.27.3 = TLSv1 TLSv1.1 TLSv1.2 TLSv1.3
proxy_ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.27.3 = TLSv1.2 TLSv1.3
proxy_ssl_server_name HS 1 flag = off
proxy_ssl_session_reuse HS 1 flag = on
proxy_ssl_trusted_certificate HS 1 any
proxy_ssl_verify HS 1 flag = off
proxy_ssl_verify_depth HS 1 number = 1
proxy_timeout HS 1 time = 10m
proxy_upload_rate HS 1 any = 0
proxy_upstream_buffer HS 1 size obsolete 1.9.20 use proxy_buffer_size
`,
  stream_realip: `
set_real_ip_from HS 1 any adds set since 1.11.4
`,
  stream_return: `
return S 1 any adds none since 1.11.2
`,
  stream_set: `
set S 2 any adds none since 1.19.3
`,
  stream_split_clients: `
split_clients H 2{data any adds none since 1.11.3
`,
  stream_ssl: `
ssl_alpn HS 1+ any since 1.21.4
ssl_certificate HS 1 any adds set
ssl_certificate_cache HS 1-3 any since 1.27.4 = off
ssl_certificate_compression HS 1 flag since 1.29.1 = off
ssl_certificate_key HS 1 any adds set
ssl_ciphers HS 1 any = HIGH:!aNULL:!MD5
ssl_client_certificate HS 1 any since 1.11.8
ssl_conf_command HS 2 any adds set since 1.19.4
ssl_crl HS 1 any since 1.11.8
ssl_dhparam HS 1 any
ssl_ecdh_curve HS 1 any = auto
ssl_ech_file HS 1 any adds since 1.29.4
ssl_handshake_timeout HS 1 time = 60s
ssl_ocsp HS 1 enum(off,on,leaf) since 1.27.2 = off
ssl_ocsp_cache HS 1 any since 1.27.2 = off
ssl_ocsp_responder HS 1 any since 1.27.2
ssl_password_file HS 1 any
ssl_prefer_server_ciphers HS 1 flag = off
ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds until 1.23.4 = TLSv1 TLSv1.1 TLSv1.2
ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.23.4 until 1.27.3 = TLSv1 TLSv1.1 TLSv1.2 TLSv1.3
ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.27.3 = TLSv1.2 TLSv1.3
ssl_reject_handshake HS 1 flag since 1.25.5 = off
ssl_session_cache HS 1-2 any = none
ssl_session_ticket_key HS 1 any adds set
ssl_session_tickets HS 1 flag = on
ssl_session_timeout HS 1 time-seconds = 5m
ssl_stapling HS 1 flag since 1.27.2 = off
ssl_stapling_file HS 1 any since 1.27.2
ssl_stapling_responder HS 1 any since 1.27.2
ssl_stapling_verify HS 1 flag since 1.27.2 = off
ssl_trusted_certificate HS 1 any since 1.11.8
ssl_verify_client HS 1 enum(off,on,optional,optional_no_ca) since 1.11.8 = off
ssl_verify_depth HS 1 number since 1.11.8 = 1
`,
  stream_ssl_preread: `
ssl_preread HS 1 flag since 1.11.5 = off
`,
  stream_upstream_hash: `
hash U 1-2 any last none
`,
  stream_upstream_least_conn: `
least_conn U 0 any last none
`,
  stream_upstream_least_time: `
least_time U 1-2 any last none since 1.31.0
`,
  stream_upstream: `
resolver U 1+ any none since 1.27.3
resolver_timeout U 1 time none since 1.27.3 = 30s
server U 1+ any adds none
upstream H 1{ any adds none
`,
  stream_upstream_random: `
random U 0-2 any last none since 1.15.1
`,
  stream_upstream_zone: `
zone U 1-2 any last none
`,
  stream_pass: `
pass S 1 any none since 1.25.5
`,
} as const;
