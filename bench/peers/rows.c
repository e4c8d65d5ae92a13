#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static MYSQL_STMT* prepare(struct part* part, long long* id) {
    char sql[128];
    const int length = snprintf(sql, sizeof sql, "UPDATE %s SET n = n + 1 WHERE id = ?", part->table);
    MYSQL_STMT* statement = mysql_stmt_init(part->connection);
    if (mysql_stmt_prepare(statement, sql, (unsigned long)length) != 0) fail(part->connection, sql);
    MYSQL_BIND bind;
    memset(&bind, 0, sizeof bind);
    bind.buffer_type = MYSQL_TYPE_LONGLONG;
    bind.buffer = id;
    if (mysql_stmt_bind_param(statement, &bind) != 0) fail(part->connection, sql);
    return statement;
}

void row_part(struct part* part) {
    long long id = 0;
    long long* ids = malloc(part->batch * sizeof *ids);
    MYSQL_STMT* statement = prepare(part, &id);
    long long after = part->after;
    for (;;) {
        const size_t count = read_page(part, after, ids);
        if (count == 0) break;
        change(part->connection, "BEGIN", 5);
        for (size_t i = 0; i < count; ++i) {
            id = ids[i];
            if (mysql_stmt_execute(statement) != 0) fail(part->connection, mysql_stmt_error(statement));
            part->rows += mysql_stmt_affected_rows(statement);
        }
        change(part->connection, "COMMIT", 6);
        if (count < part->batch) break;
        after = ids[count - 1];
    }
    mysql_stmt_close(statement);
    free(ids);
}
