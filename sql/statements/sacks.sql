-- name: sack_columns
`id`, `run_id`, `ordinal`, `after_key`, `upto_key`, `low`, `above`, `fence`, `seq`, `row_count`, `row_count_exact`,
`succeeded`, `skipped`, `failed`, `state`

-- name: advance_walk
-- Conditional on where the walk stood: of two processes that walk, one is turned away.
UPDATE :schema.`runs` SET `walk_position` = :walked_to, `walk_done` = :walk_done, `sack_count` = `sack_count` + :count
WHERE `id` = :run AND `walk_position` = :walked_from AND `walk_done` = FALSE AND `state` NOT IN ('succeeded', 'cancelled');

-- name: sack_count
SELECT `sack_count` FROM :schema.`runs` WHERE `id` = :run;

-- name: insert_sacks
INSERT INTO :schema.`sacks` (`run_id`, `ordinal`, `after_key`, `upto_key`, `low`, `above`, `row_count`,
    `row_count_exact`)
VALUES

-- name: insert_sacks_row
(:run, :ordinal, :after, :upto, :after, '', :rows, :rows_exact)

-- name: next_pending_sack
-- The index is named because a small table would tempt the optimizer to another one, which locks more than one row.
SELECT {sack_columns} FROM :schema.`sacks` FORCE INDEX (`claim`)
WHERE `run_id` = :run AND `state` = 'pending' ORDER BY `ordinal` LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: orphaned_sacks
-- Those that nobody works on any more; a worker's own are its own, however late its lease. A plain read: what it finds is checked again under the lock.
SELECT `s`.`id`, `s`.`fence` FROM :schema.`sacks` AS `s` FORCE INDEX (`claim`)
LEFT JOIN :schema.`workers` AS `w` ON `w`.`id` = `s`.`worker_id`
WHERE `s`.`run_id` = :run AND `s`.`state` = 'running'
    AND (`w`.`id` IS NULL OR (`w`.`id` <> :worker AND `w`.`lease_expires_at` < UTC_TIMESTAMP(6)))
ORDER BY `s`.`id`;

-- name: lock_orphaned_sack
-- Skipped while a transaction of its last worker is still pending: it may yet complete the sack.
SELECT {sack_columns} FROM :schema.`sacks`
WHERE `id` = :sack AND `fence` = :fence AND `state` = 'running' FOR UPDATE SKIP LOCKED;

-- name: take_sack
-- Only for a worker that is still on the list: one that was declared gone while it slept begins nothing more.
UPDATE :schema.`sacks` SET `state` = 'running', `worker_id` = :worker, `fence` = `fence` + :step, `split_wanted` = FALSE,
    `split_asked_at` = NULL
WHERE `id` = :sack AND EXISTS (SELECT 1 FROM :schema.`workers` AS `w` WHERE `w`.`id` = :worker);

-- name: release_sack
UPDATE :schema.`sacks` SET `state` = 'pending', `worker_id` = NULL
WHERE `id` = :sack AND `fence` = :fence AND `state` = 'running';

-- name: open_sacks
-- One statement, so that all of it is of one moment: a sack that is given back is never in neither count.
SELECT
    (SELECT COUNT(*) FROM (SELECT 1 FROM :schema.`sacks` FORCE INDEX (`claim`)
     WHERE `run_id` = :run AND `state` = 'pending' LIMIT :most) AS `pending`),
    (SELECT COUNT(*) FROM (SELECT 1 FROM :schema.`sacks` FORCE INDEX (`claim`)
     WHERE `run_id` = :run AND `state` = 'running' LIMIT :most) AS `running`),
    `walk_done`, `walk_position`,
    COALESCE((SELECT MIN(`w`.`id`) FROM :schema.`workers` AS `w` FORCE INDEX (`of_run`)
     WHERE `w`.`run_id` = :run AND `w`.`lease_expires_at` >= UTC_TIMESTAMP(6)), 0),
    (SELECT COUNT(*) FROM :schema.`workers` AS `w` FORCE INDEX (`of_run`) WHERE `w`.`run_id` = :run)
FROM :schema.`runs` WHERE `id` = :run;

-- name: sacks_to_ask_for
-- Another's, not asked for just now. Where it is not known how many rows are left, the one whose turn is the longest ago.
SELECT `id` FROM :schema.`sacks` FORCE INDEX (`claim`)
WHERE `run_id` = :run AND `state` = 'running' AND `worker_id` <> :worker
    AND (`split_asked_at` IS NULL OR `split_asked_at` < UTC_TIMESTAMP(6) - INTERVAL 1 SECOND)
ORDER BY `split_wanted`,
    GREATEST(`row_count`, `succeeded` + `skipped` + `failed`) - (`succeeded` + `skipped` + `failed`) DESC,
    `split_asked_at`, `id`
LIMIT 4;

-- name: lock_sack_to_ask_for
-- Skipped while its owner writes a checkpoint, or sleeps in the middle of one.
SELECT `id` FROM :schema.`sacks`
WHERE `id` = :sack AND `state` = 'running' AND `worker_id` <> :worker
    AND (`split_asked_at` IS NULL OR `split_asked_at` < UTC_TIMESTAMP(6) - INTERVAL 1 SECOND)
FOR UPDATE SKIP LOCKED;

