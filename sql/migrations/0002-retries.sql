-- What retries need. Each statement is one ALTER of one part, so that "it is there already" (or "gone already"), as a
-- migration that was cut off half-way meets it, says that the statement was done.

-- JSON: how to find the job again (its file, or the flags it was begun with), for who has only the run's id. It holds no
-- secrets. NULL: the run is older than this column.
ALTER TABLE :schema.`runs` ADD COLUMN `definition` MEDIUMTEXT NULL;

-- What a worker that is gone has claimed.
ALTER TABLE :schema.`waiting` ADD KEY `of_worker` (`worker_id`, `id`);

-- Of an item that is claimed, `due_at` is the end of the lease: then it is due for others, in the order of one index.
ALTER TABLE :schema.`waiting` DROP COLUMN `lease_expires_at`;

-- What was read of the row, as JSON. NULL: the dead letter is older than this column.
ALTER TABLE :schema.`dead_letters` ADD COLUMN `item` TEXT NULL;
