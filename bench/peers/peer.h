/* The loops that a good C programmer would write instead of using rowmill: no plan, no checkpoint, no recovery. Any
 * error ends the process. */

#ifndef ROWMILL_BENCH_PEER_H
#define ROWMILL_BENCH_PEER_H

#include <mysql.h>

#include <stddef.h>

/* One connection's part of the table: the ids above `after`, up to and including `upto`. */
struct part {
    const char* socket;
    const char* database;
    const char* table;
    long long after, upto;
    size_t batch;
    MYSQL* connection;
    int number;               /* of its checkpoint */
    unsigned long long rows; /* answer: how many were read or changed */
};

/* With "-kept" behind its name, a mode commits each change together with a checkpoint, in the packets that
 * rowmill's promise takes: how far a loop in C gets that keeps it. */
extern int kept;

/* bench-peer's modes. Each works through its part and leaves the number of its rows. */
void read_part(struct part* part);       /* reads the ids, page by page */
void range_part(struct part* part);      /* boundary by LIMIT 1 OFFSET batch - 1, UPDATE of the range above the last */
void first_last_part(struct part* part); /* the same by the first and last id: BETWEEN */
void list_part(struct part* part);       /* reads the ids of a page, UPDATE … IN (them) */
void row_part(struct part* part);        /* reads the ids of a page, a prepared UPDATE for each, a transaction a page */

/* Connects; ends the process with a message where that fails. */
void connect_part(struct part* part);
/* Ends the process with the connection's last error. */
void fail(MYSQL* connection, const char* what) __attribute__((noreturn));
/* Executes a statement without a result; returns the rows it changed. */
unsigned long long change(MYSQL* connection, const char* sql, size_t length);
/* The same for a batch that ends at id `upto`; with its checkpoint where `kept`. */
unsigned long long change_batch(struct part* part, const char* sql, size_t length, long long upto);
/* The ids of the next page above `after`, ascending, at most part->batch of them; returns how many. */
size_t read_page(struct part* part, long long after, long long* ids);

#endif
