-- What is kept of a run for those who look at it, beside its state: lines of its log, and how fast it went. Each statement may be
-- executed again after a crash.

-- The last lines: whoever writes new ones takes the oldest away.
CREATE TABLE IF NOT EXISTS :schema.`notes` (
    `id`         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    `run_id`     BIGINT UNSIGNED NOT NULL,
    `noted_at`   DATETIME(6)     NOT NULL,
    -- "host:pid" of who noted it.
    `worker`     VARCHAR(300)    NOT NULL,
    `is_warning` BOOLEAN         NOT NULL,
    `line`       TEXT            NOT NULL,
    PRIMARY KEY (`id`),
    KEY `of_run` (`run_id`, `id`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How the whole run got on, once an interval that grows with the run's age: whichever worker is the first to tell.
CREATE TABLE IF NOT EXISTS :schema.`samples` (
    `run_id`      BIGINT UNSIGNED NOT NULL,
    `sampled_at`  DATETIME        NOT NULL,
    `settled`     BIGINT UNSIGNED NOT NULL,
    `failed`      BIGINT UNSIGNED NOT NULL,
    `in_flight`   BIGINT UNSIGNED NOT NULL,
    -- Items a second of late.
    `rate`        DOUBLE          NOT NULL,
    -- The mean time of a batch, or of an item that is worked on alone, of late; NULL: nothing was worked on.
    `latency_us`  BIGINT UNSIGNED NULL,
    `waiting_for` VARCHAR(255)    NOT NULL,
    PRIMARY KEY (`run_id`, `sampled_at`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
