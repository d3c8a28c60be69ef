/** The mail modules. facts-table.ts says how a row reads. */

export const mailDirectives = {
  mail_auth_http: `
auth_http HS 1 any
auth_http_header HS 2 any adds set
auth_http_pass_client_cert HS 1 flag
auth_http_timeout HS 1 time
`,
  mail_core: `
error_log HS 1+ any adds set
listen S 1+ any adds none
max_errors HS 1 number since 1.21.0
protocol S 1 any none
resolver HS 1+ any
resolver_timeout HS 1 time = 30s
server H 0{ any adds none
server_name HS 1 any none
timeout HS 1 time = 60s
`,
  mail_imap: `
imap_auth HS 1+ bitmask(plain,login,cram-md5,external) adds
imap_capabilities HS 1+ any adds set
imap_client_buffer HS 1 size
`,
  mail_pop3: `
pop3_auth HS 1+ bitmask(plain,apop,cram-md5,external) adds
pop3_capabilities HS 1+ any adds set
`,
  mail_proxy: `
proxy HS 1 flag
proxy_buffer HS 1 size
proxy_pass_error_message HS 1 flag
proxy_protocol HS 1 flag since 1.19.8 = off
proxy_smtp_auth HS 1 flag since 1.19.4
proxy_timeout HS 1 time = 10m
xclient HS 1 flag
`,
  mail_realip: `
set_real_ip_from HS 1 any adds set since 1.19.8
`,
  mail_smtp: `
smtp_auth HS 1+ bitmask(plain,login,cram-md5,external,none) adds
smtp_capabilities HS 1+ any adds set
smtp_client_buffer HS 1 size
smtp_greeting_delay HS 1 time
`,
  mail_ssl: `
ssl_certificate_compression HS 1 flag since 1.29.1 = off
ssl HS 1 flag until 1.25.1 obsolete 1.15.0 use listen = off
ssl_certificate HS 1 any adds set
ssl_certificate_key HS 1 any adds set
ssl_ciphers HS 1 any = HIGH:!aNULL:!MD5
ssl_client_certificate HS 1 any
ssl_conf_command HS 2 any adds set since 1.19.4
ssl_crl HS 1 any
ssl_dhparam HS 1 any
ssl_ecdh_curve HS 1 any = auto
ssl_password_file HS 1 any
ssl_prefer_server_ciphers HS 1 flag = off
ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds until 1.23.4 = TLSv1 TLSv1.1 TLSv1.2
ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.23.4 until 1.27.3 = TLSv1 TLSv1.1 TLSv1.2 TLSv1.3
ssl_protocols HS 1+ bitmask(SSLv2,SSLv3,TLSv1,TLSv1.1,TLSv1.2,TLSv1.3) adds since 1.27.3 = TLSv1.2 TLSv1.3
ssl_session_cache HS 1-2 any = none
ssl_session_ticket_key HS 1 any adds set
ssl_session_tickets HS 1 flag = on
ssl_session_timeout HS 1 time-seconds = 5m
ssl_trusted_certificate HS 1 any
ssl_verify_client HS 1 enum(off,on,optional,optional_no_ca) = off
ssl_verify_depth HS 1 number = 1
starttls HS 1 any
`,
} as const;
