#include "process/supervise.hpp"

#include "process/supervisor.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace rowmill::process {
namespace {

bool is_stream_socket(int descriptor) {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

}  // namespace

void supervise_if_asked(int argc, char** argv) {
    if (argc != 2 || std::strcmp(argv[1], supervise_argument) != 0) return;
    if (!is_stream_socket(lifeline)) {
        std::fprintf(stderr, "%s is for rowmill's own use: it starts itself so\n", supervise_argument);
        std::_Exit(2);
    }
    {
        Supervisor supervisor{Descriptor{lifeline}};
        supervisor.run();
    }
    std::_Exit(0);
}

}  // namespace rowmill::process
