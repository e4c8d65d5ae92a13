-- name: migrations_table_exists
-- information_schema shows what the account may see, and never fails for what it may not.
SELECT COUNT(*) FROM `information_schema`.`TABLES`
WHERE `TABLE_SCHEMA` = :schema_name AND `TABLE_NAME` = 'schema_migrations';

-- name: schema_exists
SELECT COUNT(*) FROM `information_schema`.`SCHEMATA` WHERE `SCHEMA_NAME` = :schema_name;

-- name: create_schema
CREATE DATABASE IF NOT EXISTS :schema CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- name: applied_migrations
SELECT `version`, `name`, `checksum` FROM :schema.`schema_migrations` ORDER BY `version`;

-- name: record_migration
-- IGNORE: where the server has no named locks, another process may have recorded the same.
INSERT IGNORE INTO :schema.`schema_migrations` (`version`, `name`, `checksum`, `applied_at`)
VALUES (:version, :name, :checksum, UTC_TIMESTAMP(6));

-- name: lock_migrations
-- Names of locks are at most 64 characters long on MySQL: 8 and 56.
SELECT GET_LOCK(CONCAT('rowmill.', SHA2(:schema_name, 224)), :seconds);

-- name: unlock_migrations
SELECT RELEASE_LOCK(CONCAT('rowmill.', SHA2(:schema_name, 224)));

-- name: current_account
SELECT CONCAT(QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)));
