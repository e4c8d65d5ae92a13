/* bench-stopwatch REPORT COMMAND [ARGUMENT...]
 *
 * Runs the command and writes to the file REPORT, as JSON: its exit status, the wall time, the processor time of it and
 * its children, and its peak memory. A program of its own, because Linux counts the memory of the process that forked
 * into the peak of what it then executes: a small parent leaves the figure to the command. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static pid_t child;

static void pass_on(int number) {
    if (child > 0) kill(child, number);
}

int main(int argc, char** argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: bench-stopwatch REPORT COMMAND [ARGUMENT...]\n");
        return 2;
    }
    const double start = now();
    child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    signal(SIGTERM, pass_on);
    signal(SIGINT, pass_on);
    int status = 0;
    struct rusage usage;
    pid_t reaped;
    do reaped = wait4(child, &status, 0, &usage);
    while (reaped < 0 && errno == EINTR);
    if (reaped < 0) return 127;
    const double wall = now() - start;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    FILE* report = fopen(argv[1], "w");
    if (report == NULL) return 127;
    fprintf(report, "{\"exit\": %d, \"wall_seconds\": %.6f, \"cpu_seconds\": %.6f, \"peak_kilobytes\": %ld}\n", code,
            wall, seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
    fclose(report);
    return code;
}