-- name: want_split
UPDATE :schema.`sacks` SET `split_wanted` = TRUE, `split_asked_at` = UTC_TIMESTAMP(6) WHERE `id` = :sack;

-- name: wanted_splits
SELECT `id` FROM :schema.`sacks` FORCE INDEX (`claim`)
WHERE `run_id` = :run AND `state` = 'running' AND `worker_id` = :worker AND `split_wanted` ORDER BY `id`;

-- name: decline_split
UPDATE :schema.`sacks` SET `split_wanted` = FALSE WHERE `id` = :sack AND `fence` = :fence AND `state` = 'running';

-- name: run_of_sack
SELECT `run_id` FROM :schema.`sacks` WHERE `id` = :sack;

-- name: count_sack
-- The run's row first, as where sacks are planned.
UPDATE :schema.`runs` SET `sack_count` = `sack_count` + 1 WHERE `id` = :run AND `state` NOT IN ('succeeded', 'cancelled');

-- name: shorten_sack
-- `seq` stays: a checkpoint that is on its way is as good as before, since the new end lies above all that it may tell of.
UPDATE :schema.`sacks` SET `upto_key` = :middle, `row_count` = :rows, `split_wanted` = FALSE
WHERE `id` = :sack AND `fence` = :fence AND `state` = 'running' AND `upto_key` = :upto;

-- name: insert_split_sack
INSERT INTO :schema.`sacks` (`run_id`, `ordinal`, `after_key`, `upto_key`, `low`, `above`, `row_count`,
    `row_count_exact`)
SELECT `s`.`run_id`, `r`.`sack_count` - 1, :middle, :upto, :middle, '', :rows, `s`.`row_count_exact`
FROM :schema.`sacks` AS `s` JOIN :schema.`runs` AS `r` ON `r`.`id` = `s`.`run_id` WHERE `s`.`id` = :sack;

-- name: glance_at_sacks
-- Not sorted, and not by an index where the run is most of the table: to look up each row takes four times as long. By the index that is left
-- out they would come state by state. How far a sack is counts only for what is begun.
SELECT `ordinal`, `after_key`, `upto_key`, IF(`state` = 'done', NULL, NULLIF(`low`, `after_key`)), `row_count`,
    `succeeded` + `skipped` + `failed`, `failed`, `state`
FROM :schema.`sacks` IGNORE INDEX (`claim`) WHERE `run_id` = :run;

-- name: begun_sacks
SELECT {sack_columns} FROM :schema.`sacks` FORCE INDEX (`claim`)
WHERE `run_id` = :run AND (`state` = 'running' OR `state` = 'pending' AND `seq` > 0) ORDER BY `ordinal`;

-- name: running_sacks_of_worker
-- A plain read: a locking one would wait for all of the run's checkpoints, and hold up those of the sacks it has passed.
SELECT {sack_columns} FROM :schema.`sacks` FORCE INDEX (`claim`)
WHERE `run_id` = :run AND `state` = 'running' AND `worker_id` = :worker ORDER BY `id`;

-- name: checkpoint
-- The server reads and executes this with every batch: it says no more than it must.
UPDATE :schema.`sacks` SET `seq` = `seq` + 1, `low` = :low, `above` = :above, `succeeded` = `succeeded` + :succeeded,
    `skipped` = `skipped` + :skipped, `failed` = `failed` + :failed, `checkpointed_at` = UTC_TIMESTAMP(6)
WHERE `id` = :sack AND `fence` = :fence AND `seq` = :seq;

-- name: complete_sack
-- Its last checkpoint. It is done where it ends in the store: after a failover that lost a split, its owner would end it in the middle.
UPDATE :schema.`sacks` SET `seq` = `seq` + 1, `low` = :low, `above` = :above, `succeeded` = `succeeded` + :succeeded,
    `skipped` = `skipped` + :skipped, `failed` = `failed` + :failed, `state` = 'done', `checkpointed_at` = UTC_TIMESTAMP(6)
WHERE `id` = :sack AND `fence` = :fence AND `seq` = :seq AND `upto_key` = :low;

-- name: lock_sack
SELECT {sack_columns} FROM :schema.`sacks` WHERE `id` = :sack FOR UPDATE;

-- name: run_holds_token
-- Read apart from the sack: joined, the locking read would lock the run's row too.
SELECT COUNT(*) FROM :schema.`runs` WHERE `id` = :run AND `token` = :token;

-- name: runs_of_sacks
SELECT `id`, `run_id` FROM :schema.`sacks` WHERE `id` IN (:ids);

-- name: add_to_sack
-- What became of items that had waited: the sack's own checkpoint is not touched.
UPDATE :schema.`sacks` SET `succeeded` = `succeeded` + :succeeded, `skipped` = `skipped` + :skipped,
    `failed` = `failed` + :failed, `checkpointed_at` = UTC_TIMESTAMP(6)
WHERE `id` = :sack;

-- name: take_off_failures
UPDATE :schema.`sacks` SET `failed` = `failed` - LEAST(`failed`, :count) WHERE `id` = :sack;

-- name: pending_sacks
SELECT `id` FROM :schema.`sacks` FORCE INDEX (`claim`)
WHERE `run_id` = :run AND `state` = 'pending' ORDER BY `ordinal`;

-- name: lock_pending_sack
SELECT {sack_columns} FROM :schema.`sacks` WHERE `id` = :sack AND `state` = 'pending' FOR UPDATE SKIP LOCKED;
