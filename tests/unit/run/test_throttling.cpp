#include "run/throttling.hpp"

#include "../../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>

using namespace rowmill;
using namespace std::chrono_literals;

namespace {

/// A run's gate and what holds it, without a server.
struct Bench {
    explicit Bench(const job::ThrottleSpec& spec)
        : throttling{spec, db::Connector{{}, {}}, 600s, gate, clock,
                     {.looked =
                          [this](double strain, std::optional<double>) {
                              const std::lock_guard lock{mutex};
                              strains.push_back(strain);
                              told.notify_all();
                          },
                      .began = [](const std::string&) {},
                      .note = [](const std::string&) {},
                      .critical = [](const std::string&) {},
                      .failed = [](const Error&) {}}} {}

    /// Waits until the gate is held for exactly these kinds.
    bool is_held_for(const std::vector<std::string>& kinds) {
        std::unique_lock lock{mutex};
        return told.wait_for(lock, 30s, [&] {
            std::vector<std::string> held;
            for (const auto& [kind, reason] : gate.reasons())
                if (!reason.starts_with("to hear from")) held.push_back(kind);
            return held == kinds && held.size() == gate.reasons().size();
        });
    }

    engine::SteadyClock clock;
    engine::Waits waits{clock};
    engine::Gate gate{waits};
    std::mutex mutex;
    std::condition_variable told;
    std::vector<double> strains;
    run::Throttling throttling;
};

struct Flags {
    test::TemporaryFolder folder;
    std::string there = folder.path() + "/there", missing = folder.path() + "/missing";
    Flags() { std::ofstream{there} << ""; }
};

}  // namespace

TEST_CASE("without throttles the gate is open") {
    Bench bench{{}};
    CHECK_FALSE(bench.gate.is_held());
}

TEST_CASE("each kind holds the gate for itself") {
    const Flags flags;
    job::ThrottleSpec spec;
    spec.flag_file = flags.there;
    spec.window = "00:00-24:00 UTC";
    Bench bench{spec};
    CHECK(bench.is_held_for({"flag_file"}));
    std::filesystem::remove(flags.there);
    CHECK(bench.is_held_for({}));
}

TEST_CASE("a change takes effect, on throttles that the run had and on those that it had not") {
    const Flags flags;
    job::ThrottleSpec spec;
    Bench bench{spec};
    spec.flag_file = flags.there;
    bench.throttling.change(spec);
    CHECK(bench.is_held_for({"flag_file"}));
    spec.flag_file = flags.missing;
    bench.throttling.change(spec);
    CHECK(bench.is_held_for({}));
    spec.flag_file = flags.there;
    bench.throttling.change(spec);
    CHECK(bench.is_held_for({"flag_file"}));
    spec.flag_file = "";
    bench.throttling.change(spec);
    CHECK(bench.is_held_for({}));
}

TEST_CASE("a change that is none changes nothing") {
    const Flags flags;
    job::ThrottleSpec spec;
    spec.flag_file = flags.there;
    Bench bench{spec};
    CHECK(bench.is_held_for({"flag_file"}));
    spec.flag_file = flags.missing;
    spec.window = "25:00-26:00";
    CHECK_THROWS_WITH(bench.throttling.change(spec), doctest::Contains("throttle.window"));
    CHECK(bench.is_held_for({"flag_file"}));
}

TEST_CASE("the strain told is the highest of all") {
    const Flags flags;
    job::ThrottleSpec spec;
    spec.flag_file = flags.there;
    spec.window = "00:00-24:00 UTC";
    Bench bench{spec};
    CHECK(bench.is_held_for({"flag_file"}));
    std::unique_lock lock{bench.mutex};
    bench.strains.clear();
    CHECK(bench.told.wait_for(lock, 30s, [&] { return bench.strains.size() > 3; }));
    for (const double strain : bench.strains) CHECK(strain == 2);
}
