/** The commercial edition; some of these moved into the free one later. facts-table.ts says how a row reads. */

export const commercialDirectives = {
  nginx_plus: `
api L 0-1 any none
api_bind HSL 1-2 any
auth_jwt HSLx 1-2 any
auth_jwt_claim_set H 2+ any adds none
auth_jwt_header_set H 2+ any adds none
auth_jwt_key_cache HSL 1 time
auth_jwt_key_file HSLx 1 any adds set
auth_jwt_key_request HSLx 1 any adds set
auth_jwt_leeway HSL 1 time
auth_jwt_require HSLx 1+ any adds set
auth_jwt_type HSLx 1 any
auth_oidc HSL 1 any
auth_require HSLx 1+ any adds set
f4f L 0 any none
f4f_buffer_size HSL 1 size
health_check L 0+ any adds none
hls L 0 any none
internal_redirect SL 1 any none
keyval H 3 any adds none
keyval_zone H 1+ any adds none
match H 1{data any adds none
mgmt M 0{data any none
ntlm U 0 any none
num_map H 2{data any adds none
oidc_provider H 1{data any adds none
proxy_allow_upstream HSL 1+ any adds set
proxy_bind_dynamic HSL 1 flag
proxy_cache_purge HSL 1+ any adds set
proxy_request_dynamic HSL 1 flag
proxy_session_drop HSL 1 flag
proxy_ssl_key_log HSL 1 any
queue U 1-2 any none
session_log SL 1 any
session_log_format H 2+ any adds none
session_log_zone H 2+ any adds none
ssl_key_log HS 1 any
state U 1 any none
status L 0 any none
status_format HSL 1-2 any
status_zone SLl 1 any adds none
sticky U 2+ any none
sticky_cookie_insert U 1+ any none
upstream_conf L 0 any none
zone_sync S 0 any none
`,
  stream_plus: `
health_check S 0+ any adds none
health_check_timeout HS 1 time
keyval H 3 any adds none
keyval_zone H 1+ any adds none
least_time U 1-2 any last none
match H 1{data any adds none
mqtt HS 1 flag
mqtt_preread HS 1 flag
state U 1 any none
status_zone S 1 any adds none
zone_sync S 0 any none
zone_sync_server S 1-2 any adds none
`,
} as const;
