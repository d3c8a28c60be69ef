/** Passing requests on over FastCGI and SCGI. facts-table.ts says how a row reads. */

export const httpGatewaysDirectives = {
  http_fastcgi: `
fastcgi_bind HSL 1-2 any
fastcgi_buffer_size HSL 1 size = 4k
fastcgi_buffering HSL 1 flag = on
fastcgi_buffers HSL 2 buffers = 8 4k
fastcgi_busy_buffers_size HSL 1 size = 8k
fastcgi_cache HSL 1 any = off
fastcgi_cache_background_update HSL 1 flag since 1.11.10
fastcgi_cache_bypass HSL 1+ any adds set
fastcgi_cache_key HSL 1 any
fastcgi_cache_lock HSL 1 flag
fastcgi_cache_lock_age HSL 1 time
fastcgi_cache_lock_timeout HSL 1 time
fastcgi_cache_max_range_offset HSL 1 offset
fastcgi_cache_methods HSL 1+ bitmask(GET,HEAD,POST) adds
fastcgi_cache_min_uses HSL 1 number
fastcgi_cache_path H 2+ any adds none
fastcgi_cache_revalidate HSL 1 flag
fastcgi_cache_use_stale HSL 1+ bitmask(error,timeout,invalid_header,non_idempotent,http_500,http_503,http_403,http_404,http_429,updating,off) adds
fastcgi_cache_valid HSL 1+ any adds set
fastcgi_catch_stderr HSL 1 any adds set
fastcgi_connect_timeout HSL 1 time = 60s
fastcgi_force_ranges HSL 1 flag
fastcgi_hide_header HSL 1 any adds set
fastcgi_ignore_client_abort HSL 1 flag = off
fastcgi_ignore_headers HSL 1+ bitmask(X-Accel-Redirect,X-Accel-Expires,X-Accel-Limit-Rate,X-Accel-Buffering,X-Accel-Charset,Expires,Cache-Control,Set-Cookie,Vary) adds
fastcgi_index HSL 1 any
fastcgi_intercept_errors HSL 1 flag = off
fastcgi_keep_conn HSL 1 flag = off
fastcgi_limit_rate HSL 1 size
fastcgi_max_temp_file_size HSL 1 size = 1024m
fastcgi_next_upstream HSL 1+ bitmask(error,timeout,invalid_header,non_idempotent,http_500,http_503,http_403,http_404,http_429,updating,off) adds = error timeout
fastcgi_next_upstream_timeout HSL 1 time
fastcgi_next_upstream_tries HSL 1 number
fastcgi_no_cache HSL 1+ any adds set
fastcgi_param HSL 2-3 any adds set
fastcgi_pass Ll 1 any none
fastcgi_pass_header HSL 1 any adds set
fastcgi_pass_request_body HSL 1 flag = on
fastcgi_pass_request_headers HSL 1 flag = on
fastcgi_read_timeout HSL 1 time = 60s
fastcgi_request_buffering HSL 1 flag = on
fastcgi_send_lowat HSL 1 size
fastcgi_send_timeout HSL 1 time = 60s
fastcgi_socket_keepalive HSL 1 flag since 1.15.6 = off
fastcgi_socket_rcvbuf HSL 1 size since 1.31.3
fastcgi_socket_sndbuf HSL 1 size since 1.31.3
fastcgi_split_path_info HSL 1 any last
fastcgi_store HSL 1 any
fastcgi_store_access HSL 1-3 any
fastcgi_temp_file_write_size HSL 1 size
fastcgi_temp_path HSL 1-4 any
`,
  http_scgi: `
scgi_bind HSL 1-2 any
scgi_buffer_size HSL 1 size = 4k
scgi_buffering HSL 1 flag = on
scgi_buffers HSL 2 buffers = 8 4k
scgi_busy_buffers_size HSL 1 size
scgi_cache HSL 1 any = off
scgi_cache_background_update HSL 1 flag since 1.11.10
scgi_cache_bypass HSL 1+ any adds set
scgi_cache_key HSL 1 any
scgi_cache_lock HSL 1 flag
scgi_cache_lock_age HSL 1 time
scgi_cache_lock_timeout HSL 1 time
scgi_cache_max_range_offset HSL 1 offset
scgi_cache_methods HSL 1+ bitmask(GET,HEAD,POST) adds
scgi_cache_min_uses HSL 1 number
scgi_cache_path H 2+ any adds none
scgi_cache_revalidate HSL 1 flag
scgi_cache_use_stale HSL 1+ bitmask(error,timeout,invalid_header,non_idempotent,http_500,http_503,http_403,http_404,http_429,updating,off) adds
scgi_cache_valid HSL 1+ any adds set
scgi_connect_timeout HSL 1 time = 60s
scgi_force_ranges HSL 1 flag
scgi_hide_header HSL 1 any adds set
scgi_ignore_client_abort HSL 1 flag = off
scgi_ignore_headers HSL 1+ bitmask(X-Accel-Redirect,X-Accel-Expires,X-Accel-Limit-Rate,X-Accel-Buffering,X-Accel-Charset,Expires,Cache-Control,Set-Cookie,Vary) adds
scgi_intercept_errors HSL 1 flag = off
scgi_limit_rate HSL 1 size
scgi_max_temp_file_size HSL 1 size
scgi_next_upstream HSL 1+ bitmask(error,timeout,invalid_header,non_idempotent,http_500,http_503,http_403,http_404,http_429,updating,off) adds = error timeout
scgi_next_upstream_timeout HSL 1 time
scgi_next_upstream_tries HSL 1 number
scgi_no_cache HSL 1+ any adds set
scgi_param HSL 2-3 any adds set
scgi_pass Ll 1 any none
scgi_pass_header HSL 1 any adds set
scgi_pass_request_body HSL 1 flag
scgi_pass_request_headers HSL 1 flag
scgi_read_timeout HSL 1 time = 60s
scgi_request_buffering HSL 1 flag = on
scgi_send_timeout HSL 1 time = 60s
scgi_socket_keepalive HSL 1 flag since 1.15.6 = off
scgi_socket_rcvbuf HSL 1 size since 1.31.3
scgi_socket_sndbuf HSL 1 size since 1.31.3
scgi_store HSL 1 any
scgi_store_access HSL 1-3 any
scgi_temp_file_write_size HSL 1 size
scgi_temp_path HSL 1-4 any
`,
} as const;
