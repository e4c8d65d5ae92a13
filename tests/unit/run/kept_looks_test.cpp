#include "run/kept_looks.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using rowmill::run::KeptLooks;

namespace {

/// A key that tells when it is first compared with another: whoever has asked for it is then in the middle of finding out whether somebody
/// looks already, and no look can end before that is known.
struct Key {
    int number = 0;
    std::shared_ptr<std::atomic<bool>> is_asked_for = std::make_shared<std::atomic<bool>>(false);

    bool operator<(const Key& other) const {
        for (const Key* key : {this, &other}) key->tell();
        return number < other.number;
    }
    void tell() const {
        is_asked_for->store(true);
        is_asked_for->notify_all();
    }
    void wait() const { is_asked_for->wait(false); }
};

/// Looks that take until they are let go.
struct Slow {
    KeptLooks<Key, std::string> looks;
    std::atomic<int> count = 0;
    std::latch has_begun{1}, may_end{1};

    std::string first(const std::string& seen) {
        return looks.get(Key{}, [&] {
            ++count;
            has_begun.count_down();
            may_end.wait();
            if (seen.empty()) throw std::runtime_error{"nothing to be seen"};
            return seen;
        });
    }
    std::string other(const Key& key) {
        return looks.get(key, [&] {
            ++count;
            key.tell();
            return std::string{"seen by another"};
        });
    }
};

constexpr std::size_t many = 8;

/// So many who ask while the first looks.
std::vector<std::future<std::string>> others(Slow& slow) {
    std::vector<std::future<std::string>> asked;
    for (std::size_t i = 0; i < many; ++i) {
        const Key key;
        asked.push_back(std::async(std::launch::async, [&slow, key] { return slow.other(key); }));
        key.wait();
    }
    return asked;
}

}  // namespace

TEST_CASE("many who ask at once are shown what one of them sees") {
    Slow slow;
    auto first = std::async(std::launch::async, [&] { return slow.first("the run"); });
    slow.has_begun.wait();
    auto asked = others(slow);
    slow.may_end.count_down();
    CHECK(first.get() == "the run");
    for (auto& one : asked) CHECK(one.get() == "the run");
    CHECK(slow.count == 1);
}

TEST_CASE("those who wait for a look that throws are told why, and nobody looks once more for them") {
    Slow slow;
    auto first = std::async(std::launch::async, [&] { return slow.first(""); });
    slow.has_begun.wait();
    auto asked = others(slow);
    slow.may_end.count_down();
    CHECK_THROWS_WITH(first.get(), "nothing to be seen");
    for (auto& one : asked) CHECK_THROWS_WITH(one.get(), "nothing to be seen");
    CHECK(slow.count == 1);
    CHECK(slow.other(Key{}) == "seen by another");
}

TEST_CASE("who asks after something was changed waits for no look that began before") {
    Slow slow;
    auto first = std::async(std::launch::async, [&] { return slow.first("as it was"); });
    slow.has_begun.wait();
    slow.looks.forget();
    CHECK(slow.other(Key{}) == "seen by another");
    slow.may_end.count_down();
    CHECK(first.get() == "as it was");
    CHECK(slow.other(Key{}) == "seen by another");
    CHECK(slow.count == 2);
}

TEST_CASE("a look at something else waits for nobody") {
    Slow slow;
    auto first = std::async(std::launch::async, [&] { return slow.first("one"); });
    slow.has_begun.wait();
    CHECK(slow.other(Key{.number = 2}) == "seen by another");
    slow.may_end.count_down();
    CHECK(first.get() == "one");
}
