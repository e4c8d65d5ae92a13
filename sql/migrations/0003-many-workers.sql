-- What workers of one run, and those who steer it, tell each other. Each statement is one ALTER of one part, so that "it is
-- there already", as a migration that was cut off half-way meets it, says that the statement was done.

-- JSON: what `rowmill set` has changed of the job's settings, key by key as text. NULL: nothing.
ALTER TABLE :schema.`runs` ADD COLUMN `live_settings` MEDIUMTEXT NULL;

-- Raised whenever the desired state or the live settings change, so that a worker sees at a glance that nothing has.
ALTER TABLE :schema.`runs` ADD COLUMN `control_seq` BIGINT UNSIGNED NOT NULL DEFAULT 0;

-- JSON: how a worker gets on, told about once a second, for `status`.
ALTER TABLE :schema.`workers` ADD COLUMN `report` MEDIUMTEXT NULL;

-- When the server had been started on which the connection ids are: after a restart they are others'.
ALTER TABLE :schema.`workers` ADD COLUMN `server_started_at` DATETIME NULL;

-- Which server that is.
ALTER TABLE :schema.`workers` ADD COLUMN `connected_to` VARCHAR(512) NULL;

-- An idle worker would like the upper part of the sack. The owner splits it, or says no by taking the wish away; since when
-- there was one is kept, so that nobody asks again at once.
ALTER TABLE :schema.`sacks` ADD COLUMN `split_wanted` BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE :schema.`sacks` ADD COLUMN `split_asked_at` DATETIME(6) NULL;
