CREATE TABLE `notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`channel_id` text NOT NULL,
	`event` text NOT NULL,
	`subject` text NOT NULL,
	`episode` text NOT NULL,
	`facts` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`due_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notifications_once_idx` ON `notifications` (`channel_id`,`event`,`subject`,`episode`);--> statement-breakpoint
CREATE INDEX `notifications_due_idx` ON `notifications` (`status`,`due_at`);--> statement-breakpoint
CREATE INDEX `notifications_episode_idx` ON `notifications` (`episode`);--> statement-breakpoint
CREATE INDEX `notifications_created_idx` ON `notifications` (`created_at`);--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `shown` text;--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `last_success_at` integer;--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `last_error_at` integer;--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `last_error_reason` text;--> statement-breakpoint
ALTER TABLE `notification_channels` ADD `last_error` text;