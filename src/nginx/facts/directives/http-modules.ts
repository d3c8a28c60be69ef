/** The smaller HTTP modules of nginx itself. facts-table.ts says how a row reads. */

export const httpModulesDirectives = {
  http_access: `
allow HSLx 1 any adds set
deny HSLx 1 any adds set
`,
  http_addition_filter: `
add_after_body HSL 1 any
add_before_body HSL 1 any
addition_types HSL 1+ any adds set = text/html
`,
  http_auth_basic: `
auth_basic HSLx 1 any = off
auth_basic_user_file HSLx 1 any
`,
  http_auth_request: `
auth_request HSL 1 any = off
auth_request_set HSL 2 any adds set
`,
  http_browser: `
ancient_browser HSL 1+ any adds set
ancient_browser_value HSL 1 any last
modern_browser HSL 1-2 any adds set
modern_browser_value HSL 1 any last
`,
  http_charset_filter: `
charset HSLl 1 any = off
charset_map H 2{data any adds none
charset_types HSL 1+ any adds set
override_charset HSLl 1 flag = off
source_charset HSLl 1 any = none
`,
  http_dav: `
create_full_put_path HSL 1 flag = off
dav_access HSL 1-3 any = user:rw
dav_methods HSL 1+ bitmask(off,put,delete,mkcol,copy,move) adds = off
min_delete_depth HSL 1 number = 0
`,
  http_degradation: `
degradation H 1+ any none
degrade HSL 1 enum(204,444)
`,
  http_empty_gif: `
empty_gif L 0 any last none
`,
  http_flv: `
flv L 0 any last none
`,
  http_geo: `
geo H 1-2{data any adds none
`,
  http_geoip: `
geoip_city H 1-2 any none
geoip_country H 1-2 any none
geoip_org H 1-2 any none
geoip_proxy H 1 any adds none
geoip_proxy_recursive H 1 flag none
`,
  http_image_filter: `
image_filter L 1-3 any adds none
image_filter_buffer HSL 1 size
image_filter_interlace HSL 1 flag
image_filter_jpeg_quality HSL 1 any
image_filter_sharpen HSL 1 any
image_filter_transparency HSL 1 flag
image_filter_webp_quality HSL 1 any
`,
  http_limit_conn: `
limit_conn HSL 2 any adds set
limit_conn_dry_run HSL 1 flag since 1.17.6 = off
limit_conn_log_level HSL 1 enum(info,notice,warn,error) = error
limit_conn_status HSL 1 number = 503
limit_conn_zone H 2 any adds none
`,
  http_limit_req: `
limit_req HSL 1-3 any adds set
limit_req_dry_run HSL 1 flag since 1.17.1 = off
limit_req_log_level HSL 1 enum(info,notice,warn,error) = error
limit_req_status HSL 1 number = 503
limit_req_zone H 3 any adds none
`,
  http_map: `
map H 2{data any adds none
map_hash_bucket_size H 1 number none = 64
map_hash_max_size H 1 number none = 2048
`,
  http_mirror: `
mirror HSL 1 any adds set since 1.13.4 = off
mirror_request_body HSL 1 flag since 1.13.4 = on
`,
  http_mp4: `
mp4 L 0 any last none
mp4_buffer_size HSL 1 size = 512k
mp4_max_buffer_size HSL 1 size = 10m
mp4_start_key_frame HSL 1 flag since 1.21.4 = off
`,
  http_perl: `
perl Lx 1 any none
perl_modules H 1 any adds none
perl_require H 1 any adds none
perl_set H 2 any adds none
`,
  http_realip: `
real_ip_header HSL 1 any = X-Real-IP
real_ip_recursive HSL 1 flag = off
set_real_ip_from HSL 1 any adds set
`,
  http_referer: `
referer_hash_bucket_size SL 1 number = 64
referer_hash_max_size SL 1 number = 2048
valid_referers SL 1+ any adds set
`,
  http_rewrite: `
break SLsl 0 any adds none
if SL 1+{ any adds none
return SLsl 1-2 any adds none
rewrite SLsl 2-3 any adds none
rewrite_log HSLsl 1 flag = off
set SLsl 2 any adds none
uninitialized_variable_warn HSLsl 1 flag = on
`,
  http_secure_link: `
secure_link HSL 1 any
secure_link_md5 HSL 1 any
secure_link_secret HSL 1 any
`,
  http_slice_filter: `
slice HSL 1 size = 0
`,
  http_split_clients: `
split_clients H 2{data any adds none
`,
  http_ssi_filter: `
ssi HSLl 1 flag = off
ssi_ignore_recycled_buffers HSL 1 flag
ssi_last_modified HSL 1 flag = off
ssi_min_file_chunk HSL 1 size = 1k
ssi_silent_errors HSL 1 flag = off
ssi_types HSL 1+ any adds set
ssi_value_length HSL 1 size = 256
`,
  http_stub_status: `
stub_status SL 0-1 any last none
`,
  http_sub_filter: `
sub_filter HSL 2 any adds set
sub_filter_last_modified HSL 1 flag = off
sub_filter_once HSL 1 flag = on
sub_filter_types HSL 1+ any adds set
`,
  http_userid_filter: `
userid HSL 1 enum(off,log,v1,on) = off
userid_domain HSL 1 any = none
userid_expires HSL 1 any = off
userid_flags HSL 1-3 bitmask(off,secure,httponly,samesite=strict,samesite=lax,samesite=none) adds = off
userid_mark HSL 1 any = off
userid_name HSL 1 any = uid
userid_p3p HSL 1 any = none
userid_path HSL 1 any = /
userid_service HSL 1 number
`,
  http_xslt_filter: `
xml_entities HSL 1 any
xml_external_entities HSL 1 flag since 1.31.3
xslt_last_modified HSL 1 flag
xslt_param HSL 2 any adds set
xslt_string_param HSL 2 any adds set
xslt_stylesheet L 1+ any adds none
xslt_types HSL 1+ any adds set
`,
} as const;
