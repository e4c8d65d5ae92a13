#include "peer.h"

#include <stdio.h>
#include <stdlib.h>

void fail(MYSQL* connection, const char* what) {
    fprintf(stderr, "bench-peer: %s: %s\n", what, mysql_error(connection));
    exit(1);
}

void connect_part(struct part* part) {
    part->connection = mysql_init(NULL);
    if (!mysql_real_connect(part->connection, NULL, "root", NULL, part->database, 0, part->socket,
                            CLIENT_FOUND_ROWS | CLIENT_MULTI_STATEMENTS)) {
        fail(part->connection, "connect");
    }
}

unsigned long long change(MYSQL* connection, const char* sql, size_t length) {
    if (mysql_real_query(connection, sql, length) != 0) fail(connection, sql);
    return mysql_affected_rows(connection);
}

size_t read_page(struct part* part, long long after, long long* ids) {
    char sql[256];
    const int length =
        snprintf(sql, sizeof sql, "SELECT id FROM %s WHERE id > %lld AND id <= %lld ORDER BY id LIMIT %zu", part->table,
                 after, part->upto, part->batch);
    if (mysql_real_query(part->connection, sql, (size_t)length) != 0) fail(part->connection, sql);
    MYSQL_RES* result = mysql_use_result(part->connection);
    if (result == NULL) fail(part->connection, sql);
    size_t count = 0;
    for (MYSQL_ROW row; (row = mysql_fetch_row(result)) != NULL;) ids[count++] = strtoll(row[0], NULL, 10);
    if (mysql_errno(part->connection) != 0) fail(part->connection, sql);
    mysql_free_result(result);
    return count;
}
