#include "run/stretch.hpp"

#include "engine/fault.hpp"

#include <algorithm>
#include <cmath>

namespace rowmill::run {
namespace {

/// Calls `leave` under the lock at the end, however that comes.
template <typename Leave>
class Turn {
public:
    Turn(std::mutex& mutex, Leave leave) : mutex_{mutex}, leave_{std::move(leave)} {}
    ~Turn() {
        const std::lock_guard lock{mutex_};
        leave_();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    std::mutex& mutex_;
    Leave leave_;
};

}  // namespace

engine::Page Stretch::read(std::size_t wanted, const std::stop_token& stop,
                           const std::function<engine::Page(const table::Range&)>& read) {
    table::Range left;
    {
        std::unique_lock lock{mutex_};
        // Who waits to split goes first: a reader that does nothing but read would never let it in.
        if (!changed_.wait(lock, stop, [this] { return splitters_ == 0; }))
            throw Error{ErrorKind::stopped, "stopped while a sack was being split"};
        if (doubt_) throw Error{*doubt_};
        if (!began_) began_ = std::chrono::steady_clock::now();
        is_reading_ = true;
        page_ = wanted;
        left = range_;
    }
    const Turn turn{mutex_, [this] {
                        is_reading_ = false;
                        changed_.notify_all();
                    }};
    engine::Page page = read(left);
    const std::lock_guard lock{mutex_};
    range_.after = page.upto;
    rows_read_ += page.count;
    at_end_ = page.at_end;
    return page;
}

bool Stretch::hold(std::chrono::milliseconds patience,
                   const std::function<std::optional<Key>(const Left&)>& split) {
    Left left;
    {
        std::unique_lock lock{mutex_};
        ++splitters_;
        const bool is_ours = changed_.wait_for(lock, patience, [this] { return !is_reading_ && !is_split_; });
        if (!is_ours || at_end_ || doubt_) {
            --splitters_;
            changed_.notify_all();
            return false;
        }
        is_split_ = true;
        left = {range_, rows_read_, page_};
    }
    const Turn turn{mutex_, [this] {
                        is_split_ = false;
                        --splitters_;
                        changed_.notify_all();
                    }};
    try {
        if (const auto end = split(left)) {
            const std::lock_guard lock{mutex_};
            range_.upto = *end;
        }
    } catch (...) {
        const std::lock_guard lock{mutex_};
        doubt_ = engine::current_error();
        throw;
    }
    return true;
}

std::optional<std::uint64_t> Stretch::rows_left() const {
    const std::lock_guard lock{mutex_};
    if (at_end_) return 0;
    if (rows_ == 0) return {};
    // More may have been told of than there were: until the end is reached, nobody is to take it for read.
    return std::max<std::uint64_t>(1, rows_ - std::min(rows_, rows_read_));
}

std::optional<std::chrono::milliseconds> Stretch::time_left() const {
    const std::lock_guard lock{mutex_};
    if (!began_ || rows_read_ == 0 || rows_ <= rows_read_) return {};
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - *began_;
    const auto left = static_cast<double>(rows_ - rows_read_);
    return std::chrono::milliseconds{std::llround(taken.count() * left / static_cast<double>(rows_read_))};
}

void Stretch::counted(std::uint64_t rows_left) {
    const std::lock_guard lock{mutex_};
    rows_ = std::max<std::uint64_t>(1, rows_read_ + rows_left);
}

}  // namespace rowmill::run
