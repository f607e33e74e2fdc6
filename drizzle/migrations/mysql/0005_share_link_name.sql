ALTER TABLE `share_links` ADD `name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `share_links` ADD `last_used_at` bigint;