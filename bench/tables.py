"""The tables to work through. Deterministic; made by the server, without a row crossing the wire."""

ROW = "id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0, payload VARCHAR(80) NOT NULL"
PAYLOAD = "CONCAT('row ', seq, ' ', REPEAT(CHAR(97 + seq % 26), 40))"


def make(server, name, ids, rows):
    server.sql(f"""
        CREATE TABLE {name} ({ROW}) ENGINE=InnoDB;
        INSERT INTO {name} (id, payload) SELECT {ids}, {PAYLOAD} FROM seq_1_to_{rows};
        ANALYZE TABLE {name}""")


def dense(server, name, rows):
    make(server, name, "seq", rows)


def anew(server, name, rows):
    """A dense table in place of the one of that name."""
    server.sql(f"DROP TABLE IF EXISTS {name}")
    dense(server, name, rows)


def skewed(server, name, rows):
    """Equal id widths hold 48, 0, 0 and 52 % of the rows: what deleted years and imported ids leave."""
    low = rows * 48 // 100
    make(server, name, f"IF(seq <= {low}, seq * 2, {3 * rows} + (seq - {low}) * 100 DIV 52)", rows)


def checkpoints(server):
    """For the loops that keep one beside each change."""
    server.sql("""
        CREATE TABLE IF NOT EXISTS checkpoints (id INT PRIMARY KEY, fence INT NOT NULL, seq BIGINT NOT NULL,
            low BIGINT NOT NULL, done BIGINT NOT NULL, written_at DATETIME(6)) ENGINE=InnoDB;
        INSERT IGNORE INTO checkpoints SELECT seq, 1, 0, 0, 0, NULL FROM seq_0_to_63""")


def copy(server, name, original, rows):
    """The first rows of a table, anew."""
    server.sql(f"""
        DROP TABLE IF EXISTS {name};
        CREATE TABLE {name} LIKE {original};
        INSERT INTO {name} SELECT * FROM {original} ORDER BY id LIMIT {rows};
        ANALYZE TABLE {name}""")


def bounds(server, name, rows, parts):
    """Cuts a table into parts of equal row counts: parts + 1 ids, found by walking the index."""
    found = [0]
    for _ in range(parts - 1):
        query = f"SELECT id FROM {name} WHERE id > {found[-1]} ORDER BY id LIMIT 1 OFFSET {rows // parts - 1}"
        found.append(server.number(query))
    return found + [server.number(f"SELECT MAX(id) FROM {name}")]
