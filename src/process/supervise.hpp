#pragma once

namespace rowmill::process {

/// The first thing that a program's main() does where it starts child processes: they are started by a second copy of
/// the program, their supervisor, which this call recognizes by its arguments. There it does the supervisor's work and
/// ends the process; everywhere else it returns at once.
void supervise_if_asked(int argc, char** argv);

/// What a copy of the program is started with to be a supervisor. Its descriptor 3 is the lifeline: a stream socket
/// that messages come over, and whose end means that all children are to be killed.
inline constexpr const char* supervise_argument = "--supervise-children";
inline constexpr int lifeline = 3;

}  // namespace rowmill::process
