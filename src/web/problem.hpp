#pragma once

#include "web/message.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rowmill::web {

/// Why a request gets no answer but a status and a sentence.
class Problem : public std::runtime_error {
public:
    Problem(unsigned status, const std::string& sentence) : std::runtime_error{sentence}, status_{status} {}

    unsigned status() const { return status_; }

    std::vector<std::pair<std::string, std::string>> headers;
    std::map<std::string, std::string> params;  ///< what is wrong with each parameter
    bool may_accept_changes = false;            ///< it can be done where what has changed is accepted

private:
    unsigned status_;
};

/// What is being thrown, as a problem. A fault of rowmill's own says nothing of what it was.
Problem current_problem();

/// {"error": …, "params": {…}}
Response json_problem(const Problem& problem);

}  // namespace rowmill::web
