/** Passing requests on over HTTP, gRPC and memcached. facts-table.ts says how a row reads. */

export const httpProxyDirectives = {
  http_proxy: `
proxy_bind HSL 1-2 any
proxy_buffer_size HSL 1 size = 4k
proxy_buffering HSL 1 flag = on
proxy_buffers HSL 2 buffers = 8 4k
proxy_busy_buffers_size HSL 1 size = 8k
proxy_cache HSL 1 any = off
proxy_cache_background_update HSL 1 flag since 1.11.10 = off
proxy_cache_bypass HSL 1+ any adds set
proxy_cache_convert_head HSL 1 flag = on
proxy_cache_key HSL 1 any = $scheme$proxy_host$request_uri
proxy_cache_lock HSL 1 flag = off
proxy_cache_lock_age HSL 1 time = 5s
proxy_cache_lock_timeout HSL 1 time = 5s
proxy_cache_max_range_offset HSL 1 offset
proxy_cache_methods HSL 1+ bitmask(GET,HEAD,POST) adds = GET HEAD
proxy_cache_min_uses HSL 1 number = 1
proxy_cache_path H 2+ any adds none
proxy_cache_revalidate HSL 1 flag = off
proxy_cache_use_stale HSL 1+ bitmask(error,timeout,invalid_header,non_idempotent,http_500,http_502,http_503,http_504,http_403,http_404,http_429,updating,off) adds = off
proxy_cache_valid HSL 1+ any adds set
proxy_connect_timeout HSL 1 time = 60s
proxy_cookie_domain HSL 1-2 any adds set = off
proxy_cookie_flags HSL 1-4 any adds set since 1.19.3 = off
proxy_cookie_path HSL 1-2 any adds set = off
proxy_force_ranges HSL 1 flag = off
proxy_headers_hash_bucket_size HSL 1 number = 64
proxy_headers_hash_max_size HSL 1 number = 512
proxy_hide_header HSL 1 any adds set
proxy_http_version HSL 1 enum(1.0,1.1) until 1.29.4 = 1.0
proxy_http_version HSL 1 enum(1.0,1.1,2) since 1.29.4 until 1.29.7 = 1.0
proxy_http_version HSL 1 enum(1.0,1.1,2) since 1.29.7 = 1.1
proxy_ignore_client_abort HSL 1 flag = off
proxy_ignore_headers HSL 1+ bitmask(X-Accel-Redirect,X-Accel-Expires,X-Accel-Limit-Rate,X-Accel-Buffering,X-Accel-Charset,Expires,Cache-Control,Set-Cookie,Vary) adds
proxy_intercept_errors HSL 1 flag = off
proxy_limit_rate HSL 1 size = 0
proxy_max_temp_file_size HSL 1 size = 1024m
proxy_method HSL 1 any
proxy_next_upstream HSL 1+ bitmask(error,timeout,invalid_header,non_idempotent,http_500,http_502,http_503,http_504,http_403,http_404,http_429,updating,off) adds = error timeout
proxy_next_upstream_timeout HSL 1 time = 0
proxy_next_upstream_tries HSL 1 number = 0
proxy_no_cache HSL 1+ any adds set
proxy_pass Llx 1 any none
proxy_pass_header HSL 1 any adds set
proxy_pass_request_body HSL 1 flag = on
proxy_pass_request_headers HSL 1 flag = on
proxy_pass_trailers HSL 1 flag since 1.27.2 = off
proxy_read_timeout HSL 1 time = 60s
proxy_redirect HSL 1-2 any adds set = default
proxy_request_buffering HSL 1 flag = on
proxy_send_lowat HSL 1 size = 0
proxy_send_timeout HSL 1 time = 60s
proxy_set_body HSL 1 any
proxy_set_header HSL 2 any adds set = Host $proxy_host
proxy_socket_keepalive HSL 1 flag since 1.15.6 = off
proxy_socket_rcvbuf HSL 1 size since 1.31.3
proxy_socket_sndbuf HSL 1 size since 1.31.3
proxy_ssl_certificate HSL 1 any
proxy_ssl_certificate_cache HSL 1-3 any since 1.27.4 = off
proxy_ssl_certificate_key HSL 1 any
proxy_ssl_ciphers HSL 1 any = DEFAULT
proxy_ssl_conf_command HSL 2 any adds set since 1.19.4
proxy_ssl_crl HSL 1 any
proxy_ssl_name HSL 1 any = $proxy_host
proxy_ssl_password_file HSL 1 any
proxy_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds until 1.23.4 = TLSv1 TLSv1.1 TLSv1.2
proxy_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.23.4 until 1.27.3 = TLSv1 TLSv1.1 TLSv1.2 TLSv1.3
proxy_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.27.3 = TLSv1.2 TLSv1.3
proxy_ssl_server_name HSL 1 flag = off
proxy_ssl_session_reuse HSL 1 flag = on
proxy_ssl_trusted_certificate HSL 1 any
proxy_ssl_verify HSL 1 flag = off
proxy_ssl_verify_depth HSL 1 number = 1
proxy_store HSL 1 any = off
proxy_store_access HSL 1-3 any = user:rw
proxy_temp_file_write_size HSL 1 size = 8k
proxy_temp_path HSL 1-4 any
`,
  http_grpc: `
grpc_bind HSL 1-2 any since 1.13.10
grpc_buffer_size HSL 1 size since 1.13.10 = 4k
grpc_connect_timeout HSL 1 time since 1.13.10 = 60s
grpc_hide_header HSL 1 any adds set since 1.13.10
grpc_ignore_headers HSL 1+ bitmask(X-Accel-Redirect,X-Accel-Expires,X-Accel-Limit-Rate,X-Accel-Buffering,X-Accel-Charset,Expires,Cache-Control,Set-Cookie,Vary) adds since 1.13.10
grpc_intercept_errors HSL 1 flag since 1.13.10 = off
grpc_next_upstream HSL 1+ bitmask(error,timeout,invalid_header,non_idempotent,http_500,http_502,http_503,http_504,http_403,http_404,http_429,off) adds since 1.13.10 = error timeout
grpc_next_upstream_timeout HSL 1 time since 1.13.10
grpc_next_upstream_tries HSL 1 number since 1.13.10
grpc_pass Ll 1 any none since 1.13.10
grpc_pass_header HSL 1 any adds set since 1.13.10
grpc_read_timeout HSL 1 time since 1.13.10 = 60s
grpc_send_timeout HSL 1 time since 1.13.10 = 60s
grpc_set_header HSL 2 any adds set since 1.13.10
grpc_socket_keepalive HSL 1 flag since 1.15.6 = off
grpc_socket_rcvbuf HSL 1 size since 1.31.3
grpc_socket_sndbuf HSL 1 size since 1.31.3
grpc_ssl_certificate HSL 1 any since 1.13.10
grpc_ssl_certificate_cache HSL 1-3 any since 1.27.4 = off
grpc_ssl_certificate_key HSL 1 any since 1.13.10
grpc_ssl_ciphers HSL 1 any since 1.13.10
grpc_ssl_conf_command HSL 2 any adds set since 1.19.4
grpc_ssl_crl HSL 1 any since 1.13.10
grpc_ssl_name HSL 1 any since 1.13.10
grpc_ssl_password_file HSL 1 any since 1.13.10
grpc_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.13.10 until 1.23.4 = TLSv1 TLSv1.1 TLSv1.2
grpc_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.13.10 since 1.23.4 until 1.27.3 = TLSv1 TLSv1.1 TLSv1.2 TLSv1.3
grpc_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.13.10 since 1.27.3 = TLSv1.2 TLSv1.3
grpc_ssl_server_name HSL 1 flag since 1.13.10 = off
grpc_ssl_session_reuse HSL 1 flag since 1.13.10
grpc_ssl_trusted_certificate HSL 1 any since 1.13.10
grpc_ssl_verify HSL 1 flag since 1.13.10 = off
grpc_ssl_verify_depth HSL 1 number since 1.13.10
`,
  http_memcached: `
memcached_bind HSL 1-2 any
memcached_buffer_size HSL 1 size = 4k
memcached_connect_timeout HSL 1 time = 60s
memcached_gzip_flag HSL 1 number
memcached_next_upstream HSL 1+ bitmask(error,timeout,invalid_response,not_found,off) adds = error timeout
memcached_next_upstream_timeout HSL 1 time
memcached_next_upstream_tries HSL 1 number
memcached_pass Ll 1 any none
memcached_read_timeout HSL 1 time = 60s
memcached_send_timeout HSL 1 time = 60s
memcached_socket_keepalive HSL 1 flag since 1.15.6 = off
`,
  http_tunnel: `
tunnel_bind HSL 1-2 any since 1.31.0
tunnel_buffer_size HSL 1 size since 1.31.0 = 16k
tunnel_connect_timeout HSL 1 time since 1.31.0 = 60s
tunnel_next_upstream HSL 1+ bitmask(error,timeout,denied,off) adds since 1.31.0 = error timeout
tunnel_next_upstream_timeout HSL 1 time since 1.31.0 = 0
tunnel_next_upstream_tries HSL 1 number since 1.31.0 = 0
tunnel_pass SLl 0-1 any none since 1.31.0
tunnel_read_timeout HSL 1 time since 1.31.0 = 60s
tunnel_send_lowat HSL 1 size since 1.31.0 = 0
tunnel_send_timeout HSL 1 time since 1.31.0 = 60s
tunnel_socket_keepalive HSL 1 flag since 1.31.0 = off
tunnel_socket_rcvbuf HSL 1 size since 1.31.3
tunnel_socket_sndbuf HSL 1 size since 1.31.3
`,
} as const;
