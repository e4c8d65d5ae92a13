-- name: register_worker
INSERT INTO :schema.`workers` (`run_id`, `host`, `boot_id`, `pid`, `start_ticks`, `connection_ids`, `connected_to`,
    `server_started_at`, `registered_at`, `lease_expires_at`)
VALUES (:run, :host, :boot_id, :pid, :start_ticks, :connection_ids, :server,
    UTC_TIMESTAMP() - INTERVAL :uptime SECOND, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND);

-- name: renew_lease
-- By the process too: a server that took over without this row may have given its id to another one.
UPDATE :schema.`workers` SET `lease_expires_at` = UTC_TIMESTAMP(6) + INTERVAL :lease MICROSECOND
WHERE `id` = :worker AND `host` = :host AND `boot_id` = :boot_id AND `pid` = :pid AND `start_ticks` = :start_ticks;

-- name: server_uptime
SHOW GLOBAL STATUS LIKE 'Uptime';

-- name: note_connections
UPDATE :schema.`workers` SET `connection_ids` = :connection_ids, `connected_to` = :server,
    `server_started_at` = UTC_TIMESTAMP() - INTERVAL :uptime SECOND
WHERE `id` = :worker;

-- name: connections_of_worker
-- As long as the server is the same one and has not been started since: the numbers begin again with it. Both times are made of
-- whole seconds.
SELECT `connection_ids` FROM :schema.`workers`
WHERE `id` = :worker AND `connected_to` = :server
    AND ABS(TIMESTAMPDIFF(SECOND, `server_started_at`, UTC_TIMESTAMP() - INTERVAL :uptime SECOND)) <= 2;

-- name: workers_of_run
SELECT `w`.`id`, `w`.`run_id`, `w`.`host`, `w`.`boot_id`, `w`.`pid`, `w`.`start_ticks`, `w`.`connection_ids`,
    DATE_FORMAT(`w`.`lease_expires_at`, '%Y-%m-%dT%H:%i:%sZ'), `w`.`lease_expires_at` < UTC_TIMESTAMP(6),
    (SELECT MIN(`s`.`id`) FROM :schema.`sacks` AS `s`
     WHERE `s`.`run_id` = `w`.`run_id` AND `s`.`state` = 'running' AND `s`.`worker_id` = `w`.`id`),
    `w`.`report`
FROM :schema.`workers` AS `w` WHERE `w`.`run_id` = :run ORDER BY `w`.`id`;

-- name: sacks_of_worker
SELECT `s`.`id` FROM :schema.`workers` AS `w`
JOIN :schema.`sacks` AS `s` ON `s`.`run_id` = `w`.`run_id` AND `s`.`state` = 'running' AND `s`.`worker_id` = `w`.`id`
WHERE `w`.`id` = :worker ORDER BY `s`.`id`;

-- name: delete_expired_worker
DELETE FROM :schema.`workers` WHERE `id` = :worker AND `lease_expires_at` < UTC_TIMESTAMP(6);

-- name: delete_worker
DELETE FROM :schema.`workers` WHERE `id` = :worker;

-- name: lock_sacks_of_worker
-- One that a pending transaction still holds is skipped: whoever claims next takes it over when that has ended.
SELECT `id` FROM :schema.`sacks` WHERE `id` IN (:ids) AND `worker_id` = :worker AND `state` = 'running'
ORDER BY `id` FOR UPDATE SKIP LOCKED;

-- name: return_sacks
UPDATE :schema.`sacks` SET `state` = 'pending', `worker_id` = NULL, `fence` = `fence` + 1 WHERE `id` IN (:ids);
