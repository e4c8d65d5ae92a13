-- How runs are steered while workers work on them.

-- name: read_control
SELECT `state`, `desired_state`, `live_settings`, `control_seq` FROM :schema.`runs` WHERE `id` = :run;

-- name: ask_for_state
UPDATE :schema.`runs` SET `control_seq` = `control_seq` + 1, `desired_state` = :desired
WHERE `id` = :run AND `state` NOT IN ('succeeded', 'cancelled') AND `desired_state` <> :desired;

-- name: cancel_run
-- At once and for good: no worker has to agree.
UPDATE :schema.`runs` SET `control_seq` = `control_seq` + 1, `desired_state` = 'cancelled', `state` = 'cancelled',
    `finished_at` = UTC_TIMESTAMP(6)
WHERE `id` = :run AND `state` NOT IN ('succeeded', 'cancelled');

-- name: follow_desired_state
UPDATE :schema.`runs` SET `state` = `desired_state`
WHERE `id` = :run AND `desired_state` IN ('running', 'paused') AND `state` <> `desired_state`
    AND `state` IN ('pending', 'running', 'paused', 'interrupted');

-- name: take_up_run
-- Whoever begins to work on a run alone wants it to run, whatever was asked of the workers before.
UPDATE :schema.`runs` SET `control_seq` = `control_seq` + 1, `desired_state` = 'running', `state` = 'running',
    `last_error` = NULL, `finished_at` = NULL
WHERE `id` = :run AND `state` NOT IN ('succeeded', 'cancelled');

-- name: join_run
-- A pause goes on for those who join, and what has failed does not go on by itself.
UPDATE :schema.`runs` SET `state` = 'running', `last_error` = NULL, `finished_at` = NULL
WHERE `id` = :run AND `state` IN ('pending', 'interrupted') AND `desired_state` = 'running';

-- name: set_live_settings
UPDATE :schema.`runs` SET `control_seq` = `control_seq` + 1, `live_settings` = :live_settings
WHERE `id` = :run AND `state` NOT IN ('succeeded', 'cancelled');

-- name: set_run_settings
UPDATE :schema.`runs` SET `settings` = :settings WHERE `id` = :run;

-- name: report
UPDATE :schema.`workers` SET `report` = :report WHERE `id` = :worker;
