/** TLS, HTTP/2 and HTTP/3. facts-table.ts says how a row reads. */

export const httpTlsDirectives = {
  http_ssl: `
ssl HS 1 flag until 1.25.1 obsolete 1.15.0 use listen = off
ssl_buffer_size HS 1 size = 16k
ssl_certificate HS 1 any adds set
ssl_certificate_cache HS 1-3 any since 1.27.4 = off
ssl_certificate_compression HS 1 flag since 1.29.1 = off
ssl_certificate_key HS 1 any adds set
ssl_ciphers HS 1 any = HIGH:!aNULL:!MD5
ssl_client_certificate HS 1 any
ssl_conf_command HS 2 any adds set since 1.19.4
ssl_crl HS 1 any
ssl_dhparam HS 1 any
ssl_early_data HS 1 flag since 1.15.3 = off
ssl_ecdh_curve HS 1 any = auto
ssl_ech_file HS 1 any adds since 1.29.4
ssl_ocsp HS 1 enum(off,on,leaf) since 1.19.0 = off
ssl_ocsp_cache HS 1 any since 1.19.0 = off
ssl_ocsp_responder HS 1 any since 1.19.0
ssl_password_file HS 1 any
ssl_prefer_server_ciphers HS 1 flag = off
ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds until 1.23.4 = TLSv1 TLSv1.1 TLSv1.2
ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.23.4 until 1.27.3 = TLSv1 TLSv1.1 TLSv1.2 TLSv1.3
ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.27.3 = TLSv1.2 TLSv1.3
ssl_reject_handshake HS 1 flag since 1.19.4 = off
ssl_session_cache HS 1-2 any = none
ssl_session_ticket_key HS 1 any adds set
ssl_session_tickets HS 1 flag = on
ssl_session_timeout HS 1 time-seconds = 5m
ssl_stapling HS 1 flag = off
ssl_stapling_file HS 1 any
ssl_stapling_responder HS 1 any
ssl_stapling_verify HS 1 flag = off
ssl_trusted_certificate HS 1 any
ssl_verify_client HS 1 enum(off,on,optional,optional_no_ca) = off
ssl_verify_depth HS 1 number = 1
`,
  http_v2: `
http2 HS 1 flag since 1.25.1 = off
http2_body_preread_size HS 1 size = 64k
http2_chunk_size HSL 1 size = 8k
http2_idle_timeout HS 1 any last obsolete 1.19.7 use keepalive_timeout = 3m
http2_max_concurrent_pushes HS 1 number since 1.13.9 obsolete 1.25.1 = 10
http2_max_concurrent_streams HS 1 number = 128
http2_max_field_size HS 1 any last obsolete 1.19.7 use large_client_header_buffers = 4k
http2_max_header_size HS 1 any last obsolete 1.19.7 use large_client_header_buffers = 16k
http2_max_requests HS 1 any last obsolete 1.19.7 use keepalive_requests = 1000
http2_pool_size HS 1 size
http2_push HSL 1 any adds set since 1.13.9 obsolete 1.25.1 = off
http2_push_preload HSL 1 flag since 1.13.9 obsolete 1.25.1 = off
http2_recv_buffer_size H 1 size none = 256k
http2_recv_timeout HS 1 any last obsolete 1.19.7 use client_header_timeout = 30s
http2_streams_index_size HS 1 number
`,
  http_v3: `
http3 HS 1 flag since 1.25.0 = on
http3_hq HS 1 flag since 1.25.0 = off
http3_max_concurrent_streams HS 1 number since 1.25.0 = 128
http3_stream_buffer_size HS 1 size since 1.25.0 = 64k
quic_active_connection_id_limit HS 1 number since 1.25.0 = 2
quic_gso HS 1 flag since 1.25.0 = off
quic_host_key HS 1 any since 1.25.0
quic_retry HS 1 flag since 1.25.0 = off
`,
} as const;
