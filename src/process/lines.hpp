#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace rowmill::process {

/// Cuts a stream into lines bounded in length.
class Lines {
public:
    /// `whole` is false for the beginning of a line that is longer than the limit: its rest is passed over.
    using Take = std::function<void(std::string_view line, bool whole)>;

    Lines(std::size_t limit, Take take) : limit_{limit}, take_{std::move(take)} {}

    void append(std::string_view bytes);
    /// The stream has ended: takes what stands there without a line's end.
    void finish();

private:
    void add(std::string_view piece);

    std::size_t limit_;
    Take take_;
    std::string begun_;
    bool passing_over_ = false;
};

}  // namespace rowmill::process
