-- name: insert_dead_letters
INSERT INTO :schema.`dead_letters` (`run_id`, `sack_id`, `item_key`, `attempts`, `error_class`, `reason`, `item`,
    `first_at`, `last_at`)
VALUES

-- name: insert_dead_letters_row
(:run, :sack, :key, :attempts, :error_class, :reason, :item, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))

-- name: insert_dead_letters_row_of_waiting
(:run, :sack, :key, :attempts, :error_class, :reason, :item, :first_at, UTC_TIMESTAMP(6))

-- name: dead_letter_columns
`id`, `run_id`, `sack_id`, `item_key`, `attempts`, `error_class`, `reason`,
DATE_FORMAT(`first_at`, '%Y-%m-%dT%H:%i:%sZ'), DATE_FORMAT(`last_at`, '%Y-%m-%dT%H:%i:%sZ'), COALESCE(`item`, '')

-- name: dead_letters_page
SELECT {dead_letter_columns} FROM :schema.`dead_letters` WHERE `run_id` = :run AND `id` > :after
ORDER BY `id` LIMIT :most;

-- name: dead_letters_page_of_class
SELECT {dead_letter_columns} FROM :schema.`dead_letters`
WHERE `run_id` = :run AND `error_class` = :error_class AND `id` > :after
ORDER BY `id` LIMIT :most;

-- name: dead_letters_to_retry
SELECT `id` FROM :schema.`dead_letters` FORCE INDEX (`of_run`)
WHERE `run_id` = :run AND `id` > :after AND (:any_key OR `item_key` IN (:keys)) ORDER BY `id` LIMIT 500;

-- name: dead_letters_to_retry_of_class
SELECT `id` FROM :schema.`dead_letters` FORCE INDEX (`by_class`)
WHERE `run_id` = :run AND `error_class` = :error_class AND `id` > :after AND (:any_key OR `item_key` IN (:keys))
ORDER BY `id` LIMIT 500;

-- name: lock_dead_letters
SELECT `id`, `sack_id` FROM :schema.`dead_letters` FORCE INDEX (PRIMARY) WHERE `id` IN (:ids) ORDER BY `id` FOR UPDATE;
