-- A bookshop: what it sells, and what it billed its publishers' readers.

CREATE TABLE publishers (
    id   INT UNSIGNED NOT NULL PRIMARY KEY,
    name VARCHAR(60)  NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE books (
    id           BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    publisher_id INT UNSIGNED    NOT NULL,
    title        VARCHAR(120)    NOT NULL,
    pages        SMALLINT UNSIGNED NOT NULL,
    price        DECIMAL(8, 2)   NOT NULL,
    KEY by_publisher (publisher_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE invoices (
    id           BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    publisher_id INT UNSIGNED    NOT NULL,
    book_id      BIGINT UNSIGNED NOT NULL,
    issued_on    DATE            NOT NULL,
    net          DECIMAL(10, 2)  NOT NULL,
    tax          DECIMAL(10, 2)  NOT NULL,
    service_fee  DECIMAL(10, 2)  NOT NULL,
    total        DECIMAL(10, 2)  NOT NULL,
    KEY by_publisher (publisher_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- The numbers that the data is made from.
CREATE TABLE numbers (n INT UNSIGNED NOT NULL PRIMARY KEY) ENGINE=InnoDB;
