-- A list of ids needs the primary key's name: a small table is scanned without it, and a scan waits for others' locks.

-- name: insert_waiting
INSERT INTO :schema.`waiting` (`run_id`, `sack_id`, `item_key`, `attempts`, `due_at`, `error_class`, `reason`,
    `first_at`)
VALUES

-- name: insert_waiting_row
(:run, :sack, :key, :attempts, UTC_TIMESTAMP(6) + INTERVAL :delay MICROSECOND, :error_class, :reason, UTC_TIMESTAMP(6))

-- name: due_waiting
-- Exactly the index's filter and order: with any other, the first claim locks every candidate and the next finds none.
SELECT `id`, `sack_id`, `item_key`, `attempts`, `error_class`, `reason`, DATE_FORMAT(`first_at`, '%Y-%m-%dT%H:%i:%sZ')
FROM :schema.`waiting` FORCE INDEX (`due`)
WHERE `run_id` = :run AND `due_at` <= UTC_TIMESTAMP(6) ORDER BY `due_at`, `id` LIMIT :most FOR UPDATE SKIP LOCKED;

-- name: take_waiting
-- From now on `due_at` is the end of the lease.
UPDATE :schema.`waiting` FORCE INDEX (PRIMARY) SET `token` = :token, `worker_id` = :worker, `attempts` = `attempts` + 1,
    `due_at` = UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND
WHERE `id` IN (:ids);

-- name: renew_waiting
UPDATE :schema.`waiting` FORCE INDEX (PRIMARY) SET `due_at` = UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND
WHERE `id` IN (:ids) AND `token` IN (:tokens);

-- name: lock_waiting
SELECT `id`, `token`, DATE_FORMAT(`first_at`, '%Y-%m-%d %H:%i:%s.%f')
FROM :schema.`waiting` FORCE INDEX (PRIMARY)
WHERE `id` IN (:ids) ORDER BY `id` FOR UPDATE;

-- name: wait_again
UPDATE :schema.`waiting` FORCE INDEX (PRIMARY) SET `token` = NULL, `worker_id` = NULL, `attempts` = :attempts,
    `due_at` = UTC_TIMESTAMP(6) + INTERVAL :delay MICROSECOND, `error_class` = :error_class, `reason` = :reason
WHERE `id` = :id;

-- name: next_waiting
SELECT GREATEST(0, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), `due_at`)) FROM :schema.`waiting` FORCE INDEX (`due`)
WHERE `run_id` = :run ORDER BY `due_at`, `id` LIMIT 1;

-- name: waiting_of_worker
SELECT `id` FROM :schema.`waiting` FORCE INDEX (`of_worker`) WHERE `worker_id` = :worker ORDER BY `id`;

-- name: lock_waiting_of_worker
-- One that a pending transaction still holds is skipped: it is settled there, or due when its lease ends.
SELECT `id` FROM :schema.`waiting` FORCE INDEX (PRIMARY)
WHERE `id` IN (:ids) AND `worker_id` = :worker ORDER BY `id` FOR UPDATE SKIP LOCKED;

-- name: return_waiting
UPDATE :schema.`waiting` FORCE INDEX (PRIMARY)
SET `token` = NULL, `worker_id` = NULL, `due_at` = UTC_TIMESTAMP(6) WHERE `id` IN (:ids);

-- name: wait_from_dead_letters
-- Without its class: what failed before the retry does not count against it.
INSERT INTO :schema.`waiting` (`run_id`, `sack_id`, `item_key`, `attempts`, `due_at`, `error_class`, `reason`,
    `first_at`)
SELECT `run_id`, `sack_id`, `item_key`, 0, UTC_TIMESTAMP(6), '', `reason`, `first_at`
FROM :schema.`dead_letters` FORCE INDEX (PRIMARY) WHERE `id` IN (:ids) ORDER BY `id`;
