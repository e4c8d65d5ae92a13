#pragma once

#include "progress/render.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace rowmill::test {

/// A run in the middle of its work.
inline progress::Snapshot running() {
    progress::Snapshot now;
    now.run = 7;
    now.job = "fix-invoices";
    now.state = "running";
    now.total = 500000;
    now.total_is_exact = true;
    now.percent = 24.04;
    now.settled = 120200;
    now.succeeded = 120000;
    now.skipped = 190;
    now.failed = now.dead_letters = 10;
    now.waiting_retry = 3;
    now.in_flight = 64;
    now.rate = 31234.4;
    now.eta_seconds = 12.2;
    return now;
}

/// A stream in memory, to see what a listener wrote.
class Captured {
public:
    Captured() : out_{open_memstream(&data_, &size_)} {}
    ~Captured() {
        std::fclose(out_);
        std::free(data_);
    }
    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;

    std::FILE* out() { return out_; }
    std::string text() {
        std::fflush(out_);
        return {data_, size_};
    }

private:
    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* out_;
};

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace rowmill::test
