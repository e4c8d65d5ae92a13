-- name: run_columns
`id`, `job`, `identity`, `fingerprint`, `params`, `settings`, `server`, `token`, `state`, `desired_state`,
`bound_after`, `bound_upto`, `bound_empty`, `walk_position`, `walk_done`,
DATE_FORMAT(`started_at`, '%Y-%m-%dT%H:%i:%sZ'), DATE_FORMAT(`finished_at`, '%Y-%m-%dT%H:%i:%sZ'),
(SELECT DATE_FORMAT(MAX(`s`.`checkpointed_at`), '%Y-%m-%dT%H:%i:%sZ') FROM :schema.`sacks` AS `s`
 WHERE `s`.`run_id` = `r`.`id`),
`last_error`, `worked_seconds`, `definition`, `live_settings`

-- name: create_run
INSERT INTO :schema.`runs` (`job`, `identity`, `fingerprint`, `params`, `settings`, `server`, `token`,
    `bound_after`, `bound_upto`, `bound_empty`, `walk_position`, `started_at`, `definition`)
VALUES (:job, :identity, :fingerprint, :params, :settings, :server, :token,
    :bound_after, :bound_upto, :bound_empty, '', UTC_TIMESTAMP(6), :definition);

-- name: find_run
SELECT {run_columns} FROM :schema.`runs` AS `r` WHERE `id` = :run;

-- name: lock_run
SELECT {run_columns} FROM :schema.`runs` AS `r` WHERE `id` = :run FOR UPDATE;

-- name: list_runs
SELECT {run_columns} FROM :schema.`runs` AS `r` ORDER BY `id` DESC LIMIT :most;

-- name: unfinished_run
SELECT {run_columns} FROM :schema.`runs` AS `r` WHERE `unfinished_identity` = :identity;

-- name: newest_succeeded
-- Also one that was cancelled while its dead letters were tried again. One that was forgotten for a new start has no sacks.
SELECT {run_columns} FROM :schema.`runs` AS `r` WHERE `identity` = :identity AND (`state` = 'succeeded'
    OR (`state` = 'cancelled' AND JSON_CONTAINS(`settings`, 'true', '$.has_succeeded')
        AND EXISTS (SELECT 1 FROM :schema.`sacks` AS `s` WHERE `s`.`run_id` = `r`.`id`)))
ORDER BY `id` DESC LIMIT 1;

-- name: set_run_state
-- What has succeeded or was cancelled stays so: a process that was slow to notice must not reopen it.
UPDATE :schema.`runs` SET `state` = :state, `last_error` = :last_error,
    `finished_at` = IF(:finished, UTC_TIMESTAMP(6), NULL)
WHERE `id` = :run AND `state` NOT IN ('succeeded', 'cancelled');

-- name: set_fingerprint
UPDATE :schema.`runs` SET `fingerprint` = :fingerprint WHERE `id` = :run;

-- name: set_definition
UPDATE :schema.`runs` SET `definition` = :definition WHERE `id` = :run;

-- name: reopen_run
-- Its identity is among the unfinished ones again: the unique key refuses a second.
UPDATE :schema.`runs` SET `state` = 'interrupted', `finished_at` = NULL, `last_error` = NULL
WHERE `id` = :run AND `state` IN ('succeeded', 'failed', 'interrupted');

-- name: add_worked_seconds
UPDATE :schema.`runs` SET `worked_seconds` = `worked_seconds` + :seconds WHERE `id` = :run;

-- name: run_totals
SELECT COUNT(*), COALESCE(SUM(`state` = 'done'), 0), COALESCE(SUM(`state` = 'running'), 0),
    COALESCE(SUM(`row_count`), 0), COALESCE(SUM(IF(`state` = 'done', `row_count`, 0)), 0),
    COALESCE(MIN(`row_count_exact`), 1),
    COALESCE(SUM(`succeeded`), 0), COALESCE(SUM(`skipped`), 0), COALESCE(SUM(`failed`), 0),
    (SELECT COUNT(*) FROM :schema.`dead_letters` WHERE `run_id` = :run),
    (SELECT COUNT(*) FROM :schema.`waiting` WHERE `run_id` = :run)
FROM :schema.`sacks` WHERE `run_id` = :run;

-- Forgetting a run: ids are read, then deleted by primary key, so that no index range is locked.

-- name: listed
-- Ids as a table, to be joined with STRAIGHT_JOIN: each is then looked up by itself. `DELETE … WHERE id IN (…)` scans a
-- table that is small, whatever index is forced on it, and waits for every lock it meets on the way: two that settle
-- different items, a deadlock.
JSON_TABLE(JSON_ARRAY(:ids), '$[*]' COLUMNS (`id` BIGINT UNSIGNED PATH '$')) AS `listed`

-- name: some_sacks_of_run
SELECT `id` FROM :schema.`sacks` WHERE `run_id` = :run ORDER BY `ordinal` LIMIT 1000;

-- name: delete_sacks
DELETE :schema.`sacks`
FROM {listed} STRAIGHT_JOIN :schema.`sacks` FORCE INDEX (PRIMARY) ON :schema.`sacks`.`id` = `listed`.`id`;

-- name: some_waiting_of_run
SELECT `id` FROM :schema.`waiting` WHERE `run_id` = :run ORDER BY `due_at`, `id` LIMIT 1000;

-- name: delete_waiting
DELETE :schema.`waiting`
FROM {listed} STRAIGHT_JOIN :schema.`waiting` FORCE INDEX (PRIMARY) ON :schema.`waiting`.`id` = `listed`.`id`;

-- name: some_dead_letters_of_run
SELECT `id` FROM :schema.`dead_letters` WHERE `run_id` = :run ORDER BY `id` LIMIT 1000;

-- name: delete_dead_letters
DELETE :schema.`dead_letters`
FROM {listed} STRAIGHT_JOIN :schema.`dead_letters` FORCE INDEX (PRIMARY) ON :schema.`dead_letters`.`id` = `listed`.`id`;

-- name: some_workers_of_run
SELECT `id` FROM :schema.`workers` WHERE `run_id` = :run ORDER BY `id` LIMIT 1000;

-- name: delete_workers
DELETE :schema.`workers`
FROM {listed} STRAIGHT_JOIN :schema.`workers` FORCE INDEX (PRIMARY) ON :schema.`workers`.`id` = `listed`.`id`;
