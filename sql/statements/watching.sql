-- What is kept of a run for those who look at it: lines of its log, and how fast it went.

-- name: insert_notes
INSERT INTO :schema.`notes` (`run_id`, `noted_at`, `worker`, `is_warning`, `line`)
VALUES

-- name: insert_notes_row
-- By the server's clock, though it was noted a while before.
(:run, UTC_TIMESTAMP(6) - INTERVAL :ago MICROSECOND, :worker, :is_warning, :line)

-- name: notes_beyond
-- Plain reads and deletes by primary key, as where a run is forgotten: no index range is locked.
SELECT `id` FROM :schema.`notes` WHERE `run_id` = :run ORDER BY `id` DESC LIMIT 1000 OFFSET :kept;

-- name: some_notes_of_run
SELECT `id` FROM :schema.`notes` WHERE `run_id` = :run ORDER BY `id` LIMIT 1000;

-- name: delete_notes
DELETE :schema.`notes`
FROM {listed} STRAIGHT_JOIN :schema.`notes` FORCE INDEX (PRIMARY) ON :schema.`notes`.`id` = `listed`.`id`;

-- name: last_notes
-- The newest first: a look that is far behind gets the end of the log.
SELECT `id`, DATE_FORMAT(`noted_at`, '%Y-%m-%dT%H:%i:%sZ'), `worker`, `is_warning`, `line` FROM :schema.`notes`
WHERE `run_id` = :run AND `id` > :after ORDER BY `id` DESC LIMIT :most;

-- name: sample_values
(`run_id`, `sampled_at`, `settled`, `failed`, `in_flight`, `rate`, `latency_us`, `waiting_for`)
VALUES (:run, UTC_TIMESTAMP() - INTERVAL MOD({second_now}, :interval) SECOND, :settled, :failed, :in_flight, :rate,
    :latency, :waiting_for)

-- name: second_now
-- Intervals begin where this is a multiple of their length.
TIMESTAMPDIFF(SECOND, '2000-01-01', UTC_TIMESTAMP())

-- name: insert_sample
-- Where there is one it stays: an assignment that changes nothing, since IGNORE would leave a warning behind each time.
INSERT INTO :schema.`samples` {sample_values}
ON DUPLICATE KEY UPDATE `settled` = `settled`;

-- name: insert_last_sample
INSERT INTO :schema.`samples` {sample_values}
ON DUPLICATE KEY UPDATE `settled` = :settled, `failed` = :failed, `in_flight` = :in_flight, `rate` = :rate,
    `latency_us` = :latency, `waiting_for` = :waiting_for;

-- name: count_samples
SELECT COUNT(*) FROM :schema.`samples` WHERE `run_id` = :run;

-- name: thin_samples
-- Those that don't begin an interval of this length. Whoever does it again, or at the same time, takes nothing more away.
DELETE FROM :schema.`samples`
WHERE `run_id` = :run AND MOD(TIMESTAMPDIFF(SECOND, '2000-01-01', `sampled_at`), :interval) <> 0;

-- name: delete_samples
DELETE FROM :schema.`samples` WHERE `run_id` = :run;

-- name: samples_of_run
SELECT DATE_FORMAT(`sampled_at`, '%Y-%m-%dT%H:%i:%sZ'), `settled`, `failed`, `in_flight`, `rate`, `latency_us`,
    `waiting_for`
FROM :schema.`samples` WHERE `run_id` = :run ORDER BY `sampled_at`;

-- name: dead_letter_classes
-- The reason is that of the newest. Counted first, so that as many rows are read as there are classes.
SELECT `c`.`error_class`, `c`.`letters`, `d`.`reason`
FROM (SELECT `error_class`, COUNT(*) AS `letters`, MAX(`id`) AS `newest` FROM :schema.`dead_letters` FORCE INDEX (`by_class`)
      WHERE `run_id` = :run GROUP BY `error_class` ORDER BY `letters` DESC, `error_class` LIMIT :most) AS `c`
JOIN :schema.`dead_letters` AS `d` ON `d`.`id` = `c`.`newest`
ORDER BY `c`.`letters` DESC, `c`.`error_class`;
