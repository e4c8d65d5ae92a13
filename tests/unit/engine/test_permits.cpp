#include "engine/permits.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

using namespace rowmill::engine;

namespace {

/// Threads that want a permit each, and keep it until `leave` is let go.
struct Applicants {
    explicit Applicants(Permits& of) : permits{of} {}

    void come() {
        threads.emplace_back([this] {
            const auto held = permits.take(stop.get_token());
            ++(held ? admitted : refused);
            (held ? admitted : refused).notify_all();
            const std::unique_lock until_told{leave};
        });
    }
    static void wait_for(const std::atomic<int>& number, int value) {
        for (int now = number; now != value; now = number) number.wait(now);
    }

    Permits& permits;
    std::stop_source stop;
    std::mutex leave;
    std::atomic<int> admitted{0}, refused{0};
    std::vector<std::jthread> threads;
};

}  // namespace

TEST_CASE("a raised number of permits lets more in at once, and no more than that") {
    Permits permits{2};
    Applicants applicants{permits};
    const std::unique_lock hold{applicants.leave};
    for (int i = 0; i < 9; ++i) applicants.come();
    Applicants::wait_for(applicants.admitted, 2);
    permits.set_most(4);
    CHECK(permits.most() == 4);
    Applicants::wait_for(applicants.admitted, 4);
    applicants.stop.request_stop();
    Applicants::wait_for(applicants.refused, 5);
    CHECK(applicants.admitted == 4);
}

TEST_CASE("with fewer permits those held are kept, and nobody comes in before enough are given back") {
    Permits permits{2};
    std::optional<Permits::Held> first{permits.take({})}, second{permits.take({})};
    permits.set_most(1);
    {
        Applicants applicants{permits};
        applicants.come();
        first.reset();
        applicants.stop.request_stop();
        Applicants::wait_for(applicants.refused, 1);
        CHECK(applicants.admitted == 0);
    }
    Applicants later{permits};
    later.come();
    second.reset();
    Applicants::wait_for(later.admitted, 1);
}

TEST_CASE("zero permits are any number, and a stop gives none") {
    Permits permits{0};
    const auto first = permits.take({}), second = permits.take({});
    CHECK((first && second));
    std::stop_source stop;
    stop.request_stop();
    CHECK_FALSE(permits.take(stop.get_token()));
}
