#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rowmill::process {

/// Keeps the last `limit` bytes of a stream, whatever its length.
class Tail {
public:
    explicit Tail(std::size_t limit) : limit_{limit} {}

    void append(std::string_view bytes) {
        if (bytes.size() >= limit_) {
            cut_ = cut_ || !text_.empty() || bytes.size() > limit_;
            text_ = bytes.substr(bytes.size() - limit_);
            return;
        }
        text_ += bytes;
        // Twice the limit may stand here, so that most pieces move nothing.
        if (text_.size() <= 2 * limit_) return;
        cut_ = true;
        text_.erase(0, text_.size() - limit_);
    }
    std::string_view text() const {
        const std::string_view all = text_;
        return all.size() > limit_ ? all.substr(all.size() - limit_) : all;
    }
    /// Does the text begin where the stream did not?
    bool is_cut() const { return cut_ || text_.size() > limit_; }

private:
    std::size_t limit_;
    std::string text_;
    bool cut_ = false;
};

}  // namespace rowmill::process
