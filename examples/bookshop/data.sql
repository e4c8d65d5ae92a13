-- 50 publishers, 500,000 books and 500,000 invoices, the same on every server: all that looks random is a hash of the
-- row's number. As in grown tables, the ids have small gaps everywhere and one hole of billions, a few publishers have
-- most of the rows, and a long stretch of invoices does not match the migration's filter.

INSERT INTO numbers
WITH digits (d) AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
                    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)
SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d + 100000 * f.d
FROM digits f, digits e, digits d, digits c, digits b, digits a
WHERE f.d < 5;

INSERT INTO publishers
SELECT n + 1, CONCAT(ELT(1 + n MOD 10, 'Ångström', 'Brontë', 'Cervantes', 'Dürer', 'Émile', 'Fjord', 'Grimm', 'Hôtel',
                         'Ibsen', 'Jørgensen'),
                     ELT(1 + n DIV 10, ' & Sons', ' Press', ' Verlag', ' Éditions', ' Books'))
FROM numbers
WHERE n < 50;

-- Id: three to a row, one of them used; the last tenth lies four billion higher. Publisher: the cube of an even
-- distribution, so that the first has a quarter of all rows and the last has hardly any.
INSERT INTO books
SELECT n * 3 + 1 + h MOD 3 + IF(n < 450000, 0, 4000000000),
       1 + FLOOR(50 * POW((h DIV 7 MOD 10000) / 10000, 3)),
       CONCAT(ELT(1 + h MOD 8, 'The ', 'A ', 'My ', 'Our ', 'Another ', 'The Last ', 'The First ', 'No '),
              ELT(1 + h DIV 8 MOD 12, 'Garden', 'Winter', 'Café', 'Voyage', 'Letter', 'Ghost', 'River', 'Señora', 'Clock',
                  'Island', 'Mirror', 'Straße'),
              ' of ',
              ELT(1 + h DIV 96 MOD 10, 'Ashes', 'Lisbon', 'Glass', 'Málaga', 'Silence', 'O''Brien', 'Snow', 'Paper', 'Kraków',
                  'Dust')),
       80 + h DIV 1000 MOD 900,
       5 + (h DIV 100 MOD 4500) / 100
FROM (SELECT n, CRC32(CONCAT('book ', n)) AS h FROM numbers) AS hashed;

-- Six in ten carry no service fee, but for a stretch of 60,000 that all do. Those without were totalled without their
-- tax, which examples/fix-invoices.toml adds.
INSERT INTO invoices
SELECT n * 2 + 1 + h MOD 2 + IF(n < 350000, 0, 7000000000),
       publisher_id,
       book_id,
       DATE_ADD('2015-01-01', INTERVAL n DIV 140 DAY),
       net,
       ROUND(net * 0.07, 2),
       fee,
       IF(fee = 0, net, ROUND(net * 1.07, 2) + fee)
FROM (SELECT n,
             h,
             1 + FLOOR(50 * POW((h DIV 7 MOD 10000) / 10000, 3)) AS publisher_id,
             h DIV 5 MOD 450000 * 3 + 1 + CRC32(CONCAT('book ', h DIV 5 MOD 450000)) MOD 3 AS book_id,
             10 + (h DIV 11 MOD 30000) / 100 AS net,
             IF(h MOD 10 < 6 AND n NOT BETWEEN 200000 AND 259999, 0, 1.50 + h MOD 5) AS fee
      FROM (SELECT n, CRC32(CONCAT('invoice ', n)) AS h FROM numbers) AS hashed) AS drafts;

DROP TABLE numbers;
ANALYZE TABLE publishers, books, invoices;
