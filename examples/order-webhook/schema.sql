-- 60 orders: three in four are paid, and the names and notes hold what a template must not trip over.

CREATE TABLE orders (
    id       INT UNSIGNED   NOT NULL PRIMARY KEY,
    state    VARCHAR(10)    NOT NULL,
    customer VARCHAR(60)    NOT NULL,
    total    DECIMAL(10, 2) NOT NULL,
    note     VARCHAR(200)   NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO orders
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 60)
SELECT n, IF(n MOD 4 = 0, 'open', 'paid'),
       ELT(1 + n MOD 5, 'Ada Lovelace', 'Seán O''Brien', 'Zoë "Zed" Ångström', 'Smith \\ Sons', 'Łukasz'),
       10 + n / 4,
       ELT(1 + n MOD 3, '', 'Ring twice,\nthen wait', '", "total": "0')
FROM numbers;
