#pragma once

namespace rowmill::test {

/// Makes this program start children and grandchildren, say "started" on stdout, and wait to be killed.
inline constexpr const char* doomed_argument = "--start-children-and-wait";
int be_doomed();

}  // namespace rowmill::test
