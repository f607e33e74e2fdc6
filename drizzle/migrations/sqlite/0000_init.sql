CREATE TABLE `account_events` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`at` integer NOT NULL,
	`from_state` text NOT NULL,
	`to_state` text NOT NULL,
	`reason` text,
	`evidence` text,
	`until` integer,
	`by_user_id` text
);
--> statement-breakpoint
CREATE INDEX `account_events_account_idx` ON `account_events` (`account_id`,`at`);--> statement-breakpoint
CREATE TABLE `accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`group_id` text,
	`name` text NOT NULL,
	`platform` text NOT NULL,
	`base_url` text,
	`credentials` text NOT NULL,
	`credentials_hint` text,
	`proxy_url` text,
	`proxy_hint` text,
	`options` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`priority` integer DEFAULT 100 NOT NULL,
	`weight` integer DEFAULT 100 NOT NULL,
	`max_concurrency` integer DEFAULT 0 NOT NULL,
	`models` text NOT NULL,
	`model_map` text NOT NULL,
	`daily_limit_nano` integer,
	`state_name` text DEFAULT 'normal' NOT NULL,
	`state_reason` text,
	`state_evidence` text,
	`state_since` integer NOT NULL,
	`state_until` integer,
	`state_next_probe` integer,
	`state_failures` integer DEFAULT 0 NOT NULL,
	`model_limits` text NOT NULL,
	`windows` text NOT NULL,
	`token_generation` integer DEFAULT 0 NOT NULL,
	`token_expires_at` integer,
	`last_used_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `accounts_owner_idx` ON `accounts` (`owner_id`);--> statement-breakpoint
CREATE INDEX `accounts_group_idx` ON `accounts` (`group_id`);--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`group_id` text,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`prefix` text NOT NULL,
	`last_four` text NOT NULL,
	`sealed_key` text,
	`enabled` integer DEFAULT true NOT NULL,
	`expires_at` integer,
	`expires_in_days` integer,
	`first_used_at` integer,
	`last_used_at` integer,
	`models` text NOT NULL,
	`ip_allow` text NOT NULL,
	`clients` text NOT NULL,
	`limits` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash_idx` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE INDEX `api_keys_owner_idx` ON `api_keys` (`owner_id`);--> statement-breakpoint
CREATE INDEX `api_keys_group_idx` ON `api_keys` (`group_id`);--> statement-breakpoint
CREATE TABLE `api_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`user_id` text,
	`method` text NOT NULL,
	`path` text NOT NULL,
	`status` integer NOT NULL,
	`duration_ms` integer NOT NULL,
	`ip` text,
	`user_agent` text,
	`error_code` text
);
--> statement-breakpoint
CREATE INDEX `api_logs_created_idx` ON `api_logs` (`created_at`);--> statement-breakpoint
CREATE TABLE `audit_logs` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`user_id` text,
	`user_name` text,
	`action` text NOT NULL,
	`target_type` text NOT NULL,
	`target_id` text,
	`target_name` text,
	`before` text,
	`after` text,
	`ip` text
);
--> statement-breakpoint
CREATE INDEX `audit_logs_created_idx` ON `audit_logs` (`created_at`);--> statement-breakpoint
CREATE INDEX `audit_logs_target_idx` ON `audit_logs` (`target_type`,`target_id`);--> statement-breakpoint
CREATE TABLE `changes` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`ref_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `changes_at_idx` ON `changes` (`at`);--> statement-breakpoint
CREATE TABLE `codes` (
	`id` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`subject` text NOT NULL,
	`user_id` text,
	`code_hash` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE INDEX `codes_subject_idx` ON `codes` (`purpose`,`subject`);--> statement-breakpoint
CREATE TABLE `groups` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`name` text NOT NULL,
	`remark` text,
	`enabled` integer DEFAULT true NOT NULL,
	`multiplier_bp` integer DEFAULT 10000 NOT NULL,
	`price_by` text DEFAULT 'asked' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `groups_owner_idx` ON `groups` (`owner_id`);--> statement-breakpoint
CREATE TABLE `instances` (
	`id` text PRIMARY KEY NOT NULL,
	`host` text NOT NULL,
	`pid` integer NOT NULL,
	`version` text NOT NULL,
	`started_at` integer NOT NULL,
	`heartbeat_at` integer NOT NULL,
	`stopped_at` integer
);
--> statement-breakpoint
CREATE TABLE `invites` (
	`id` text PRIMARY KEY NOT NULL,
	`code_hash` text NOT NULL,
	`created_by` text NOT NULL,
	`email` text,
	`max_uses` integer DEFAULT 1 NOT NULL,
	`uses` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invites_code_hash_idx` ON `invites` (`code_hash`);--> statement-breakpoint
