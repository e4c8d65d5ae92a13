#pragma once

#include "action/masking.hpp"
#include "action/outside.hpp"
#include "process/tail.hpp"

#include <rowmill/outcome.hpp>

#include <string>
#include <string_view>

namespace rowmill::action {

/// Which attempt of which row something is said of.
struct Subject {
    std::string key;  ///< for people
    unsigned attempt = 1;
};

/// Says in the log what happened to which row, with secrets masked. Immutable; thread-safe.
class ExecLog {
public:
    explicit ExecLog(const Outside& outside) : masking_{outside}, log_{outside.log} {}

    /// "key 7: exit 1, attempt 1: convert: no such file". Nothing of a success.
    void settled(const Subject& subject, const Outcome& outcome) const;
    /// "key 7: stderr, attempt 1: …"
    void said(const Subject& subject, const std::string& what) const;
    void say(const std::string& line) const;
    std::string masked(const std::string& text) const { return masking_(text); }
    std::string masked(const process::Tail& tail) const;
    /// One that is not `whole` has lost its end.
    std::string masked_line(std::string_view line, bool whole) const;

private:
    Masking masking_;
    std::function<void(const std::string&)> log_;
};

}  // namespace rowmill::action
