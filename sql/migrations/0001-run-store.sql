-- The run store. `:schema` is replaced by its quoted name. Every statement can be run again: DDL commits by
-- itself, so a migration that was cut off half-way is simply begun anew.
--
-- No foreign keys: their checks would lock the run's row in the transactions that do the work, and the walk that
-- plans sacks updates that row. All text is utf8mb4_bin, a byte-exact collation that MySQL and MariaDB share. Keys are
-- stored as encode_key writes them (typed, any bytes): 4,096 bytes hold the longest key that InnoDB can index.
-- Times are UTC.

CREATE TABLE IF NOT EXISTS :schema.`runs` (
    `id`               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    `job`              VARCHAR(190)    NOT NULL,
    -- What makes two runs the same work: job and parameters, hashed.
    `identity`         VARCHAR(64)     NOT NULL,
    -- What the run depends on, part by part (JSON), compared at every start, claim and reconnect.
    `fingerprint`      MEDIUMTEXT      NOT NULL,
    -- JSON, secrets masked.
    `params`           MEDIUMTEXT      NOT NULL,
    -- JSON: the settings that may be changed while it runs.
    `settings`         MEDIUMTEXT      NOT NULL,
    `server`           VARCHAR(512)    NOT NULL,
    -- Random. A server that does not know it does not hold this run, whatever else it looks like.
    `token`            VARCHAR(32)     NOT NULL,
    `state`            VARCHAR(16)     NOT NULL DEFAULT 'pending',
    -- What its workers are asked to bring about.
    `desired_state`    VARCHAR(16)     NOT NULL DEFAULT 'running',
    `bound_after`      VARBINARY(4096) NOT NULL,
    `bound_upto`       VARBINARY(4096) NOT NULL,
    -- No row lay within the bounds: an empty bound_upto would otherwise mean "no bound".
    `bound_empty`      BOOLEAN         NOT NULL DEFAULT FALSE,
    -- How far the sacks are planned. Moves only in the transaction that stores them.
    `walk_position`    VARBINARY(4096) NOT NULL,
    `walk_done`        BOOLEAN         NOT NULL DEFAULT FALSE,
    -- The next sack's ordinal.
    `sack_count`       BIGINT UNSIGNED NOT NULL DEFAULT 0,
    `started_at`       DATETIME(6)     NOT NULL,
    `finished_at`      DATETIME(6)     NULL,
    `last_error`       TEXT            NULL,
    -- Summed over processes, for the rate and the ETA after a resume.
    `worked_seconds`   DOUBLE          NOT NULL DEFAULT 0,
    -- The identity while the run can still be resumed, else NULL: only one such run of an identity can exist,
    -- also when two processes begin at the same instant.
    `unfinished_identity` VARCHAR(64) GENERATED ALWAYS AS
        (IF(`state` IN ('succeeded', 'cancelled'), NULL, `identity`)) STORED,
    PRIMARY KEY (`id`),
    UNIQUE KEY `unfinished` (`unfinished_identity`),
    -- The newest succeeded run of an identity.
    KEY `of_identity` (`identity`, `state`, `id`),
    CONSTRAINT `runs_state` CHECK (`state` IN
        ('pending', 'running', 'paused', 'interrupted', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT `runs_desired_state` CHECK (`desired_state` IN ('running', 'paused', 'cancelled'))
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS :schema.`sacks` (
    `id`               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    `run_id`           BIGINT UNSIGNED NOT NULL,
    -- Its place in reading order.
    `ordinal`          BIGINT UNSIGNED NOT NULL,
    -- The stretch (after_key, upto_key] of the table.
    `after_key`        VARBINARY(4096) NOT NULL,
    `upto_key`         VARBINARY(4096) NOT NULL,
    `state`            VARCHAR(16)     NOT NULL DEFAULT 'pending',
    -- Who works on it; the lease is the worker's.
    `worker_id`        BIGINT UNSIGNED NULL,
    -- Raised whenever the sack changes hands: a checkpoint under an older fence hits no row.
    `fence`            BIGINT UNSIGNED NOT NULL DEFAULT 0,
    -- Raised by every checkpoint, so that a paused process cannot go back in time under its own fence.
    `seq`              BIGINT UNSIGNED NOT NULL DEFAULT 0,
    -- The checkpoint: everything up to `low` is settled, and so are the keys listed in `above`.
    `low`              VARBINARY(4096) NOT NULL,
    `above`            MEDIUMBLOB      NOT NULL,
    -- How many rows of the table lie in it, the filter not asked.
    `row_count`        BIGINT UNSIGNED NOT NULL DEFAULT 0,
    `row_count_exact`  BOOLEAN         NOT NULL DEFAULT FALSE,
    `succeeded`        BIGINT UNSIGNED NOT NULL DEFAULT 0,
    `skipped`          BIGINT UNSIGNED NOT NULL DEFAULT 0,
    `failed`           BIGINT UNSIGNED NOT NULL DEFAULT 0,
    `checkpointed_at`  DATETIME(6)     NULL,
    PRIMARY KEY (`id`),
    UNIQUE KEY `in_order` (`run_id`, `ordinal`),
    -- Exactly the filter and the order of the claim: with less, SKIP LOCKED locks every candidate and the next
    -- worker finds none.
    KEY `claim` (`run_id`, `state`, `ordinal`),
    CONSTRAINT `sacks_state` CHECK (`state` IN ('pending', 'running', 'done'))
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The processes that take part in a run. A lease is renewed here and nowhere else, so that a renewal never queues
-- behind the row locks of the work.
CREATE TABLE IF NOT EXISTS :schema.`workers` (
    `id`               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    `run_id`           BIGINT UNSIGNED NOT NULL,
    -- Which process it is: a later one on the same host can see that it is gone before its lease ends.
    `host`             VARCHAR(255)    NOT NULL,
    `boot_id`          VARCHAR(100)    NOT NULL,
    `pid`              BIGINT UNSIGNED NOT NULL,
    `start_ticks`      BIGINT UNSIGNED NOT NULL,
    -- Its sessions on the server, comma-separated: to KILL what a dead worker left pending.
    `connection_ids`   TEXT            NOT NULL,
    `registered_at`    DATETIME(6)     NOT NULL,
    `lease_expires_at` DATETIME(6)     NOT NULL,
    PRIMARY KEY (`id`),
    KEY `of_run` (`run_id`, `id`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Items that wait for another attempt: settled for the sack's watermark, not for the run's completion.
CREATE TABLE IF NOT EXISTS :schema.`waiting` (
    `id`               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    `run_id`           BIGINT UNSIGNED NOT NULL,
    `sack_id`          BIGINT UNSIGNED NOT NULL,
    `item_key`         VARBINARY(4096) NOT NULL,
    `attempts`         INT UNSIGNED    NOT NULL,
    `due_at`           DATETIME(6)     NOT NULL,
    -- While an attempt is made: whose it is, and until when. An answer counts only under its token.
    `token`            VARCHAR(32)     NULL,
    `worker_id`        BIGINT UNSIGNED NULL,
    `lease_expires_at` DATETIME(6)     NULL,
    `error_class`      VARCHAR(190)    NOT NULL,
    `reason`           TEXT            NOT NULL,
    `first_at`         DATETIME(6)     NOT NULL,
    PRIMARY KEY (`id`),
    -- Those that are due, the longest first; and all of a run.
    KEY `due` (`run_id`, `due_at`, `id`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Items whose attempts are used up, written in the transaction of the checkpoint that settles them.
CREATE TABLE IF NOT EXISTS :schema.`dead_letters` (
    `id`               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    `run_id`           BIGINT UNSIGNED NOT NULL,
    `sack_id`          BIGINT UNSIGNED NOT NULL,
    `item_key`         VARBINARY(4096) NOT NULL,
    `attempts`         INT UNSIGNED    NOT NULL,
    -- A short name to group them by: "1062", "exit 1", "timeout".
    `error_class`      VARCHAR(190)    NOT NULL,
    `reason`           TEXT            NOT NULL,
    `first_at`         DATETIME(6)     NOT NULL,
    `last_at`          DATETIME(6)     NOT NULL,
    PRIMARY KEY (`id`),
    KEY `of_run` (`run_id`, `id`),
    KEY `by_class` (`run_id`, `error_class`, `id`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Durable queues.
CREATE TABLE IF NOT EXISTS :schema.`messages` (
    `id`               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    `queue`            VARCHAR(190)    NOT NULL,
    `state`            VARCHAR(16)     NOT NULL DEFAULT 'ready',
    `payload`          LONGBLOB        NOT NULL,
    -- A second message of the same name is not stored while the first is there. NULL: no such name.
    `unique_name`      VARCHAR(190)    NULL,
    -- Counted when it is handed out, not when it fails: a message that kills its worker ends as a dead one too.
    `attempts`         INT UNSIGNED    NOT NULL DEFAULT 0,
    `due_at`           DATETIME(6)     NOT NULL,
    -- Acknowledging, extending and failing are conditional on the token of the hand-out.
    `token`            VARCHAR(32)     NULL,
    `lease_expires_at` DATETIME(6)     NULL,
    `error_class`      VARCHAR(190)    NULL,
    `reason`           TEXT            NULL,
    `created_at`       DATETIME(6)     NOT NULL,
    PRIMARY KEY (`id`),
    UNIQUE KEY `named` (`queue`, `unique_name`),
    -- Exactly the filter and the order of the claim.
    KEY `claim` (`queue`, `state`, `due_at`, `id`),
    -- Those whose worker is gone.
    KEY `expired` (`state`, `lease_expires_at`),
    CONSTRAINT `messages_state` CHECK (`state` IN ('ready', 'running', 'dead'))
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far a consumer has got in a partitioned log, for those whose work commits here.
CREATE TABLE IF NOT EXISTS :schema.`offsets` (
    `consumer`         VARCHAR(190)    NOT NULL,
    `topic`            VARCHAR(249)    NOT NULL,
    `partition_number` INT UNSIGNED    NOT NULL,
    -- The next one to read.
    `position`         BIGINT UNSIGNED NOT NULL,
    -- The group's generation: an older one may not write.
    `fence`            BIGINT UNSIGNED NOT NULL DEFAULT 0,
    `updated_at`       DATETIME(6)     NOT NULL,
    PRIMARY KEY (`consumer`, `topic`, `partition_number`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How many children a parent message has emitted: a repeated parent goes on from there. Removed with the
-- parent's acknowledgement.
CREATE TABLE IF NOT EXISTS :schema.`emitted` (
    `run_id`           BIGINT UNSIGNED NOT NULL,
    `stage`            VARCHAR(64)     NOT NULL,
    `parent`           VARBINARY(767)  NOT NULL,
    `ordinal`          BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (`run_id`, `stage`, `parent`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS :schema.`schema_migrations` (
    `version`          INT UNSIGNED    NOT NULL,
    `name`             VARCHAR(190)    NOT NULL,
    -- Of the statements without their comments: a migration that was changed after it was applied is noticed.
    `checksum`         VARCHAR(16)     NOT NULL,
    `applied_at`       DATETIME(6)     NOT NULL,
    PRIMARY KEY (`version`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
