/** Passing requests on over uwsgi. facts-table.ts says how a row reads. */

export const httpUwsgiDirectives = {
  http_uwsgi: `
uwsgi_bind HSL 1-2 any
uwsgi_buffer_size HSL 1 size = 4k
uwsgi_buffering HSL 1 flag = on
uwsgi_buffers HSL 2 buffers = 8 4k
uwsgi_busy_buffers_size HSL 1 size
uwsgi_cache HSL 1 any = off
uwsgi_cache_background_update HSL 1 flag since 1.11.10
uwsgi_cache_bypass HSL 1+ any adds set
uwsgi_cache_key HSL 1 any
uwsgi_cache_lock HSL 1 flag
uwsgi_cache_lock_age HSL 1 time
uwsgi_cache_lock_timeout HSL 1 time
uwsgi_cache_max_range_offset HSL 1 offset
uwsgi_cache_methods HSL 1+ bitmask(GET,HEAD,POST) adds
uwsgi_cache_min_uses HSL 1 number
uwsgi_cache_path H 2+ any adds none
uwsgi_cache_revalidate HSL 1 flag
uwsgi_cache_use_stale HSL 1+ bitmask(error,timeout,invalid_header,non_idempotent,http_500,http_503,http_403,http_404,http_429,updating,off) adds
uwsgi_cache_valid HSL 1+ any adds set
uwsgi_connect_timeout HSL 1 time = 60s
uwsgi_force_ranges HSL 1 flag
uwsgi_hide_header HSL 1 any adds set
uwsgi_ignore_client_abort HSL 1 flag = off
uwsgi_ignore_headers HSL 1+ bitmask(X-Accel-Redirect,X-Accel-Expires,X-Accel-Limit-Rate,X-Accel-Buffering,X-Accel-Charset,Expires,Cache-Control,Set-Cookie,Vary) adds
uwsgi_intercept_errors HSL 1 flag = off
uwsgi_limit_rate HSL 1 size
uwsgi_max_temp_file_size HSL 1 size
uwsgi_modifier1 HSL 1 number = 0
uwsgi_modifier2 HSL 1 number = 0
uwsgi_next_upstream HSL 1+ bitmask(error,timeout,invalid_header,non_idempotent,http_500,http_503,http_403,http_404,http_429,updating,off) adds = error timeout
uwsgi_next_upstream_timeout HSL 1 time
uwsgi_next_upstream_tries HSL 1 number
uwsgi_no_cache HSL 1+ any adds set
uwsgi_param HSL 2-3 any adds set
uwsgi_pass Ll 1 any none
uwsgi_pass_header HSL 1 any adds set
uwsgi_pass_request_body HSL 1 flag
uwsgi_pass_request_headers HSL 1 flag
uwsgi_read_timeout HSL 1 time = 60s
uwsgi_request_buffering HSL 1 flag = on
uwsgi_send_timeout HSL 1 time = 60s
uwsgi_socket_keepalive HSL 1 flag since 1.15.6 = off
uwsgi_socket_rcvbuf HSL 1 size since 1.31.3
uwsgi_socket_sndbuf HSL 1 size since 1.31.3
uwsgi_ssl_certificate HSL 1 any
uwsgi_ssl_certificate_cache HSL 1-3 any since 1.27.4 = off
uwsgi_ssl_certificate_key HSL 1 any
uwsgi_ssl_ciphers HSL 1 any
uwsgi_ssl_conf_command HSL 2 any adds set since 1.19.4
uwsgi_ssl_crl HSL 1 any
uwsgi_ssl_name HSL 1 any
uwsgi_ssl_password_file HSL 1 any
uwsgi_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds until 1.23.4 = TLSv1 TLSv1.1 TLSv1.2
uwsgi_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.23.4 until 1.27.3 = TLSv1 TLSv1.1 TLSv1.2 TLSv1.3
uwsgi_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.27.3 = TLSv1.2 TLSv1.3
uwsgi_ssl_server_name HSL 1 flag
uwsgi_ssl_session_reuse HSL 1 flag
uwsgi_ssl_trusted_certificate HSL 1 any
uwsgi_ssl_verify HSL 1 flag
uwsgi_ssl_verify_depth HSL 1 number
uwsgi_store HSL 1 any
uwsgi_store_access HSL 1-3 any
uwsgi_string HSL 1 any
uwsgi_temp_file_write_size HSL 1 size
uwsgi_temp_path HSL 1-4 any
`,
} as const;
