#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int kept;

/* Executes the statements of a packet; returns the rows that the last one hit. */
static unsigned long long packet(struct part* part, const char* sql, size_t length) {
    if (mysql_real_query(part->connection, sql, length) != 0) fail(part->connection, sql);
    unsigned long long rows = mysql_affected_rows(part->connection);
    int more;
    while ((more = mysql_next_result(part->connection)) == 0) rows = mysql_affected_rows(part->connection);
    if (more > 0) fail(part->connection, sql);
    return rows;
}

unsigned long long change_batch(struct part* part, const char* sql, size_t length, long long upto) {
    if (!kept) return change(part->connection, sql, length);
    static const char head[] = "BEGIN;SAVEPOINT kept;";
    char* work = malloc(sizeof head + length);
    memcpy(work, head, sizeof head - 1);
    memcpy(work + sizeof head - 1, sql, length);
    const unsigned long long rows = packet(part, work, sizeof head - 1 + length);
    free(work);
    char mark[256];
    const int marked = snprintf(mark, sizeof mark,
                                "RELEASE SAVEPOINT kept;UPDATE checkpoints SET seq = seq + 1, low = %lld, done = done + %llu, "
                                "written_at = UTC_TIMESTAMP(6) WHERE id = %d AND fence = 1",
                                upto, rows, part->number);
    if (packet(part, mark, (size_t)marked) != 1) fail(part->connection, mark);
    change(part->connection, "COMMIT", 6);
    return rows;
}
