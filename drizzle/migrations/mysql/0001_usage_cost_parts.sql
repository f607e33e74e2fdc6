ALTER TABLE `usage_daily` ADD `cost_input_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_daily` ADD `cost_output_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_daily` ADD `cost_cache_read_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_daily` ADD `cost_cache_write_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_daily` ADD `cost_web_search_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_hourly` ADD `cost_input_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_hourly` ADD `cost_output_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_hourly` ADD `cost_cache_read_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_hourly` ADD `cost_cache_write_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_hourly` ADD `cost_web_search_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_sessions` ADD `cost_input_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_sessions` ADD `cost_output_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_sessions` ADD `cost_cache_read_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_sessions` ADD `cost_cache_write_nano` bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `usage_sessions` ADD `cost_web_search_nano` bigint DEFAULT 0 NOT NULL;