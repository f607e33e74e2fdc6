CREATE TABLE `unpriced` (
	`request_id` varchar(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`model` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	`tokens` bigint NOT NULL,
	`created_at` bigint NOT NULL,
	CONSTRAINT `unpriced_request_id` PRIMARY KEY(`request_id`)
);
--> statement-breakpoint
ALTER TABLE `logs` ADD `multiplier_bp` int DEFAULT 10000 NOT NULL;--> statement-breakpoint
ALTER TABLE `logs` ADD `price_by` varchar(8) CHARACTER SET ascii COLLATE ascii_bin DEFAULT 'asked' NOT NULL;--> statement-breakpoint
ALTER TABLE `logs` ADD `price_version_before` varchar(64) CHARACTER SET ascii COLLATE ascii_bin;--> statement-breakpoint
ALTER TABLE `logs` ADD `repriced_at` bigint;--> statement-breakpoint
ALTER TABLE `prices` ADD `kind` varchar(16) CHARACTER SET ascii COLLATE ascii_bin DEFAULT 'own' NOT NULL;--> statement-breakpoint
ALTER TABLE `prices` ADD `deleted_by` varchar(40) CHARACTER SET ascii COLLATE ascii_bin;--> statement-breakpoint
CREATE INDEX `unpriced_model_idx` ON `unpriced` (`model`,`request_id`);--> statement-breakpoint
CREATE INDEX `prices_version_idx` ON `prices` (`version`);