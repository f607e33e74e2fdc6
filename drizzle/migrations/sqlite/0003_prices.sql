CREATE TABLE `unpriced` (
	`request_id` text PRIMARY KEY NOT NULL,
	`model` text NOT NULL,
	`tokens` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `unpriced_model_idx` ON `unpriced` (`model`,`request_id`);--> statement-breakpoint
ALTER TABLE `logs` ADD `multiplier_bp` integer DEFAULT 10000 NOT NULL;--> statement-breakpoint
ALTER TABLE `logs` ADD `price_by` text DEFAULT 'asked' NOT NULL;--> statement-breakpoint
ALTER TABLE `logs` ADD `price_version_before` text;--> statement-breakpoint
ALTER TABLE `logs` ADD `repriced_at` integer;--> statement-breakpoint
ALTER TABLE `prices` ADD `kind` text DEFAULT 'own' NOT NULL;--> statement-breakpoint
ALTER TABLE `prices` ADD `deleted_by` text;--> statement-breakpoint
CREATE INDEX `prices_version_idx` ON `prices` (`version`);