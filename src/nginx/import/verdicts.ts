/**
 * What becomes of directives that say the same wherever they stand, whatever their values. Those that depend on their
 * values are translated beside this table; what is in neither is lost, and said so.
 */
import type { FateKind } from './model.ts';

export interface DirectiveVerdict {
  readonly outcome: Exclude<FateKind, 'kept'>;
  readonly text: string;
}

/** The verdict on a directive by its name; undefined where it depends, or where nothing is known of it. */
export function verdictOn(name: string): DirectiveVerdict | undefined {
  return byName.get(name);
}

const notNeeded: Readonly<Record<string, string>> = {
  'user pid daemon master_process load_module lock_file worker_priority worker_cpu_affinity thread_pool pcre_jit env':
    'it is about nginx’s own processes; holdline service writes what the edge needs of systemd',
  'worker_rlimit_nofile worker_rlimit_core':
    'the edge raises its own limit of descriptors, and its plan says when that is too low',
  'events use multi_accept accept_mutex worker_aio_requests': 'Node’s event loop accepts by itself',
  worker_connections: 'the plan of the edge derives the number from memory and descriptors (holdline plan)',
  'http include': 'read',
  'error_log access_log log_format log_not_found log_subrequest open_log_file_cache rewrite_log':
    'the edge logs one JSON line for each connection, with its cause, on standard output',
  'sendfile sendfile_max_chunk tcp_nopush tcp_nodelay aio directio directio_alignment output_buffers read_ahead open_file_cache open_file_cache_valid open_file_cache_min_uses open_file_cache_errors':
    'it is about files and packets; the edge sends each chunk as it comes',
  'types default_type types_hash_max_size types_hash_bucket_size charset source_charset':
    'types belong to files, and the edge serves none',
  'server_names_hash_max_size server_names_hash_bucket_size variables_hash_max_size variables_hash_bucket_size map_hash_max_size map_hash_bucket_size proxy_headers_hash_max_size proxy_headers_hash_bucket_size':
    'the edge has no tables of a fixed size',
  'keepalive_timeout keepalive_requests keepalive_disable keepalive_time lingering_close lingering_time lingering_timeout reset_timedout_connection client_header_timeout client_body_timeout client_header_buffer_size client_body_buffer_size connection_pool_size request_pool_size client_body_temp_path client_body_in_file_only client_body_in_single_buffer':
    'the edge has bounds of its own for ordinary requests (http in docs/spec.md)',
  'server_tokens server_name_in_redirect port_in_redirect absolute_redirect merge_slashes ignore_invalid_headers underscores_in_headers':
    'the edge writes no such pages and redirects, and passes headers on as they came',
  proxy_http_version: 'the edge speaks HTTP/1.1 to the servers',
  'proxy_buffering proxy_buffer_size proxy_buffers proxy_busy_buffers_size proxy_request_buffering proxy_max_temp_file_size proxy_temp_file_write_size proxy_temp_path':
    'the edge keeps nothing back; limits.buffer bounds what waits for a slow reader',
  'proxy_send_timeout proxy_socket_keepalive':
    'a server that takes nothing, or is gone, is found by limits.slowConsumer and by its closed socket',
  proxy_redirect: 'the edge translates Location for the paths and hosts that it changes itself',
  proxy_cookie_path: 'the edge translates the Path of cookies for the paths that it changes itself',
  'proxy_next_upstream proxy_next_upstream_tries proxy_next_upstream_timeout':
    'a handshake that finds its server gone tries the next one, within handshake.timeout',
  'proxy_ignore_client_abort proxy_cache_bypass proxy_no_cache proxy_cache_valid proxy_cache_key proxy_cache_methods proxy_cache_min_uses proxy_cache_lock proxy_cache_use_stale proxy_headers_hash proxy_pass_header proxy_ignore_headers':
    'it belongs to caching and to answers that nginx would change; the edge passes them on',
  proxy_ssl_server_name: 'the edge sends the name of an https server in the TLS handshake',
  'proxy_ssl_protocols proxy_ssl_ciphers proxy_ssl_session_reuse proxy_ssl_verify_depth':
    'the edge takes TLS 1.2 and 1.3 with Node’s ciphers',
  'ssl ssl_protocols ssl_ciphers ssl_prefer_server_ciphers ssl_ecdh_curve ssl_dhparam ssl_conf_command':
    'the edge takes TLS 1.2 and 1.3 with Node’s ciphers',
  'ssl_session_cache ssl_session_timeout ssl_session_tickets ssl_session_ticket_key ssl_buffer_size ssl_early_data':
    'the edge resumes sessions with keys that it renews every day',
  'ssl_stapling ssl_stapling_verify ssl_trusted_certificate ssl_stapling_file ssl_stapling_responder':
    'browsers go by the certificate without stapling',
  'ssl_verify_depth ssl_reject_handshake': 'the edge verifies whole chains, and takes no name that no route has',
  'http2 http2_max_concurrent_streams http2_push_preload http3 quic_retry quic_gso':
    'browsers open WebSockets over HTTP/1.1 unless a server offers otherwise',
  'resolver_timeout zone keepalive keepalive_time queue state ntlm':
    'the edge counts connections in one place, keeps its own to the servers, and looks names up by itself',
  'limit_conn_zone limit_req_zone limit_conn_log_level limit_req_log_level limit_conn_dry_run limit_req_dry_run limit_zone':
    'a zone has no counterpart of its own; see the limits that use it',
  'limit_conn_status limit_req_status': 'the edge refuses with 503 for connections and 429 for rates, with Retry-After',
  'upstream_conf status status_zone stub_status': 'the edge has counters and a page of its own (control)',
  'internal break satisfy recursive_error_pages': 'routes have no jumps',
  'set_real_ip_from real_ip_header real_ip_recursive': 'no route comes out of the blocks that it counts for',
  'msie_padding etag if_modified_since max_ranges chunked_transfer_encoding postpone_output':
    'answers pass as the servers make them',
  'gzip_proxied gzip_min_length gzip_types gzip_comp_level gzip_vary gzip_buffers gzip_http_version gzip_disable gzip_static':
    'see gzip',
  'geo split_clients': 'no line that was imported uses it',
  'proxy_set_header add_header proxy_hide_header proxy_read_timeout proxy_connect_timeout send_timeout limit_conn limit_req auth_request auth_request_set ssl_certificate ssl_certificate_key ssl_client_certificate ssl_verify_client large_client_header_buffers proxy_ssl_verify proxy_ssl_trusted_certificate worker_processes worker_shutdown_timeout listen server_name':
    'it counts for nothing that became a route',
};

