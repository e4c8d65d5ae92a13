-- 25 books and where the pictures of their covers are. One has none yet; draw-covers.py draws those of the others, but for
-- one that is lost (17) and one that is no picture (13).

CREATE TABLE covers (
    id      INT UNSIGNED NOT NULL PRIMARY KEY,
    title   VARCHAR(120) NOT NULL,
    picture VARCHAR(200) NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO covers
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 25)
SELECT n, CONCAT('The ', ELT(1 + n MOD 5, 'Garden', 'Café', 'Ghost', 'River', 'Clock'), ', volume ', n),
       IF(n = 25, NULL, CONCAT(n, '.png'))
FROM numbers;
