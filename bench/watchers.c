/* bench-watchers PORT RUN COUNT [SILENT]
 *
 * COUNT subscribers of a run's events, and SILENT ones more that ask and never read (without others: until it is killed). Reads until every subscriber's stream has ended, and
 * writes as JSON to stdout: how many were answered, how many got the end, how many events they got, and how long those were on their way,
 * from the time that the comment behind a state says, in milliseconds. Says "watching" on stderr when all have had their first state. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_latencies = 1 << 22, tail = 64 };

struct watcher {
    int socket;
    int answered, ended, states;
    size_t kept;         /* of what was read before: a word may be cut in two */
    char before[tail];
};

static double* latencies;
static size_t latency_count;
static unsigned first_states;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char* what) {
    fprintf(stderr, "bench-watchers: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int ask(int port, const char* run, int receive_buffer) {
    const int made = socket(AF_INET, SOCK_STREAM, 0);
    if (made < 0) fail("socket");
    if (receive_buffer > 0) setsockopt(made, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(made, (struct sockaddr*)&address, sizeof address) != 0) fail("connect");
    char request[256];
    const int length = snprintf(request, sizeof request,
                                "GET /runs/%s/progress HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n\r\n", run, port);
    if (write(made, request, (size_t)length) != length) fail("write");
    fcntl(made, F_SETFL, O_NONBLOCK);
    return made;
}

/* What stands in the text, the end of what came before it included. */
static void look(struct watcher* watcher, const char* text, size_t length, double at) {
    static const char told[] = ": told at ";
    const char* end = text + length;
    if (!watcher->answered && memmem(text, length, " 200 OK", 7) != NULL) watcher->answered = 1;
    for (const char* found = text; (found = memmem(found, (size_t)(end - found), told, sizeof told - 1)) != NULL;) {
        found += sizeof told - 1;
        if (memchr(found, '\n', (size_t)(end - found)) == NULL) break; /* the rest comes with the next read */
        if (watcher->states++ == 0) ++first_states; /* the present state may be old: not an event */
        else if (latency_count < most_latencies) latencies[latency_count++] = at - strtod(found, NULL);
    }
    if (memmem(text, length, "event: end\n", 11) != NULL) watcher->ended = 1;
}

/* 0: it goes on. */
static int read_some(struct watcher* watcher) {
    static char buffer[tail + (64 << 10)];
    for (;;) {
        memcpy(buffer, watcher->before, watcher->kept);
        const ssize_t got = read(watcher->socket, buffer + watcher->kept, 64 << 10);
        if (got < 0) return errno != EAGAIN && errno != EINTR;
        if (got == 0) return 1;
        const size_t length = watcher->kept + (size_t)got;
        buffer[length] = '\0';
        look(watcher, buffer, length, now());
        /* Kept from the last line's beginning, if it is short: what was counted in whole lines is not counted again. */
        const char* line = memrchr(buffer, '\n', length);
        const size_t from = line == NULL ? 0 : (size_t)(line + 1 - buffer);
        watcher->kept = length - from < tail ? length - from : 0;
        memcpy(watcher->before, buffer + from, watcher->kept);
    }
}

static int by_size(const void* one, const void* other) {
    const double difference = *(const double*)one - *(const double*)other;
    return (difference > 0) - (difference < 0);
}

static double share(double part) {
    return latency_count == 0 ? 0 : 1000 * latencies[(size_t)((double)(latency_count - 1) * part)];
}

int main(int argc, char** argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: bench-watchers PORT RUN COUNT [SILENT]\n");
        return 2;
    }
    const int port = atoi(argv[1]), count = atoi(argv[3]), silent = argc > 4 ? atoi(argv[4]) : 0;
    struct rlimit files = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &files);
    latencies = malloc(most_latencies * sizeof *latencies);
    struct watcher* watchers = calloc((size_t)count, sizeof *watchers);
    const int all = epoll_create1(0);
    for (int i = 0; i < silent; ++i) ask(port, argv[2], 4 << 10);
    for (int i = 0; i < count; ++i) {
        watchers[i].socket = ask(port, argv[2], 0);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &watchers[i]};
        if (epoll_ctl(all, EPOLL_CTL_ADD, watchers[i].socket, &event) != 0) fail("epoll");
    }
    while (count == 0) pause();
    int open = count, answered = 0, ended = 0, told = 0;
    while (open > 0) {
        struct epoll_event events[256];
        const int ready = epoll_wait(all, events, 256, -1);
        for (int i = 0; i < ready; ++i) {
            struct watcher* watcher = events[i].data.ptr;
            if (!read_some(watcher)) continue;
            close(watcher->socket);
            --open;
        }
        if (!told && first_states == (unsigned)count) told = fprintf(stderr, "watching\n");
    }
    for (int i = 0; i < count; ++i) answered += watchers[i].answered, ended += watchers[i].ended;
    qsort(latencies, latency_count, sizeof *latencies, by_size);
    printf("{\"answered\": %d, \"ended\": %d, \"events\": %zu, \"p50\": %.3f, \"p99\": %.3f, \"most\": %.3f}\n", answered, ended,
           latency_count, share(0.5), share(0.99), share(1));
    return 0;
}
