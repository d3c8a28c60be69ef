/** njs, JavaScript inside nginx. facts-table.ts says how a row reads. */

export const njsDirectives = {
  http_js: `
js_access HSL 1 any
js_body_filter Llx 1-2 any
js_content Llx 1 any none
js_context_reuse HSL 1 number
js_engine HSL 1 enum(njs,qjs)
js_fetch_buffer_size HSL 1 size
js_fetch_ciphers HSL 1 any
js_fetch_keepalive HSL 1 number
js_fetch_keepalive_requests HSL 1 number
js_fetch_keepalive_time HSL 1 time
js_fetch_keepalive_timeout HSL 1 time
js_fetch_max_response_buffer_size HSL 1 size
js_fetch_protocols HSL 1+ any adds set
js_fetch_proxy HSL 1 any
js_fetch_timeout HSL 1 time
js_fetch_trusted_certificate HSL 1 any
js_fetch_verify HSL 1 flag
js_fetch_verify_depth HSL 1 number
js_header_filter Llx 1 any
js_import HSL 1,3 any adds set
js_include H 1 any none
js_load_http_native_module M 1,3 any adds none
js_max_response_buffer_size HSL 1 size
js_path HSL 1 any adds set
js_periodic L 1+ any adds none
js_preload_object HSL 1,3 any adds set
js_set HSL 2-3 any adds set
js_shared_dict_zone H 1+ any adds none
js_var HSL 1-2 any adds set
`,
  stream_js: `
js_access HS 1 any
js_engine HS 1 enum(njs,qjs)
js_fetch_timeout HS 1 time
js_fetch_trusted_certificate HS 1 any
js_fetch_verify HS 1 flag
js_filter HS 1 any
js_import HS 1,3 any adds set
js_path HS 1 any adds set
js_periodic S 1+ any adds none
js_preread HS 1 any
js_set HS 2-3 any adds set
js_shared_dict_zone H 1+ any adds none
js_var HS 1-2 any adds set
`,
} as const;
