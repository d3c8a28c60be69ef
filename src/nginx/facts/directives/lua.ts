/** lua-nginx-module and stream-lua-nginx-module. facts-table.ts says how a row reads. */

export const luaDirectives = {
  http_lua: `
access_by_lua HSLl 1 any
access_by_lua_block HSLl 0{ any none
access_by_lua_file HSLl 1 any
access_by_lua_no_postpone H 1 flag none
balancer_by_lua_block U 0{ any none
balancer_by_lua_file U 1 any none
balancer_keepalive U 1+ any none
body_filter_by_lua HSLl 1 any
body_filter_by_lua_block HSLl 0{ any none
body_filter_by_lua_file HSLl 1 any
content_by_lua Ll 1 any none
content_by_lua_block Ll 0{ any none
content_by_lua_file Ll 1 any none
exit_worker_by_lua_block H 0{ any none
exit_worker_by_lua_file H 1 any none
header_filter_by_lua HSLl 1 any
header_filter_by_lua_block HSLl 0{ any none
header_filter_by_lua_file HSLl 1 any
init_by_lua H 1 any none
init_by_lua_block H 0{ any none
init_by_lua_file H 1 any none
init_worker_by_lua H 1 any none
init_worker_by_lua_block H 0{ any none
init_worker_by_lua_file H 1 any none
log_by_lua HSLl 1 any
log_by_lua_block HSLl 0{ any none
log_by_lua_file HSLl 1 any
lua_capture_error_log H 1 any none
lua_check_client_abort HSLl 1 flag
lua_code_cache HSLl 1 flag
lua_fake_merge HSL 1 any
lua_http10_buffering HSLl 1 flag
lua_load_resty_core H 1 flag none
lua_malloc_trim H 1 any none
lua_max_pending_timers H 1 number none
lua_max_running_timers H 1 number none
lua_need_request_body HSLl 1 flag
lua_package_cpath H 1 any none
lua_package_path H 1 any none
lua_regex_cache_max_entries H 1 any none
lua_regex_match_limit H 1 any none
lua_sa_restart H 1 flag none
lua_shared_dict H 2 any adds none
lua_socket_buffer_size HSLl 1 size
lua_socket_connect_timeout HSLl 1 time
lua_socket_keepalive_timeout HSLl 1 time
lua_socket_log_errors HSLl 1 flag
lua_socket_pool_size HSLl 1 number
lua_socket_read_timeout HSLl 1 time
lua_socket_send_lowat HSLl 1 size
lua_socket_send_timeout HSLl 1 time
lua_ssl_certificate HSL 1 any adds set
lua_ssl_certificate_key HSL 1 any adds set
lua_ssl_ciphers HSL 1 any
lua_ssl_conf_command HSL 2 any adds set
lua_ssl_crl HSL 1 any
lua_ssl_key_log HSL 1 any
lua_ssl_protocols HSL 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds
lua_ssl_trusted_certificate HSL 1 any
lua_ssl_verify_depth HSL 1 number
lua_thread_cache_max_entries H 1 number none
lua_transform_underscores_in_response_headers HSLl 1 flag
lua_upstream_skip_openssl_default_verify HSL 1 flag
lua_use_default_type HSLl 1 flag
lua_worker_thread_vm_pool_size H 1 number none
precontent_by_lua_block HSLl 0{ any none
precontent_by_lua_file HSLl 1 any
precontent_by_lua_no_postpone H 1 flag none
proxy_ssl_certificate_by_lua_block L 0{ any none
proxy_ssl_verify_by_lua_block L 0{ any none
rewrite_by_lua HSLl 1 any
rewrite_by_lua_block HSLl 0{ any none
rewrite_by_lua_file HSLl 1 any
rewrite_by_lua_no_postpone H 1 flag none
server_rewrite_by_lua_block HS 0{ any none
server_rewrite_by_lua_file HS 1 any
set_by_lua SLsl 2+ any adds set
set_by_lua_block SLsl 1{ any adds none
set_by_lua_file SLsl 2+ any adds set
ssl_certificate_by_lua_block HS 0{ any none
ssl_certificate_by_lua_file HS 1 any
ssl_client_hello_by_lua_block HS 0{ any none
ssl_client_hello_by_lua_file HS 1 any
ssl_session_fetch_by_lua_block H 0{ any none
ssl_session_fetch_by_lua_file H 1 any none
ssl_session_store_by_lua_block H 0{ any none
ssl_session_store_by_lua_file H 1 any none
`,
  stream_lua: `
balancer_by_lua_block U 0{ any none
balancer_by_lua_file U 1 any none
content_by_lua_block S 0{ any none
content_by_lua_file S 1 any none
init_by_lua_block H 0{ any none
init_by_lua_file H 1 any none
init_worker_by_lua_block H 0{ any none
init_worker_by_lua_file H 1 any none
log_by_lua_block HS 0{ any none
log_by_lua_file HS 1 any
lua_add_variable H 1 any adds none
lua_check_client_abort HS 1 flag
lua_code_cache HS 1 flag
lua_max_pending_timers H 1 number none
lua_max_running_timers H 1 number none
lua_package_cpath H 1 any none
lua_package_path H 1 any none
lua_shared_dict H 2 any adds none
lua_socket_buffer_size HS 1 size
lua_socket_connect_timeout HS 1 time
lua_socket_keepalive_timeout HS 1 time
lua_socket_log_errors HS 1 flag
lua_socket_pool_size HS 1 number
lua_socket_read_timeout HS 1 time
lua_socket_send_timeout HS 1 time
lua_ssl_trusted_certificate HS 1 any
lua_ssl_verify_depth HS 1 number
preread_by_lua_block HS 0{ any none
preread_by_lua_file HS 1 any
ssl_certificate_by_lua_block HS 0{ any none
ssl_certificate_by_lua_file HS 1 any none
ssl_client_hello_by_lua_block HS 0{ any none
ssl_client_hello_by_lua_file HS 1 any none
`,
} as const;
