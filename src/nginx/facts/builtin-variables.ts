import type { NginxVersion } from '../../base/nginx-version.ts';

/** Variables that nginx and well-known modules have of themselves, without `$`. */

export const builtinVariables: ReadonlySet<string> = new Set(
  `ancient_browser modern_browser msie args binary_remote_addr body_bytes_sent bytes_sent apache_bytes_sent connection
connection_requests connection_time connections_active connections_reading connections_waiting connections_writing
content_length content_type date_gmt date_local document_root document_uri fastcgi_path_info fastcgi_script_name
geoip_area_code geoip_asnum geoip_city geoip_city_continent_code geoip_city_country_code geoip_city_country_code3
geoip_city_country_name geoip_country_code geoip_country_code3 geoip_country_name geoip_dma_code geoip_latitude
geoip_longitude geoip_org geoip_postal_code geoip_region geoip_region_name gzip_ratio host hostname http2 http3 https
invalid_referer is_args is_request_port limit_conn_status limit_rate limit_req_status memcached_key msec nginx_version
pid pipe proxy_add_x_forwarded_for proxy_host proxy_internal_body_length proxy_internal_chunked proxy_port
proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr proxy_protocol_server_port query_string
realip_remote_addr realip_remote_port realpath_root remote_addr remote_port remote_user request request_body
request_body_file request_completion request_filename request_id request_length request_method request_port request_time
request_uri scheme secure_link secure_link_expires server_addr server_name server_port server_protocol slice_range
ssl_alpn_protocol ssl_cipher ssl_ciphers ssl_client_cert ssl_client_escaped_cert ssl_client_fingerprint ssl_client_i_dn
ssl_client_i_dn_legacy ssl_client_raw_cert ssl_client_s_dn ssl_client_s_dn_legacy ssl_client_serial ssl_client_sigalg
ssl_client_v_end ssl_client_v_remain ssl_client_v_start ssl_client_verify ssl_curve ssl_curves ssl_early_data
ssl_ech_outer_server_name ssl_ech_status ssl_preread_alpn_protocols ssl_preread_protocol ssl_preread_server_name
ssl_protocol ssl_server_name ssl_session_id ssl_session_reused ssl_sigalg status protocol session_time tcpinfo_rcv_space
tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd time_iso8601 time_local uid_got uid_reset uid_set upstream_addr
upstream_bytes_received upstream_bytes_sent upstream_cache_age upstream_cache_last_modified upstream_cache_status
upstream_connect_time upstream_first_byte_time upstream_header_time upstream_last_addr upstream_last_server_name
upstream_queue_time upstream_response_length upstream_response_time upstream_session_time upstream_status uri
bytes_received request_port ssl_sigalgs upstream_cache_etag brotli_ratio zstd_ratio upload_file_name upload_field_name upload_content_type upload_tmp_path acme_certificate
acme_certificate_key cache_purge_key fancyindex`.split(/\s+/),
);

/** The version that a variable came with, where that is younger than 1.18: before it nginx refuses to start. */
export const variablesSince: Readonly<Record<string, NginxVersion>> = {
  connection_time: [1, 19, 10],
  ssl_alpn_protocol: [1, 21, 4],
  ssl_curve: [1, 21, 5],
  http3: [1, 25, 0],
  request_port: [1, 29, 3],
  is_request_port: [1, 29, 3],
  ssl_sigalg: [1, 29, 3],
  ssl_client_sigalg: [1, 29, 3],
  ssl_ech_status: [1, 29, 4],
  ssl_ech_outer_server_name: [1, 29, 4],
  ssl_sigalgs: [1, 31, 2],
};

/** The same for families. */
export const prefixesSince: Readonly<Record<string, NginxVersion>> = {
  proxy_protocol_tlv_: [1, 23, 2],
};

/** Families of variables, by the beginning of their names. */
export const builtinPrefixes: readonly string[] = [
  'arg_',
  'cookie_',
  'http_',
  'sent_http_',
  'sent_trailer_',
  'trailer_',
  'upstream_http_',
  'upstream_cookie_',
  'upstream_trailer_',
  'proxy_protocol_tlv_',
  'jwt_',
  'oidc_',
  'otel_',
  'opentracing_',
  'nchan_',
  'echo_',
  'vts_',
  'uploadprogress_',
  'memc_',
  'passenger_',
  'modsecurity_',
];
