#pragma once

#include "support/temporary_folder.hpp"

#include <memory>
#include <string>

namespace rowmill::test {

/// A small file system in memory, of a test's own, that can be full. Unmounted by the destructor. Not thread-safe.
class SmallDisk {
public:
    /// Null where this process may not mount, as in most containers; `why_not` then says so.
    static std::unique_ptr<SmallDisk> mount(unsigned megabytes, std::string& why_not);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    const std::string& path() const { return folder_.path(); }
    /// Writes to a file until there is no room left.
    void fill();
    /// Takes that file away again.
    void make_room();

private:
    SmallDisk() = default;
    std::string ballast() const { return path() + "/ballast"; }

    TemporaryFolder folder_;
};

}  // namespace rowmill::test
