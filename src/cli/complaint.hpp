#pragma once

#include <string>

// CLI11 costs every file that includes it a second.
namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace rowmill::cli {

/// What is wrong with a command line and what to do, in one sentence that repeats no password. `app` is the one that
/// threw the error.
std::string complaint(const CLI::App& app, const CLI::ParseError& error);

}  // namespace rowmill::cli
