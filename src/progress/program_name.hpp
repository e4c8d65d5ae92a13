#pragma once

#include <string>

namespace rowmill::progress {

/// What people type to call this program, in sentences that say what to do next: "rowmill", or the name of an App.
const std::string& program_name();
/// To be called before other threads are started.
void set_program_name(std::string name);

}  // namespace rowmill::progress
