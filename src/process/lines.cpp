#include "process/lines.hpp"

#include <algorithm>

namespace rowmill::process {

void Lines::append(std::string_view bytes) {
    while (true) {
        const std::size_t end = bytes.find('\n');
        add(bytes.substr(0, end));
        if (end == std::string_view::npos) return;
        if (!passing_over_) take_(std::exchange(begun_, {}), true);
        passing_over_ = false;
        bytes.remove_prefix(end + 1);
    }
}

void Lines::add(std::string_view piece) {
    if (passing_over_) return;
    begun_ += piece.substr(0, std::min(piece.size(), limit_ + 1 - begun_.size()));
    if (begun_.size() <= limit_) return;
    passing_over_ = true;
    std::string line = std::exchange(begun_, {});
    line.resize(limit_);
    take_(line, false);
}

void Lines::finish() {
    if (!begun_.empty()) take_(std::exchange(begun_, {}), true);
}

}  // namespace rowmill::process
