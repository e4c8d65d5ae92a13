#include "peer.h"

#include <stdlib.h>

void read_part(struct part* part) {
    long long* ids = malloc(part->batch * sizeof *ids);
    long long after = part->after;
    for (;;) {
        const size_t count = read_page(part, after, ids);
        part->rows += count;
        if (count < part->batch) break;
        after = ids[count - 1];
    }
    free(ids);
}
