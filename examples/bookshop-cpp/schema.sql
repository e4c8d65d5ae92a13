-- A few books of two publishers.

CREATE TABLE books (
    id           INT UNSIGNED NOT NULL PRIMARY KEY,
    publisher_id INT UNSIGNED NOT NULL,
    title        VARCHAR(120) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO books VALUES
    (1, 6, 'The Salt Road'),
    (2, 6, 'A Winter of Bees'),
    (3, 7, 'Another Lighthouse'),
    (5, 6, ''),
    (8, 6, 'No Orchard in October');
