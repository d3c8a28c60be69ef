/** nchan, a publish-and-subscribe module for WebSockets among others. facts-table.ts says how a row reads. */

export const nchanDirectives = {
  nchan: `
nchan_access_control_allow_credentials HSLl 1 flag
nchan_access_control_allow_origin HSLl 1 any
nchan_authorize_request SLl 1 any
nchan_benchmark L 0 any none
nchan_benchmark_channels L 1 number none
nchan_benchmark_message_padding_bytes L 1 number none
nchan_benchmark_messages_per_channel_per_minute L 1 number none
nchan_benchmark_publisher_distribution L 1 any none
nchan_benchmark_subscriber_distribution L 1 any none
nchan_benchmark_subscribers_per_channel L 1 number none
nchan_benchmark_time L 1 time-seconds none
nchan_channel_event_string SLl 1 any
nchan_channel_events_channel_id SLl 1 any
nchan_channel_group SLl 1 any
nchan_channel_group_accounting SL 1 flag
nchan_channel_id SLl 1-7 any
nchan_channel_id_split_delimiter SLl 1 any
nchan_channel_timeout HSL 1 time-seconds
nchan_deflate_message_for_websocket SL 1 any
nchan_eventsource_event SLl 1 any
nchan_eventsource_ping_comment SLl 1 any
nchan_eventsource_ping_data SLl 1 any
nchan_eventsource_ping_event SLl 1 any
nchan_eventsource_ping_interval SLl 1 time-seconds
nchan_group_location L 0-3 any none
nchan_group_max_channels L 1 any none
nchan_group_max_messages L 1 any none
nchan_group_max_messages_disk L 1 any none
nchan_group_max_messages_memory L 1 any none
nchan_group_max_subscribers L 1 any none
nchan_longpoll_multipart_response SLl 1 any
nchan_max_channel_id_length HSL 1 number
nchan_max_channel_subscribers HSL 1 number
nchan_max_reserved_memory H 1 any none
nchan_message_buffer_length HSL 1 any
nchan_message_max_buffer_length HSL 1 any
nchan_message_temp_path H 1 any none
nchan_message_timeout HSL 1 any
nchan_permessage_deflate_compression_level H 1 any none
nchan_permessage_deflate_compression_memlevel H 1 any none
nchan_permessage_deflate_compression_strategy H 1 any none
nchan_permessage_deflate_compression_window H 1 any none
nchan_pub_channel_id SLl 1-7 any
nchan_publisher SLl 0-2 any
nchan_publisher_channel_id SLl 1-7 any
nchan_publisher_location SLl 0-2 any
nchan_publisher_upstream_request SLl 1 any
nchan_pubsub SLl 0-6 any
nchan_pubsub_channel_id SLl 1-7 any
nchan_pubsub_location SLl 0-6 any
nchan_redis_accurate_subscriber_count U 1 flag none
nchan_redis_cluster_check_interval U 1 time none
nchan_redis_cluster_check_interval_backoff U 1 any none
nchan_redis_cluster_check_interval_jitter U 1 any none
nchan_redis_cluster_check_interval_max U 1 time none
nchan_redis_cluster_check_interval_min U 1 time none
nchan_redis_cluster_connect_timeout U 1 time none
nchan_redis_cluster_max_failing_time U 1 time none
nchan_redis_cluster_recovery_delay U 1 time none
nchan_redis_cluster_recovery_delay_backoff U 1 any none
nchan_redis_cluster_recovery_delay_jitter U 1 any none
nchan_redis_cluster_recovery_delay_max U 1 time none
nchan_redis_cluster_recovery_delay_min U 1 time none
nchan_redis_command_timeout U 1 time none
nchan_redis_connect_timeout U 1 time none
nchan_redis_discovered_ip_range_blacklist U 1-7 any none
nchan_redis_fakesub_timer_interval H 1 time none
nchan_redis_idle_channel_cache_timeout HSL 1 time-seconds
nchan_redis_idle_channel_keepalive_backoff U 1 any none
nchan_redis_idle_channel_keepalive_jitter U 1 any none
nchan_redis_idle_channel_keepalive_max U 1 time none
nchan_redis_idle_channel_keepalive_min U 1 time none
nchan_redis_idle_channel_keepalive_safety_margin U 1 time none
nchan_redis_load_scripts_unconditionally U 1 flag none
nchan_redis_namespace HSLU 1 any
nchan_redis_node_connect_timeout U 1 time none
nchan_redis_nostore_fastpublish HSU 1 flag
nchan_redis_optimize_target U 1 any none
nchan_redis_pass HSL 1 any
nchan_redis_pass_inheritable HSL 1 flag
nchan_redis_password U 1 any none
nchan_redis_ping_interval HSLU 1 time-seconds
nchan_redis_publish_msgpacked_max_size H 1 size none
nchan_redis_reconnect_delay U 1 time none
nchan_redis_reconnect_delay_backoff U 1 any none
nchan_redis_reconnect_delay_jitter U 1 any none
nchan_redis_reconnect_delay_max U 1 time none
nchan_redis_reconnect_delay_min U 1 time none
nchan_redis_retry_commands U 1 flag none
nchan_redis_retry_commands_max_wait U 1 time none
nchan_redis_server U 1 any none
nchan_redis_ssl U 1 flag none
nchan_redis_ssl_ciphers U 1 any none
nchan_redis_ssl_client_certificate U 1 any none
nchan_redis_ssl_client_certificate_key U 1 any none
nchan_redis_ssl_server_name U 1 any none
nchan_redis_ssl_trusted_certificate U 1 any none
nchan_redis_ssl_trusted_certificate_path U 1 any none
nchan_redis_ssl_verify_certificate U 1 flag none
nchan_redis_storage_mode HSLU 1 any
nchan_redis_subscribe_weights U 1-2 any none
nchan_redis_tls U 1 flag none
nchan_redis_tls_ciphers U 1 any none
nchan_redis_tls_client_certificate U 1 any none
nchan_redis_tls_server_name U 1 any none
nchan_redis_tls_trusted_certificate U 1 any none
nchan_redis_tls_trusted_certificate_path U 1 any none
nchan_redis_tls_verify_certificate U 1 flag none
nchan_redis_upstream_stats SL 1 any
nchan_redis_upstream_stats_disconnected_timeout U 1 flag none
nchan_redis_upstream_stats_enabled U 1 flag none
nchan_redis_url HSL 1 any
nchan_redis_username U 1 any none
nchan_redis_wait_after_connecting HSL 1 any
nchan_shared_memory_size H 1 any none
nchan_storage_engine HSL 1 any
nchan_store_messages HSLl 1 any
nchan_stub_status L 0 any none
nchan_sub_channel_id SLl 1-7 any
nchan_subscribe_existing_channels_only HSL 1 flag
nchan_subscribe_request SLl 1 any
nchan_subscriber SLl 0-5 any
nchan_subscriber_channel_id SLl 1-7 any
nchan_subscriber_compound_etag_message_id SLl 1 flag
nchan_subscriber_first_message SLl 1 any
nchan_subscriber_http_raw_stream_separator SLl 1 any
nchan_subscriber_info L 0 any none
nchan_subscriber_info_string SL 1 any
nchan_subscriber_last_message_id SLl 1-5 any
nchan_subscriber_location SLl 0-5 any
nchan_subscriber_message_id_custom_etag_header SLl 1 any
nchan_subscriber_timeout HSLl 1 time-seconds
nchan_unsubscribe_request SLl 1 any
nchan_use_redis HSL 1 any
nchan_websocket_client_heartbeat SLl 2 any
nchan_websocket_ping_interval SLl 1 time-seconds
push_authorized_channels_only HSL 1 flag
push_channel_group SLl 1 any
push_channel_timeout HSL 1 time-seconds
push_max_channel_id_length HSL 1 number
push_max_channel_subscribers HSL 1 number
push_max_message_buffer_length HSL 1 any
push_max_reserved_memory H 1 any none
push_message_buffer_length HSL 1 any
push_message_timeout HSL 1 any
push_min_message_buffer_length SLl 1 any
push_publisher SLl 0-2 any
push_store_messages HSLl 1 any
push_subscriber SLl 0-5 any
push_subscriber_concurrency SLl 1 any
push_subscriber_timeout HSLl 1 time-seconds
`,
} as const;
