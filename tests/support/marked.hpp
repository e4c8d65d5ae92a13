#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace rowmill::test {

/// Finds processes, wherever they have gone, by a variable that they were started with and pass on to their children.
class Mark {
public:
    Mark();  ///< a value that no other has

    /// NAME=value
    std::string variable() const { return name() + "=" + value_; }
    static std::string name() { return "ROWMILL_TEST_MARK"; }
    const std::string& value() const { return value_; }

    /// The living processes that bear the mark, but for this one.
    std::vector<pid_t> processes() const;

private:
    std::string value_;
};

}  // namespace rowmill::test
