#include "bench.hpp"
#include "support/eventually.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <thread>
#include <vector>

using namespace rowmill;
using namespace rowmill::test;
using namespace std::chrono_literals;

namespace {

/// Sessions that keep the server's threads running while it lives.
class Crowd {
public:
    Crowd(Schema& schema, unsigned sessions) : schema_{schema}, number_{sessions} {
        for (unsigned i = 0; i < sessions; ++i) {
            sessions_.push_back(std::make_unique<db::Session>(schema.endpoint(), db::SessionSettings{}));
            threads_.emplace_back([session = sessions_.back().get()] {
                const db::ThreadScope scope;
                try {
                    session->query("SELECT SLEEP(600)");
                } catch (const Error&) {
                    // Sent home.
                }
            });
        }
        CHECK(eventually([&] { return running() >= number_; }));
    }
    ~Crowd() {
        for (const auto& session : sessions_) session->interrupt();
    }

private:
    unsigned running() {
        const auto shown = schema_.session().query("SHOW GLOBAL STATUS LIKE 'Threads_running'");
        return static_cast<unsigned>(std::stoul(shown.text(0, 1)));
    }

    Schema& schema_;
    unsigned number_;
    std::vector<std::unique_ptr<db::Session>> sessions_;
    std::vector<std::jthread> threads_;
};

}  // namespace

TEST_CASE("a run waits while others keep the server busy, and goes on afterwards") {
    Throttled bench{"max_load = \"Threads_running=20\""};
    auto crowd = std::make_unique<Crowd>(bench.schema, 30);
    const auto process = bench.trial.start();
    CHECK(process->wait_for_output("(max_load 20)"));
    CHECK(bench.changed() == 0);
    crowd.reset();
    check_end(process->wait(), "exit 0", {"waited", "load"});
    CHECK(bench.is_each_once());
}

TEST_CASE("a run that is under way waits once others keep the server busy") {
    Throttled bench{"max_load = \"Threads_running=20\"", "rate = 100"};
    const auto process = bench.trial.start();
    CHECK(eventually([&] { return bench.changed() > 0; }));
    auto crowd = std::make_unique<Crowd>(bench.schema, 30);
    CHECK(process->wait_for_output("(max_load 20)"));
    CHECK(bench.changed() < bench.rows);
    crowd.reset();
    bench.hurry();
    check_end(process->wait(), "exit 0");
    CHECK(bench.is_each_once());
}

TEST_CASE("past its critical load a run stops with exit 4 and the reason, and resumes") {
    Throttled bench{"critical_load = \"Threads_running=20\"", "rate = 100"};
    const auto process = bench.trial.start();
    CHECK(eventually([&] { return bench.changed() > 0; }));
    {
        const Crowd crowd{bench.schema, 30};
        check_end(process->wait(), "exit 4", {"interrupted", "Threads_running is 3", "(critical_load 20)"});
    }
    CHECK(bench.changed() < bench.rows);
    CHECK(bench.trial.status().at("state").as_string() == "interrupted");
    check_end(bench.trial.run({"--rate", "0"}), "exit 0", {"resuming run"});
    CHECK(bench.is_each_once());
}

TEST_CASE("a status variable that is misspelt is found before the first row, with the nearest") {
    Throttled bench{"max_load = \"Thread_running=20\"", "", 10};
    check_end(bench.trial.run(), "exit 2", {"throttle.max_load", "Thread_running", "did you mean threads_running?"});
    check_end(bench.trial.run({"--max-load", "", "--critical-load", "Treads_running=9"}), "exit 2",
              {"throttle.critical_load", "did you mean threads_running?"});
    CHECK(bench.changed() == 0);
}

TEST_CASE("a status variable that is no number is found before the first row") {
    Throttled bench{"max_load = \"Ssl_version=1\"", "", 10};
    check_end(bench.trial.run(), "exit 2", {"Ssl_version is no number"});
}
