/* bench-peer MODE SOCKET DATABASE TABLE BATCH BOUND BOUND [BOUND...]
 *
 * Works through TABLE with a thread and a connection for each stretch between two bounds, in batches of BATCH rows, and
 * prints the number of rows. The table has the columns id and n. */

#include "peer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char* name;
    void (*work)(struct part*);
} modes[] = {{"read", read_part},
             {"range", range_part},
             {"first-last", first_last_part},
             {"list", list_part},
             {"row", row_part}};

static void (*work)(struct part*);

static void* run(void* argument) {
    struct part* part = argument;
    mysql_thread_init();
    connect_part(part);
    work(part);
    mysql_close(part->connection);
    mysql_thread_end();
    return NULL;
}

enum { first_bound = 6, most_parts = 64 };

int main(int argc, char** argv) {
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; ++i) {
        const size_t length = strlen(modes[i].name);
        if (strncmp(argv[1], modes[i].name, length) != 0) continue;
        kept = strcmp(argv[1] + length, "-kept") == 0;
        if (kept || argv[1][length] == '\0') work = modes[i].work;
    }
    const int parts = argc - first_bound - 1;
    const long batch = argc > first_bound ? atol(argv[5]) : 0;
    if (work == NULL || parts < 1 || parts > most_parts || batch < 1) {
        fprintf(
            stderr,
            "usage: bench-peer read|range[-kept]|first-last[-kept]|list[-kept]|row SOCKET DATABASE TABLE BATCH BOUND BOUND [BOUND...]\n");
        return 2;
    }
    mysql_library_init(0, NULL, NULL);
    struct part all[most_parts];
    pthread_t threads[most_parts];
    for (int i = 0; i < parts; ++i) {
        all[i] = (struct part){.socket = argv[2],
                               .database = argv[3],
                               .table = argv[4],
                               .batch = (size_t)batch,
                               .number = i,
                               .after = atoll(argv[first_bound + i]),
                               .upto = atoll(argv[first_bound + i + 1])};
        if (pthread_create(&threads[i], NULL, run, &all[i]) != 0) return 1;
    }
    unsigned long long rows = 0;
    for (int i = 0; i < parts; ++i) {
        pthread_join(threads[i], NULL);
        rows += all[i].rows;
    }
    printf("%llu\n", rows);
    return 0;
}
