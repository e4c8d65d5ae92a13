#include "integration/process/doomed.hpp"

#include "process/launcher.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace rowmill::test {

int be_doomed() {
    process::Launcher launcher;
    // Each: a child, one in its group that ignores TERM, one in a session of its own, and an orphan of such a one.
    const std::string script =
        "trap '' TERM; sleep 1000 & setsid sleep 1000 & setsid sh -c 'sleep 1000 & sleep 1000 & exit' & wait %3; echo "
        "ready; "
        "wait";
    for (int child = 0; child < 3; ++child) {
        process::Listener listener;
        listener.output = [](std::string_view) {
            std::puts("started");
            std::fflush(stdout);
        };
        launcher.start({{"/bin/sh", "-c", script}, {}}, listener);
    }
    while (true) ::pause();
}

}  // namespace rowmill::test
