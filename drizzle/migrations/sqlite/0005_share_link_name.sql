ALTER TABLE `share_links` ADD `name` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `share_links` ADD `last_used_at` integer;