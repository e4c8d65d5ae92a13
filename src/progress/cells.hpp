#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rowmill::progress {

/// The text with every sequence that is not UTF-8 replaced by U+FFFD, for JSON.
std::string valid_utf8(std::string_view text);

/// The text made harmless for a terminal and kept on one line: line breaks and tabs become blanks; other control
/// characters (C0, C1, DEL), bidirectional overrides and bytes that are not UTF-8 become U+FFFD.
std::string harmless(std::string_view text);

/// How many terminal cells the text takes. Where terminals differ (emoji, flags) the larger width is taken: a
/// line that is a cell short looks better than one that wraps.
std::size_t cells_of(std::string_view text);

/// The text cut to at most `cells` cells, the last of them "…" where something was cut off.
std::string fit_cells(std::string_view text, std::size_t cells);

}  // namespace rowmill::progress
