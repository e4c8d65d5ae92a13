#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowmill::run {

/// How the job of a run is found again, and what it was begun with: `runs.definition`, JSON. Holds no secrets. Of a job file, or of
/// what the command line said in its place, or of a job that a program declares.
struct Definition {
    std::string program;  ///< "bookshop: previews": declared there; empty: a file, or a table
    std::string file;     ///< its absolute path
    std::string table, where, sql;
    /// As they were typed, in their order.
    std::vector<std::pair<std::string, std::string>> params{};
    std::map<std::string, std::string> overrides{};  ///< of [run] and [throttle]
};

std::string encode(const Definition& definition);
/// Absent where it says neither a file nor a table nor a program: it was written by another version.
std::optional<Definition> decode_definition(const std::string& json);

/// "K=V". Without the sign: all of it is the name.
std::pair<std::string, std::string> split_assignment(const std::string& assignment);

}  // namespace rowmill::run