const lost: Readonly<Record<string, string>> = {
  'allow deny':
    'the spec has no lists of addresses; keep them in a firewall or in nginx in front, or decide in onHandshake of a hooks module',
  'auth_basic auth_basic_user_file':
    'the spec has no passwords; let handshake.authorize ask a service, or decide in onHandshake of a hooks module',
  'auth_jwt auth_jwt_key_file auth_jwt_claim_set auth_jwt_type':
    'the spec reads no tokens; let handshake.authorize ask a service that does',
  gzip: 'the edge compresses no pages; the servers can, and messages are compressed between them and the clients',
  client_max_body_size: 'the edge has no limit for the bodies of ordinary requests; set one in the server behind it',
  'root alias index try_files autoindex expires':
    'the edge serves no files; keep nginx, or a file server as an upstream, for them',
  error_page: 'the edge has no pages for errors; what a server answers goes to the client',
  'limit_rate limit_rate_after': 'nginx bounds no WebSocket with it; limits.bytes bounds what one client sends',
  'proxy_cache proxy_cache_path proxy_store': 'the edge keeps no answers; put a cache in front or behind',
  'proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_crl':
    'the edge shows no certificate of its own to servers; put a local nginx or stunnel between',
  proxy_ssl_name: 'the edge checks for the name in the server’s URL; write that name there',
  'proxy_bind proxy_set_body proxy_method proxy_pass_request_headers proxy_pass_request_body':
    'the edge passes requests on as they came, from the address that the system chooses',
  proxy_cookie_domain: 'the edge leaves the Domain of cookies alone; set it in the server',
  'proxy_cookie_flags proxy_intercept_errors': 'the edge leaves what the servers answer as it is',
  'mirror mirror_request_body post_action': 'the edge sends a request to one server',
  'sub_filter sub_filter_once sub_filter_types sub_filter_last_modified addition_types add_before_body add_after_body':
    'the edge changes no bodies',
  limit_except: 'the spec does not tell methods apart; decide in onHandshake of a hooks module, or in the server',
  'ssl_crl ssl_ocsp ssl_verify_partial_chain': 'the edge reads no lists of revoked certificates',
  'add_trailer etag_strong': 'the edge sends no trailers',
  'fastcgi_pass uwsgi_pass scgi_pass grpc_pass memcached_pass':
    'the edge speaks HTTP to servers; keep nginx for the others',
  'random_index js_content js_access js_set js_import perl perl_set':
    'scripts of nginx do not run in the edge; see hooks',
  'stream mail': 'the edge carries WebSockets and the HTTP beside them; keep nginx for this',
  health_check: 'write the upstream’s health: a path and how often it is asked',
};

function rows(
  outcome: DirectiveVerdict['outcome'],
  table: Readonly<Record<string, string>>,
): [string, DirectiveVerdict][] {
  return Object.entries(table).flatMap(([names, text]) =>
    names.split(' ').map((name): [string, DirectiveVerdict] => [name, { outcome, text }]),
  );
}

const byName: ReadonlyMap<string, DirectiveVerdict> = new Map([
  ...rows('not-needed', notNeeded),
  ...rows('lost', lost),
]);
