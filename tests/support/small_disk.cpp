#include "support/small_disk.hpp"

#include <sys/mount.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace rowmill::test {

std::unique_ptr<SmallDisk> SmallDisk::mount(unsigned megabytes, std::string& why_not) {
    std::unique_ptr<SmallDisk> disk{new SmallDisk};
    const std::string size = "size=" + std::to_string(megabytes) + "m";
    if (::mount("tmpfs", disk->path().c_str(), "tmpfs", 0, size.c_str()) == 0) return disk;
    why_not = "no file system can be mounted here: " + std::generic_category().message(errno);
    return nullptr;  // the destructor finds nothing to unmount
}

SmallDisk::~SmallDisk() { ::umount2(path().c_str(), MNT_DETACH); }

void SmallDisk::fill() {
    // By blocks: a longer write that does not fit wholly would leave room.
    const std::string block(4096, '\0');
    std::ofstream file{ballast(), std::ios::binary | std::ios::app};
    file.rdbuf()->pubsetbuf(nullptr, 0);
    while (file.write(block.data(), static_cast<std::streamsize>(block.size()))) {
    }
}

void SmallDisk::make_room() { std::filesystem::remove(ballast()); }

}  // namespace rowmill::test
