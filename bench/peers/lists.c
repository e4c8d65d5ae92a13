#include "peer.h"

#include <stdio.h>
#include <stdlib.h>

enum { longest_id = 21, longest_head = 128 };

void list_part(struct part* part) {
    long long* ids = malloc(part->batch * sizeof *ids);
    char* sql = malloc(longest_head + part->batch * longest_id);
    long long after = part->after;
    for (;;) {
        const size_t count = read_page(part, after, ids);
        if (count == 0) break;
        size_t length = (size_t)sprintf(sql, "UPDATE %s SET n = n + 1 WHERE id IN (", part->table);
        for (size_t i = 0; i < count; ++i) length += (size_t)sprintf(sql + length, "%lld,", ids[i]);
        sql[length - 1] = ')';
        part->rows += change_batch(part, sql, length, ids[count - 1]);
        if (count < part->batch) break;
        after = ids[count - 1];
    }
    free(sql);
    free(ids);
}
