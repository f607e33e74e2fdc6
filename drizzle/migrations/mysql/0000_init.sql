CREATE TABLE `account_events` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`account_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`at` bigint NOT NULL,
	`from_state` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`to_state` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`reason` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	`evidence` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`until` bigint,
	`by_user_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	CONSTRAINT `account_events_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `accounts` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`owner_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`group_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`platform` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`base_url` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`credentials` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`credentials_hint` varchar(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`proxy_url` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`proxy_hint` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`options` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`enabled` tinyint NOT NULL DEFAULT true,
	`priority` int NOT NULL DEFAULT 100,
	`weight` int NOT NULL DEFAULT 100,
	`max_concurrency` int NOT NULL DEFAULT 0,
	`models` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`model_map` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`daily_limit_nano` bigint,
	`state_name` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'normal',
	`state_reason` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	`state_evidence` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`state_since` bigint NOT NULL,
	`state_until` bigint,
	`state_next_probe` bigint,
	`state_failures` int NOT NULL DEFAULT 0,
	`model_limits` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`windows` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`token_generation` int NOT NULL DEFAULT 0,
	`token_expires_at` bigint,
	`last_used_at` bigint,
	`created_at` bigint NOT NULL,
	`updated_at` bigint NOT NULL,
	`deleted_at` bigint,
	CONSTRAINT `accounts_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`owner_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`group_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`prefix` varchar(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`last_four` varchar(4) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`sealed_key` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`enabled` tinyint NOT NULL DEFAULT true,
	`expires_at` bigint,
	`expires_in_days` int,
	`first_used_at` bigint,
	`last_used_at` bigint,
	`models` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`ip_allow` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`clients` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`limits` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`created_at` bigint NOT NULL,
	`updated_at` bigint NOT NULL,
	`deleted_at` bigint,
	CONSTRAINT `api_keys_id` PRIMARY KEY(`id`),
	CONSTRAINT `api_keys_hash_idx` UNIQUE(`hash`)
);
--> statement-breakpoint
CREATE TABLE `api_logs` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`created_at` bigint NOT NULL,
	`user_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`method` varchar(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`path` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`status` int NOT NULL,
	`duration_ms` int NOT NULL,
	`ip` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	`user_agent` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`error_code` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	CONSTRAINT `api_logs_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `audit_logs` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`created_at` bigint NOT NULL,
	`user_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`user_name` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`action` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`target_type` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`target_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`target_name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`before` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`after` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`ip` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	CONSTRAINT `audit_logs_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `changes` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`at` bigint NOT NULL,
	`kind` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`ref_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	CONSTRAINT `changes_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `codes` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`purpose` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`subject` varchar(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`user_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`code_hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`attempts` int NOT NULL DEFAULT 0,
	`created_at` bigint NOT NULL,
	`expires_at` bigint NOT NULL,
	`used_at` bigint,
	CONSTRAINT `codes_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `groups` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`owner_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`remark` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`enabled` tinyint NOT NULL DEFAULT true,
	`multiplier_bp` int NOT NULL DEFAULT 10000,
	`price_by` varchar(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'asked',
	`created_at` bigint NOT NULL,
	`updated_at` bigint NOT NULL,
	`deleted_at` bigint,
	CONSTRAINT `groups_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `instances` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`host` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`pid` int NOT NULL,
	`version` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`started_at` bigint NOT NULL,
	`heartbeat_at` bigint NOT NULL,
	`stopped_at` bigint,
	CONSTRAINT `instances_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `invites` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`code_hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`created_by` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`email` varchar(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`max_uses` int NOT NULL DEFAULT 1,
	`uses` int NOT NULL DEFAULT 0,
	`created_at` bigint NOT NULL,
	`expires_at` bigint,
	`revoked_at` bigint,
	CONSTRAINT `invites_id` PRIMARY KEY(`id`),
	CONSTRAINT `invites_code_hash_idx` UNIQUE(`code_hash`)
);
--> statement-breakpoint
CREATE TABLE `journal_cursors` (
	`file` varchar(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`offset` bigint NOT NULL,
	`updated_at` bigint NOT NULL,
	CONSTRAINT `journal_cursors_file` PRIMARY KEY(`file`)
);
--> statement-breakpoint
CREATE TABLE `leases` (
	`name` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`holder` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `leases_name` PRIMARY KEY(`name`)
);
--> statement-breakpoint
CREATE TABLE `logs` (
	`request_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`upstream_request_id` varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`created_at` bigint NOT NULL,
	`started_at` bigint NOT NULL,
	`user_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`user_name` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`api_key_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`key_name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`group_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`group_name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`account_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`account_name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`platform` varchar(32) CHARACTER SET ascii COLLATE ascii_bin,
	`model` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`served_model` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`stream` tinyint NOT NULL,
	`status` int NOT NULL,
	`outcome` varchar(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`error_type` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`error_message` varchar(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`usage_complete` tinyint NOT NULL,
	`input_tokens` bigint NOT NULL DEFAULT 0,
	`output_tokens` bigint NOT NULL DEFAULT 0,
	`cache_read_tokens` bigint NOT NULL DEFAULT 0,
	`cache_write5m_tokens` bigint NOT NULL DEFAULT 0,
	`cache_write1h_tokens` bigint NOT NULL DEFAULT 0,
	`thinking_tokens` bigint NOT NULL DEFAULT 0,
	`web_searches` int NOT NULL DEFAULT 0,
	`service_tier` varchar(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`speed` varchar(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`inference_geo` varchar(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`stop_reason` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`priced` tinyint NOT NULL,
	`price_version` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	`cost_parts` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`cost_nano` bigint NOT NULL DEFAULT 0,
	`billed_nano` bigint NOT NULL DEFAULT 0,
	`ttfb_ms` int,
	`duration_ms` int NOT NULL,
	`attempts` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`client_version` varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`session_id` varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`agent_id` varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`ip` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	CONSTRAINT `logs_request_id` PRIMARY KEY(`request_id`)
);
--> statement-breakpoint
CREATE TABLE `notification_channels` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`owner_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`kind` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`config` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`events` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`enabled` tinyint NOT NULL DEFAULT true,
	`created_at` bigint NOT NULL,
	`updated_at` bigint NOT NULL,
	`deleted_at` bigint,
	CONSTRAINT `notification_channels_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `prices` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`model` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`price` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`source` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`version` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`created_by` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`created_at` bigint NOT NULL,
	`deleted_at` bigint,
	CONSTRAINT `prices_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`user_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`ip` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	`user_agent` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`created_at` bigint NOT NULL,
	`last_seen_at` bigint NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `sessions_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `settings` (
	`key` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`value` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`updated_by` varchar(40) CHARACTER SET ascii COLLATE ascii_bin,
	`updated_at` bigint NOT NULL,
	CONSTRAINT `settings_key` PRIMARY KEY(`key`)
);
--> statement-breakpoint
CREATE TABLE `share_links` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`key_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`token_hash` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`scope` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`created_by` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`created_at` bigint NOT NULL,
	`expires_at` bigint,
	`revoked_at` bigint,
	CONSTRAINT `share_links_id` PRIMARY KEY(`id`),
	CONSTRAINT `share_links_token_idx` UNIQUE(`token_hash`)
);
--> statement-breakpoint
CREATE TABLE `task_runs` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`task` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`instance_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`started_at` bigint NOT NULL,
	`ended_at` bigint,
	`outcome` varchar(16) CHARACTER SET ascii COLLATE ascii_bin,
	`result` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	CONSTRAINT `task_runs_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `usage_daily` (
	`scope` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`scope_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`day` varchar(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`requests` bigint NOT NULL DEFAULT 0,
	`errors` bigint NOT NULL DEFAULT 0,
	`input_tokens` bigint NOT NULL DEFAULT 0,
	`output_tokens` bigint NOT NULL DEFAULT 0,
	`cache_read_tokens` bigint NOT NULL DEFAULT 0,
	`cache_write5m_tokens` bigint NOT NULL DEFAULT 0,
	`cache_write1h_tokens` bigint NOT NULL DEFAULT 0,
	`cost_nano` bigint NOT NULL DEFAULT 0,
	`billed_nano` bigint NOT NULL DEFAULT 0,
	`ttfb_ms_sum` bigint NOT NULL DEFAULT 0,
	`ttfb_count` bigint NOT NULL DEFAULT 0,
	`duration_ms_sum` bigint NOT NULL DEFAULT 0,
	CONSTRAINT `usage_daily_scope_scope_id_day_pk` PRIMARY KEY(`scope`,`scope_id`,`day`)
);
--> statement-breakpoint
CREATE TABLE `usage_hourly` (
	`hour` bigint NOT NULL,
	`user_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`api_key_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`account_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`model` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`requests` bigint NOT NULL DEFAULT 0,
	`errors` bigint NOT NULL DEFAULT 0,
	`input_tokens` bigint NOT NULL DEFAULT 0,
	`output_tokens` bigint NOT NULL DEFAULT 0,
	`cache_read_tokens` bigint NOT NULL DEFAULT 0,
	`cache_write5m_tokens` bigint NOT NULL DEFAULT 0,
	`cache_write1h_tokens` bigint NOT NULL DEFAULT 0,
	`cost_nano` bigint NOT NULL DEFAULT 0,
	`billed_nano` bigint NOT NULL DEFAULT 0,
	`ttfb_ms_sum` bigint NOT NULL DEFAULT 0,
	`ttfb_count` bigint NOT NULL DEFAULT 0,
	`duration_ms_sum` bigint NOT NULL DEFAULT 0,
	CONSTRAINT `usage_hourly_hour_user_id_api_key_id_account_id_model_pk` PRIMARY KEY(`hour`,`user_id`,`api_key_id`,`account_id`,`model`)
);
--> statement-breakpoint
CREATE TABLE `usage_sessions` (
	`api_key_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`session_id` varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`agent_id` varchar(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`user_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`first_at` bigint NOT NULL,
	`last_at` bigint NOT NULL,
	`requests` bigint NOT NULL DEFAULT 0,
	`errors` bigint NOT NULL DEFAULT 0,
	`input_tokens` bigint NOT NULL DEFAULT 0,
	`output_tokens` bigint NOT NULL DEFAULT 0,
	`cache_read_tokens` bigint NOT NULL DEFAULT 0,
	`cache_write5m_tokens` bigint NOT NULL DEFAULT 0,
	`cache_write1h_tokens` bigint NOT NULL DEFAULT 0,
	`cost_nano` bigint NOT NULL DEFAULT 0,
	`billed_nano` bigint NOT NULL DEFAULT 0,
	`ttfb_ms_sum` bigint NOT NULL DEFAULT 0,
	`ttfb_count` bigint NOT NULL DEFAULT 0,
	`duration_ms_sum` bigint NOT NULL DEFAULT 0,
	CONSTRAINT `usage_sessions_api_key_id_session_id_agent_id_pk` PRIMARY KEY(`api_key_id`,`session_id`,`agent_id`)
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`username` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`username_key` varchar(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`email` varchar(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`email_key` varchar(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	`password_hash` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`role` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`enabled` tinyint NOT NULL DEFAULT true,
	`must_change_password` tinyint NOT NULL DEFAULT false,
	`shared_pool` tinyint NOT NULL DEFAULT false,
	`locale` varchar(8) CHARACTER SET ascii COLLATE ascii_bin,
	`last_login_at` bigint,
	`created_at` bigint NOT NULL,
	`updated_at` bigint NOT NULL,
	`deleted_at` bigint,
	CONSTRAINT `users_id` PRIMARY KEY(`id`),
	CONSTRAINT `users_username_key_idx` UNIQUE(`username_key`),
	CONSTRAINT `users_email_key_idx` UNIQUE(`email_key`)
);
--> statement-breakpoint
CREATE INDEX `account_events_account_idx` ON `account_events` (`account_id`,`at`);--> statement-breakpoint
CREATE INDEX `accounts_owner_idx` ON `accounts` (`owner_id`);--> statement-breakpoint
CREATE INDEX `accounts_group_idx` ON `accounts` (`group_id`);--> statement-breakpoint
CREATE INDEX `api_keys_owner_idx` ON `api_keys` (`owner_id`);--> statement-breakpoint
CREATE INDEX `api_keys_group_idx` ON `api_keys` (`group_id`);--> statement-breakpoint
CREATE INDEX `api_logs_created_idx` ON `api_logs` (`created_at`);--> statement-breakpoint
CREATE INDEX `audit_logs_created_idx` ON `audit_logs` (`created_at`);--> statement-breakpoint
CREATE INDEX `audit_logs_target_idx` ON `audit_logs` (`target_type`,`target_id`);--> statement-breakpoint
CREATE INDEX `changes_at_idx` ON `changes` (`at`);--> statement-breakpoint
CREATE INDEX `codes_subject_idx` ON `codes` (`purpose`,`subject`);--> statement-breakpoint
CREATE INDEX `groups_owner_idx` ON `groups` (`owner_id`);--> statement-breakpoint
CREATE INDEX `logs_created_idx` ON `logs` (`created_at`);--> statement-breakpoint
CREATE INDEX `logs_key_created_idx` ON `logs` (`api_key_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `logs_account_created_idx` ON `logs` (`account_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `logs_user_created_idx` ON `logs` (`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `logs_session_created_idx` ON `logs` (`session_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `logs_upstream_request_idx` ON `logs` (`upstream_request_id`);--> statement-breakpoint
CREATE INDEX `notification_channels_owner_idx` ON `notification_channels` (`owner_id`);--> statement-breakpoint
CREATE INDEX `prices_model_idx` ON `prices` (`model`);--> statement-breakpoint
CREATE INDEX `sessions_user_idx` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_expires_idx` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE INDEX `share_links_key_idx` ON `share_links` (`key_id`);--> statement-breakpoint
CREATE INDEX `task_runs_task_idx` ON `task_runs` (`task`,`started_at`);--> statement-breakpoint
CREATE INDEX `usage_daily_day_idx` ON `usage_daily` (`day`);--> statement-breakpoint
CREATE INDEX `usage_hourly_key_idx` ON `usage_hourly` (`api_key_id`,`hour`);--> statement-breakpoint
CREATE INDEX `usage_hourly_account_idx` ON `usage_hourly` (`account_id`,`hour`);--> statement-breakpoint
CREATE INDEX `usage_hourly_user_idx` ON `usage_hourly` (`user_id`,`hour`);--> statement-breakpoint
CREATE INDEX `usage_sessions_user_idx` ON `usage_sessions` (`user_id`,`last_at`);--> statement-breakpoint
CREATE INDEX `usage_sessions_last_idx` ON `usage_sessions` (`last_at`);