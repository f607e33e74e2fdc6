CREATE TABLE `notifications` (
	`id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`channel_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`event` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`subject` varchar(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`episode` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`facts` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`status` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`attempts` int NOT NULL DEFAULT 0,
	`due_at` bigint NOT NULL,
	`created_at` bigint NOT NULL,
	`ended_at` bigint,
	CONSTRAINT `notifications_id` PRIMARY KEY(`id`),
	CONSTRAINT `notifications_once_idx` UNIQUE(`channel_id`,`event`,`subject`,`episode`)
);
--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `shown` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `last_success_at` bigint;--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `last_error_at` bigint;--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `last_error_reason` varchar(32) CHARACTER SET ascii COLLATE ascii_bin;--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `last_error` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;--> statement-breakpoint
CREATE INDEX `notifications_due_idx` ON `notifications` (`status`,`due_at`);--> statement-breakpoint
CREATE INDEX `notifications_episode_idx` ON `notifications` (`episode`);--> statement-breakpoint
CREATE INDEX `notifications_created_idx` ON `notifications` (`created_at`);