#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <stop_token>

namespace rowmill::engine {

/// How many may be at work at once, first come first served: a number that may change at any time. Thread-safe.
class Permits {
public:
    /// `most` 0: any number.
    explicit Permits(std::uint64_t most) : most_{most} {}

    /// One of them, given back at its end.
    class Held {
    public:
        Held() = default;
        explicit Held(Permits& of) : permits_{&of} {}
        Held(Held&& other) noexcept : permits_{other.permits_} { other.permits_ = nullptr; }
        Held& operator=(Held&&) = delete;
        ~Held() {
            if (permits_ != nullptr) permits_->give_back();
        }
        explicit operator bool() const { return permits_ != nullptr; }

    private:
        Permits* permits_ = nullptr;
    };

    /// Waits for one. None, once stop is requested.
    Held take(const std::stop_token& stop);
    /// From now on; those held beyond it are kept until they are given back.
    void set_most(std::uint64_t most);
    std::uint64_t most() const;
    std::uint64_t held() const;

private:
    void give_back();

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::uint64_t most_;
    std::uint64_t held_ = 0;
    std::uint64_t last_ticket_ = 0;
    std::list<std::uint64_t> waiting_;  ///< tickets, the oldest first
};

}  // namespace rowmill::engine
