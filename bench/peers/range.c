#include "peer.h"

#include <stdio.h>
#include <stdlib.h>

/* The id `batch - 1` rows above the next one; the part's end where there are fewer. */
static long long boundary(struct part* part, long long after) {
    char sql[256];
    const int length =
        snprintf(sql, sizeof sql, "SELECT id FROM %s WHERE id > %lld AND id <= %lld ORDER BY id LIMIT 1 OFFSET %zu",
                 part->table, after, part->upto, part->batch - 1);
    if (mysql_real_query(part->connection, sql, (size_t)length) != 0) fail(part->connection, sql);
    MYSQL_RES* result = mysql_store_result(part->connection);
    if (result == NULL) fail(part->connection, sql);
    const MYSQL_ROW row = mysql_fetch_row(result);
    const long long upto = row != NULL ? strtoll(row[0], NULL, 10) : part->upto;
    mysql_free_result(result);
    return upto;
}

void range_part(struct part* part) {
    for (long long after = part->after; after < part->upto;) {
        const long long upto = boundary(part, after);
        char sql[256];
        const int length = snprintf(sql, sizeof sql, "UPDATE %s SET n = n + 1 WHERE id > %lld AND id <= %lld",
                                    part->table, after, upto);
        part->rows += change_batch(part, sql, (size_t)length, upto);
        after = upto;
    }
}

/* The first and the last id of the next batch; 0 where nothing is left. */
static int first_and_last(struct part* part, long long after, long long* first, long long* last) {
    char sql[320];
    const int length =
        snprintf(sql, sizeof sql,
                 "SELECT MIN(id), MAX(id) FROM (SELECT id FROM %s WHERE id > %lld AND id <= %lld ORDER BY id "
                 "LIMIT %zu) AS page",
                 part->table, after, part->upto, part->batch);
    if (mysql_real_query(part->connection, sql, (size_t)length) != 0) fail(part->connection, sql);
    MYSQL_RES* result = mysql_store_result(part->connection);
    if (result == NULL) fail(part->connection, sql);
    const MYSQL_ROW row = mysql_fetch_row(result);
    const int found = row != NULL && row[0] != NULL;
    if (found) {
        *first = strtoll(row[0], NULL, 10);
        *last = strtoll(row[1], NULL, 10);
    }
    mysql_free_result(result);
    return found;
}

void first_last_part(struct part* part) {
    long long first = 0;
    for (long long last = part->after; first_and_last(part, last, &first, &last);) {
        char sql[256];
        const int length = snprintf(sql, sizeof sql, "UPDATE %s SET n = n + 1 WHERE id BETWEEN %lld AND %lld",
                                    part->table, first, last);
        part->rows += change_batch(part, sql, (size_t)length, last);
    }
}
