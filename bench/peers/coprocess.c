/* bench-coprocess MILLISECONDS
 *
 * A coprocess of rowmill whose own cost is small: reads a row as a line of JSON, waits, answers that it is done. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char** argv) {
    const long milliseconds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    const struct timespec wait = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    char* line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        const char* id = strstr(line, "\"id\":");
        if (id == NULL) return 1;
        if (milliseconds > 0) nanosleep(&wait, NULL);
        printf("{\"id\":%llu,\"outcome\":\"success\"}\n", strtoull(id + 5, NULL, 10));
        fflush(stdout);
    }
    free(line);
    return 0;
}
