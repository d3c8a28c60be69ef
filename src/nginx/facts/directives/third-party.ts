/** Other modules that people add. facts-table.ts says how a row reads. */

export const thirdPartyDirectives = {
  http_acme: `
acme_certificate S 1+ any adds none
acme_issuer H 1{data any adds none
acme_shared_zone H 1 any none
`,
  http_array_var: `
array_join HSLsl 2+ any adds none
array_map HSLsl 2+ any adds none
array_map_op HSLsl 2+ any adds none
array_split HSLsl 2+ any adds none
`,
  http_auth_pam: `
auth_pam HSLx 1 any
auth_pam_service_name HSLx 1 any
auth_pam_set_pam_env HSLx 1 flag
`,
  http_brotli: `
brotli HSLl 1 flag
brotli_buffers HSL 2 buffers
brotli_comp_level HSL 1 number
brotli_min_length HSL 1 number
brotli_static HSL 1 enum(off,on,always)
brotli_types HSL 1+ any adds set
brotli_window HSL 1 size
`,
  http_cache_purge: `
fastcgi_cache_purge HSL 1+ any
proxy_cache_purge HSL 1+ any
scgi_cache_purge HSL 1+ any
uwsgi_cache_purge HSL 1+ any
`,
  http_dav_ext: `
dav_ext_lock HSL 1 any
dav_ext_lock_zone H 1-2 any adds none
dav_ext_methods HSL 1+ bitmask(off,propfind,options,lock,unlock) adds
`,
  http_echo: `
echo Ll 0+ any adds none
echo_abort_parent Ll 0 any adds set
echo_after_body Ll 0+ any adds set
echo_before_body Ll 0+ any adds set
echo_blocking_sleep Ll 1 any adds set
echo_duplicate Ll 2+ any adds set
echo_end Ll 0 any adds set
echo_exec Ll 1-2 any adds set
echo_flush Ll 0 any adds set
echo_foreach_split Ll 2+ any adds set
echo_location Ll 1-2 any adds set
echo_location_async Ll 1-2 any adds set
echo_read_request_body Ll 0 any adds set
echo_request_body Ll 0 any adds set
echo_reset_timer Ll 0 any adds set
echo_sleep Ll 1 any adds set
echo_status Ll 1 number
echo_subrequest Ll 2+ any adds set
echo_subrequest_async Ll 2+ any adds set
`,
  http_encrypted_session: `
encrypted_session_expires HSLl 1 any
encrypted_session_iv HSLl 1 any
encrypted_session_key HSLl 1 any
set_decrypt_session SLsl 1-2 any adds none
set_encrypt_session SLsl 1-2 any adds none
`,
  http_fancyindex: `
fancyindex HSL 1 flag
fancyindex_css_href HSL 1 any
fancyindex_default_sort HSL 1 enum(name,size,date,name_desc,size_desc,date_desc)
fancyindex_directories_first HSL 1 flag
fancyindex_exact_size HSL 1 flag
fancyindex_footer HSL 1-2 any
fancyindex_header HSL 1-2 any
fancyindex_hide_parent_dir HSL 1 flag
fancyindex_hide_symlinks HSL 1 flag
fancyindex_ignore HSL 1+ any adds set
fancyindex_localtime HSL 1 flag
fancyindex_name_length HSL 1 number
fancyindex_show_dotfiles HSL 1 flag
fancyindex_show_path HSL 1 flag
fancyindex_time_format HSL 1 any
`,
  http_geoip2: `
geoip2 H 1{data any adds none
geoip2_proxy H 1 any adds none
geoip2_proxy_recursive H 1 flag none
`,
  http_headers_more_filter: `
more_clear_headers HSLl 1+ any adds set
more_clear_input_headers HSLl 1+ any adds set
more_set_headers HSLl 1+ any adds set
more_set_input_headers HSLl 1+ any adds set
`,
  http_memc: `
memc_buffer_size HSL 1 size
memc_connect_timeout HSL 1 time
memc_pass Ll 1 any none
memc_read_timeout HSL 1 time
memc_send_timeout HSL 1 time
`,
  http_modsecurity: `
modsecurity HSL 1 flag
modsecurity_rules HSL 1 any adds set
modsecurity_rules_file HSL 1 any adds set
modsecurity_rules_remote HSL 2 any adds set
modsecurity_transaction_id HSL 1 any
modsecurity_use_error_log HSL 1 flag
`,
  http_naxsi: `
BasicRule L 1+ any adds none
CheckRule L 2 any adds none
DeniedUrl L 1 any none
LearningMode L 0 any none
MainRule H 1+ any adds none
SecRulesDisabled L 0 any none
SecRulesEnabled L 0 any none
`,
  http_opentracing: `
opentracing HSL 1 flag
opentracing_grpc_propagate_context HSL 0 any
opentracing_load_tracer HS 2 any
opentracing_location_operation_name HSL 1 any
opentracing_operation_name HSL 1 any
opentracing_propagate_context HSL 0 any
opentracing_tag HSL 2 any adds set
opentracing_trace_locations HSL 1 flag
opentracing_trust_incoming_span HSL 1 flag
`,
  http_otel: `
otel_exporter H 0{data any none
otel_resource_attr H 2 any adds none
otel_service_name H 1 any none
otel_span_attr HSL 2 any adds set
otel_span_name HSL 1 any
otel_trace HSL 1 any
otel_trace_context HSL 1 enum(ignore,extract,inject,propagate)
`,
  http_passenger: `
passenger_app_env HSLl 1 any
passenger_app_root SLl 1 any
passenger_app_type SLl 1 any
passenger_base_uri SLl 1 any adds set
passenger_buffer_response HSLl 1 flag
passenger_enabled HSLl 1 flag
passenger_env_var HSLl 2 any adds set
passenger_force_max_concurrent_requests_per_process HSLl 1 any
passenger_friendly_error_pages HSLl 1 flag
passenger_group HSLl 1 any
passenger_max_pool_size H 1 number none
passenger_min_instances HSLl 1 number
passenger_nodejs HSLl 1 any
passenger_python HSLl 1 any
passenger_root H 1 any none
passenger_ruby HSLl 1 any
passenger_set_header HSLl 2 any adds set
passenger_startup_file SLl 1 any
passenger_sticky_sessions HSLl 1 flag
passenger_user HSLl 1 any
`,
  http_redis2: `
redis2_connect_timeout HSL 1 time
redis2_pass Ll 1 any none
redis2_query Ll 1+ any adds none
redis2_raw_query Ll 1 any none
redis2_read_timeout HSL 1 time
redis2_send_timeout HSL 1 time
`,
  http_set_misc: `
set_decode_base32 SLsl 1-2 any adds none
set_decode_base64 SLsl 1-2 any adds none
set_decode_hex SLsl 1-2 any adds none
set_encode_base32 SLsl 1-2 any adds none
set_encode_base64 SLsl 1-2 any adds none
set_encode_hex SLsl 1-2 any adds none
set_escape_uri SLsl 1-2 any adds none
set_hashed_upstream SLsl 3 any adds none
set_hmac_sha1 SLsl 3 any adds none
set_hmac_sha256 SLsl 3 any adds none
set_if_empty SLsl 2 any adds none
set_local_today SLsl 1 any adds none
set_md5 SLsl 1-2 any adds none
set_quote_json_str SLsl 1-2 any adds none
set_quote_sql_str SLsl 1-2 any adds none
set_random SLsl 3 any adds none
set_rotate SLsl 3 any adds none
set_secure_random_alphanum SLsl 2 any adds none
set_secure_random_lcalpha SLsl 2 any adds none
set_sha1 SLsl 1-2 any adds none
set_unescape_uri SLsl 1-2 any adds none
`,
  http_srcache: `
srcache_fetch HSL 2-3 any
srcache_fetch_skip HSL 1 any
srcache_store HSL 2-3 any
srcache_store_skip HSL 1 any
srcache_store_statuses HSL 1+ any
`,
  http_subs_filter: `
subs_buffers HSL 2 buffers
subs_filter HSL 2+ any adds set
subs_filter_bypass HSL 1+ any adds set
subs_filter_types HSL 1+ any adds set
subs_line_buffer_size HSL 2 size
`,
  http_testcookie: `
testcookie HSLl 1 enum(off,on,var)
testcookie_name HSL 1 any
testcookie_secret HSL 1 any
testcookie_session HSL 1 any
`,
  http_upload: `
upload_cleanup HSL 1+ any
upload_limit_rate HSL 1 size
upload_pass SLl 1 any none
upload_pass_form_field SLl 1 any adds set
upload_resumable HSL 1 flag
upload_set_form_field SLl 2 any adds set
upload_store HSL 1-4 any
`,
  http_uploadprogress: `
report_uploads HSL 1 any
track_uploads HSL 2 any
upload_progress H 2 any adds none
upload_progress_content_type HSL 1 any
upload_progress_header HSL 1 any
upload_progress_java_output HSL 0 any
upload_progress_json_output HSL 0 any
upload_progress_jsonp_output HSL 0 any
upload_progress_jsonp_parameter HSL 1 any
upload_progress_template HSL 2 any adds set
`,
  http_upstream_check: `
check U 1+ any none
check_fastcgi_param U 2 any adds none
check_http_expect_alive U 1+ any none
check_http_send U 1 any none
check_keepalive_requests U 1 number none
check_shm_size H 1 size none
check_status L 0-1 any none
`,
  http_upstream_fair: `
fair U 0+ any last none
upstream_fair_shm_size H 1 any none
`,
  http_vhost_traffic_status: `
vhost_traffic_status HSL 1 flag
vhost_traffic_status_bypass_limit HSL 1 flag
vhost_traffic_status_bypass_stats HSL 1 flag
vhost_traffic_status_display HSL 0-1 any
vhost_traffic_status_display_format HSL 1 any
vhost_traffic_status_display_jsonp HSL 1 any
vhost_traffic_status_display_sum_key HSL 1 any
vhost_traffic_status_dump H 1-2 any none
vhost_traffic_status_filter HSL 1 flag
vhost_traffic_status_filter_by_host HSL 1 flag
vhost_traffic_status_filter_by_set_key HSL 1-2 any adds set
vhost_traffic_status_filter_max_node H 1+ any none
vhost_traffic_status_histogram_buckets H 1+ any none
vhost_traffic_status_limit HSL 1 flag
vhost_traffic_status_limit_traffic HSL 1-2 any adds set
vhost_traffic_status_zone H 0-1 any none
`,
  http_zstd: `
zstd HSLl 1 flag
zstd_buffers HSL 2 buffers
zstd_comp_level HSL 1 number
zstd_dict_file H 1 any none
zstd_min_length HSL 1 number
zstd_static HSL 1 enum(off,on,always)
zstd_types HSL 1+ any adds set
`,
  rtmp: `
rtmp M 0{data any none
`,
  stream_geoip2: `
geoip2 H 1{data any adds none
`,
  ndk_http: `
upstream_list HS 2+ any adds set
`,
} as const;
