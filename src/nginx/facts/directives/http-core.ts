/** The HTTP core and the modules that serve files and log. facts-table.ts says how a row reads. */

export const httpCoreDirectives = {
  http_core: `
absolute_redirect HSL 1 flag since 1.11.8 = on
aio HSL 1 any = off
aio_write HSL 1 flag since 1.11.0 = off
alias L 1 any none
auth_delay HSL 1 time since 1.17.10 = 0s
chunked_transfer_encoding HSL 1 flag = on
client_body_buffer_size HSL 1 size = 16k
client_body_in_file_only HSL 1 enum(off,on,clean) = off
client_body_in_single_buffer HSL 1 flag = off
client_body_temp_path HSL 1-4 any
client_body_timeout HSL 1 time = 60s
client_header_buffer_size HS 1 size = 1k
client_header_timeout HS 1 time = 60s
client_max_body_size HSL 1 offset = 1m
connection_pool_size HS 1 size = 512
default_type HSL 1 any = text/plain
directio HSL 1 any = off
directio_alignment HSL 1 offset = 512
disable_symlinks HSL 1-2 any = off
early_hints HSL 1+ any adds since 1.29.0
error_log HSL 1+ any adds set
error_page HSLl 2+ any adds set
etag HSL 1 flag = on
gzip_disable HSL 1+ any adds set
gzip_http_version HSL 1 enum(1.0,1.1) = 1.1
gzip_proxied HSL 1+ bitmask(off,expired,no-cache,no-store,private,no_last_modified,no_etag,auth,any) adds = off
gzip_vary HSL 1 flag = off
if_modified_since HSL 1 enum(off,exact,before) = exact
ignore_invalid_headers HS 1 flag = on
internal L 0 any none
keepalive_disable HSL 1-2 bitmask(none,msie6,safari) adds = msie6
keepalive_min_timeout HSL 1 time since 1.27.4 = 0
keepalive_requests HSL 1 number until 1.19.10 = 100
keepalive_requests HSL 1 number since 1.19.10 = 1000
keepalive_time HSL 1 time since 1.19.10 = 1h
keepalive_timeout HSL 1-2 any = 75s
large_client_header_buffers HS 2 buffers = 4 8k
limit_except L 1+{ any none
limit_rate HSLl 1 any = 0
limit_rate_after HSLl 1 any = 0
lingering_close HSL 1 enum(off,on,always) = on
lingering_time HSL 1 time = 30s
lingering_timeout HSL 1 time = 5s
listen S 1+ any adds none = *:80
location SL 1-2{ any adds none
log_not_found HSL 1 flag = on
log_subrequest HSL 1 flag = off
max_ranges HSL 1 number
merge_slashes HS 1 flag = on
msie_padding HSL 1 flag = on
msie_refresh HSL 1 flag = off
open_file_cache HSL 1-2 any = off
open_file_cache_errors HSL 1 flag = off
open_file_cache_events HSL 1 flag
open_file_cache_min_uses HSL 1 number = 1
open_file_cache_valid HSL 1 time-seconds = 60s
port_in_redirect HSL 1 flag = on
post_action HSLl 1 any
postpone_output HSL 1 size = 1460
read_ahead HSL 1 size = 0
recursive_error_pages HSL 1 flag = off
request_pool_size HS 1 size = 4k
reset_timedout_connection HSL 1 flag = off
resolver HSL 1+ any
resolver_timeout HSL 1 time = 30s
root HSLl 1 any = html
satisfy HSL 1 enum(all,any) = all
send_lowat HSL 1 size = 0
send_timeout HSL 1 time = 60s
sendfile HSLl 1 flag = off
sendfile_max_chunk HSL 1 size = 2m
server H 0{ any adds none
server_name S 1+ any adds none = ""
server_name_in_redirect HSL 1 flag = off
server_names_hash_bucket_size H 1 number none
server_names_hash_max_size H 1 number none = 512
server_tokens HSL 1 enum(off,on,build) = on
subrequest_output_buffer_size HSL 1 size = 4k
tcp_nodelay HSL 1 flag = on
tcp_nopush HSL 1 flag = off
types HSL 0{data any adds set
types_hash_bucket_size HSL 1 number = 64
types_hash_max_size HSL 1 number = 1024
underscores_in_headers HS 1 flag = off
variables_hash_bucket_size H 1 number none = 64
variables_hash_max_size H 1 number none = 1024
`,
  http_index: `
index HSL 1+ any adds set = index.html
`,
  http_log: `
access_log HSLlx 1+ any adds set = logs/access.log combined
log_format H 2+ any adds none = combined "..."
open_log_file_cache HSL 1-4 any = off
`,
  http_try_files: `
try_files SL 2+ any none
`,
  http_autoindex: `
autoindex HSL 1 flag = off
autoindex_exact_size HSL 1 flag = on
autoindex_format HSL 1 enum(html,json,jsonp,xml) = html
autoindex_localtime HSL 1 flag = off
`,
  http_random_index: `
random_index L 1 flag none = off
`,
  http_gzip_filter: `
gzip HSLl 1 flag = off
gzip_buffers HSL 2 buffers = 16 8k
gzip_comp_level HSL 1 number = 1
gzip_hash HSL 1 size
gzip_min_length HSL 1 size = 20
gzip_no_buffer HSL 1 flag
gzip_types HSL 1+ any adds set = text/html
gzip_window HSL 1 size
postpone_gzipping HSL 1 size
`,
  http_gzip_static: `
gzip_static HSL 1 enum(off,on,always) = off
`,
  http_gunzip_filter: `
gunzip HSL 1 flag = off
gunzip_buffers HSL 2 buffers = 16 8k
`,
  http_copy_filter: `
output_buffers HSL 2 buffers = 2 32k
`,
  http_headers_filter: `
add_header HSLl 2-3 any adds set
add_header_inherit HSLl 1 enum(on,off,merge) since 1.29.3 = on
add_trailer HSLl 2-3 any adds set since 1.13.2
add_trailer_inherit HSLl 1 enum(on,off,merge) since 1.29.3 = on
expires HSLl 1-2 any = off
`,
  http_header_count: `
max_headers HS 1 number since 1.29.8 backported 1.22.1 = 1000
`,
} as const;