CREATE TABLE `journal_cursors` (
	`file` text PRIMARY KEY NOT NULL,
	`offset` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `leases` (
	`name` text PRIMARY KEY NOT NULL,
	`holder` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `logs` (
	`request_id` text PRIMARY KEY NOT NULL,
	`upstream_request_id` text,
	`created_at` integer NOT NULL,
	`started_at` integer NOT NULL,
	`user_id` text,
	`user_name` text,
	`api_key_id` text,
	`key_name` text,
	`group_id` text,
	`group_name` text,
	`account_id` text,
	`account_name` text,
	`platform` text,
	`model` text,
	`served_model` text,
	`stream` integer NOT NULL,
	`status` integer NOT NULL,
	`outcome` text NOT NULL,
	`error_type` text,
	`error_message` text,
	`usage_complete` integer NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`cache_read_tokens` integer DEFAULT 0 NOT NULL,
	`cache_write5m_tokens` integer DEFAULT 0 NOT NULL,
	`cache_write1h_tokens` integer DEFAULT 0 NOT NULL,
	`thinking_tokens` integer DEFAULT 0 NOT NULL,
	`web_searches` integer DEFAULT 0 NOT NULL,
	`service_tier` text,
	`speed` text,
	`inference_geo` text,
	`stop_reason` text,
	`priced` integer NOT NULL,
	`price_version` text,
	`cost_parts` text,
	`cost_nano` integer DEFAULT 0 NOT NULL,
	`billed_nano` integer DEFAULT 0 NOT NULL,
	`ttfb_ms` integer,
	`duration_ms` integer NOT NULL,
	`attempts` text NOT NULL,
	`client_version` text,
	`session_id` text,
	`agent_id` text,
	`ip` text
);
--> statement-breakpoint
CREATE INDEX `logs_created_idx` ON `logs` (`created_at`);--> statement-breakpoint
CREATE INDEX `logs_key_created_idx` ON `logs` (`api_key_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `logs_account_created_idx` ON `logs` (`account_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `logs_user_created_idx` ON `logs` (`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `logs_session_created_idx` ON `logs` (`session_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `logs_upstream_request_idx` ON `logs` (`upstream_request_id`);--> statement-breakpoint
CREATE TABLE `notification_channels` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`config` text NOT NULL,
	`events` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `notification_channels_owner_idx` ON `notification_channels` (`owner_id`);--> statement-breakpoint
CREATE TABLE `prices` (
	`id` text PRIMARY KEY NOT NULL,
	`model` text NOT NULL,
	`price` text NOT NULL,
	`source` text,
	`version` text NOT NULL,
	`created_by` text,
	`created_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `prices_model_idx` ON `prices` (`model`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`ip` text,
	`user_agent` text,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sessions_user_idx` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_expires_idx` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `settings` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updated_by` text,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `share_links` (
	`id` text PRIMARY KEY NOT NULL,
	`key_id` text NOT NULL,
	`token_hash` text NOT NULL,
	`scope` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `share_links_token_idx` ON `share_links` (`token_hash`);--> statement-breakpoint
CREATE INDEX `share_links_key_idx` ON `share_links` (`key_id`);--> statement-breakpoint
CREATE TABLE `task_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`task` text NOT NULL,
	`instance_id` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text,
	`result` text
);
--> statement-breakpoint
CREATE INDEX `task_runs_task_idx` ON `task_runs` (`task`,`started_at`);--> statement-breakpoint
CREATE TABLE `usage_daily` (
	`scope` text NOT NULL,
	`scope_id` text NOT NULL,
	`day` text NOT NULL,
	`requests` integer DEFAULT 0 NOT NULL,
	`errors` integer DEFAULT 0 NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`cache_read_tokens` integer DEFAULT 0 NOT NULL,
	`cache_write5m_tokens` integer DEFAULT 0 NOT NULL,
	`cache_write1h_tokens` integer DEFAULT 0 NOT NULL,
	`cost_nano` integer DEFAULT 0 NOT NULL,
	`billed_nano` integer DEFAULT 0 NOT NULL,
	`ttfb_ms_sum` integer DEFAULT 0 NOT NULL,
	`ttfb_count` integer DEFAULT 0 NOT NULL,
	`duration_ms_sum` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`scope`, `scope_id`, `day`)
);
--> statement-breakpoint
CREATE INDEX `usage_daily_day_idx` ON `usage_daily` (`day`);--> statement-breakpoint
CREATE TABLE `usage_hourly` (
	`hour` integer NOT NULL,
	`user_id` text NOT NULL,
	`api_key_id` text NOT NULL,
	`account_id` text NOT NULL,
	`model` text NOT NULL,
	`requests` integer DEFAULT 0 NOT NULL,
	`errors` integer DEFAULT 0 NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`cache_read_tokens` integer DEFAULT 0 NOT NULL,
	`cache_write5m_tokens` integer DEFAULT 0 NOT NULL,
	`cache_write1h_tokens` integer DEFAULT 0 NOT NULL,
	`cost_nano` integer DEFAULT 0 NOT NULL,
	`billed_nano` integer DEFAULT 0 NOT NULL,
	`ttfb_ms_sum` integer DEFAULT 0 NOT NULL,
	`ttfb_count` integer DEFAULT 0 NOT NULL,
	`duration_ms_sum` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`hour`, `user_id`, `api_key_id`, `account_id`, `model`)
);
--> statement-breakpoint
CREATE INDEX `usage_hourly_key_idx` ON `usage_hourly` (`api_key_id`,`hour`);--> statement-breakpoint
CREATE INDEX `usage_hourly_account_idx` ON `usage_hourly` (`account_id`,`hour`);--> statement-breakpoint
CREATE INDEX `usage_hourly_user_idx` ON `usage_hourly` (`user_id`,`hour`);--> statement-breakpoint
CREATE TABLE `usage_sessions` (
	`api_key_id` text NOT NULL,
	`session_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`user_id` text NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	`requests` integer DEFAULT 0 NOT NULL,
	`errors` integer DEFAULT 0 NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`cache_read_tokens` integer DEFAULT 0 NOT NULL,
	`cache_write5m_tokens` integer DEFAULT 0 NOT NULL,
	`cache_write1h_tokens` integer DEFAULT 0 NOT NULL,
	`cost_nano` integer DEFAULT 0 NOT NULL,
	`billed_nano` integer DEFAULT 0 NOT NULL,
	`ttfb_ms_sum` integer DEFAULT 0 NOT NULL,
	`ttfb_count` integer DEFAULT 0 NOT NULL,
	`duration_ms_sum` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`api_key_id`, `session_id`, `agent_id`)
);
--> statement-breakpoint
CREATE INDEX `usage_sessions_user_idx` ON `usage_sessions` (`user_id`,`last_at`);--> statement-breakpoint
CREATE INDEX `usage_sessions_last_idx` ON `usage_sessions` (`last_at`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`username` text NOT NULL,
	`username_key` text NOT NULL,
	`email` text,
	`email_key` text,
	`password_hash` text NOT NULL,
	`role` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`must_change_password` integer DEFAULT false NOT NULL,
	`shared_pool` integer DEFAULT false NOT NULL,
	`locale` text,
	`last_login_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_username_key_idx` ON `users` (`username_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_key_idx` ON `users` (`email_key`);