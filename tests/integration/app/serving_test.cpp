#include "bookshop.hpp"
#include "support/raw_client.hpp"

#include <doctest/doctest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// A command of the program that serves a page, and where.
class Serving {
public:
    Serving(const Bookshop& shop, std::vector<std::string> arguments) : Serving{shop.command(std::move(arguments)), shop.options()} {}
    Serving(const std::vector<std::string>& command, const ProcessOptions& options) : process_{command, options} {
        const bool is_up = process_.wait_for_output("http://127.0.0.1:") && process_.wait_for_output("\n");
        REQUIRE_MESSAGE(is_up, process_.errors());
        const std::string said = process_.errors();
        const std::size_t at = said.find("http://127.0.0.1:") + std::string{"http://127.0.0.1:"}.size();
        std::from_chars(said.data() + at, said.data() + said.size(), port_);
    }

    Process& process() { return process_; }
    std::uint16_t port() const { return port_; }

    RawAnswer get_page(const std::string& path) const {
        RawClient client{port_};
        client.send(get(path, port_));
        return client.answer();
    }
    RawAnswer post(const std::string& path, const std::string& json) const {
        RawClient client{port_};
        const std::string host = "127.0.0.1:" + std::to_string(port_);
        client.send("POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host +
                    "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) + "\r\n\r\n" + json);
        return client.answer();
    }
    /// One who follows the run as events.
    std::unique_ptr<RawClient> follow(const std::string& run) const {
        auto client = std::make_unique<RawClient>(port_);
        client->send(get("/runs/" + run + "/progress", port_, "Accept: text/event-stream\r\n"));
        return client;
    }

private:
    Process process_;
    std::uint16_t port_ = 0;
};

const std::vector<std::string> slow_run{"sleepy", "100", "--concurrency", "2", "--progress", "none"};

std::vector<std::string> slow_run_with(std::vector<std::string> more) {
    std::vector<std::string> arguments = slow_run;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

}  // namespace

TEST_CASE("a run shows its page while it is on, and tells its end to who follows it before the program leaves") {
    Bookshop shop{120};
    Serving serving{shop, slow_run_with({"--serve=127.0.0.1:0"})};
    CHECK(says(serving.process().errors(), "/runs/1\n"));
    const auto follower = serving.follow("1");
    CHECK(follower->read_until("event: progress"));
    const RawAnswer page = serving.get_page("/runs/1");
    CHECK(page.status == 200);
    CHECK(says(page.body, "sleepy"));
    CHECK(says(serving.get_page("/metrics").body, "rowmill_run_state{run=\"1\",job=\"sleepy\",state=\"running\"} 1"));
    CHECK(follower->read_until("event: end\ndata: {\"state\":\"succeeded\",\"exit_code\":0,"));
    CHECK(serving.process().wait().how() == "exit 0");
}

TEST_CASE("who follows a run that is stopped at a signal is told that it can be resumed, and how it stood") {
    Bookshop shop{400};
    Serving serving{shop, slow_run_with({"--serve", "127.0.0.1:0"})};
    const auto follower = serving.follow("1");
    CHECK(follower->read_until("event: progress"));
    serving.process().send_signal(SIGTERM);
    CHECK(follower->read_until("event: end\ndata: {\"state\":\"interrupted\""));
    CHECK(serving.process().wait().how() == "exit 4");
}

TEST_CASE("the page of a run begins no job") {
    Bookshop shop{400};
    Serving serving{shop, slow_run_with({"--serve=127.0.0.1:0"})};
    CHECK(serving.get_page("/api/jobs").body == R"({"jobs":[]})");
    CHECK(serving.post("/api/jobs/titles/runs", R"({"params":{}})").status == 404);
}

TEST_CASE("a run can be paused and cancelled from its page") {
    Bookshop shop{2000};
    Serving serving{shop, slow_run_with({"--serve=127.0.0.1:0"})};
    const auto follower = serving.follow("1");
    CHECK(follower->read_until("event: progress"));
    CHECK(serving.post("/api/runs/1/pause", "{}").status == 200);
    CHECK(follower->read_until(R"("state":"paused")"));
    CHECK(serving.post("/api/runs/1/cancel", "{}").status == 200);
    CHECK(follower->read_until("event: end\ndata: {\"state\":\"cancelled\""));
    CHECK(serving.process().wait().how() == "exit 5");
}

TEST_CASE("runs that are served at once without an address find a port each") {
    Bookshop shop{400}, other{400};
    Serving first{shop, slow_run_with({"--serve"})}, second{other, slow_run_with({"--serve"})};
    CHECK(first.port() != second.port());
    CHECK(first.get_page("/runs/1").status == 200);
    CHECK(second.get_page("/runs/1").status == 200);
}

TEST_CASE("an address that is taken, or that others could reach without a token, is refused before anything is begun") {
    Bookshop shop{400};
    Serving serving{shop, slow_run_with({"--serve=127.0.0.1:0"})};
    Bookshop other{5};
    const Finished taken = other.run({"titles", "--serve=127.0.0.1:" + std::to_string(serving.port())});
    CHECK(taken.how() == "exit 2");
    CHECK(says(taken.errors, std::to_string(serving.port())));
    const Finished open = other.run({"titles", "--serve=0.0.0.0:0"});
    CHECK(open.how() == "exit 2");
    CHECK(says(open.errors, "--token-file"));
    CHECK(other.scalar("SELECT COUNT(*) FROM done") == "0");
}

TEST_CASE("rowmill's own run has a live page, too, whatever stands behind the flag") {
    Bookshop shop{60};
    ProcessOptions options = shop.options();
    Serving serving{rowmill_command({"run", "--serve=127.0.0.1:0", "--table", "books", "--sql", "UPDATE books SET price = 1 WHERE id = :id",
                                     "--batch", "1", "--rate", "10", "--progress", "none", "--store-schema", shop.store_name()}),
                    options};
    const auto follower = serving.follow("1");
    CHECK(follower->read_until("event: end\ndata: {\"state\":\"succeeded\""));
    CHECK(serving.process().wait().how() == "exit 0");
    CHECK(shop.scalar("SELECT COUNT(*) FROM books WHERE price = 1") == "60");
}

TEST_CASE("a program offers its jobs in a browser, with their parameters' types, and works what is begun there") {
    Bookshop shop{20};
    Serving serving{shop, {"serve", "--listen", "127.0.0.1:0"}};
    const auto jobs = boost::json::parse(serving.get_page("/api/jobs").body).at("jobs").as_array();
    const auto has = [&](const char* name) { return std::ranges::any_of(jobs, [&](const auto& job) { return job.at("name") == name; }); };
    CHECK(has("titles"));
    CHECK(has("some"));
    CHECK(says(serving.get_page("/jobs/some").body, "from_id"));
    const RawAnswer bad = serving.post("/api/jobs/some/runs", R"({"params":{"size":"huge","colour":"red"}})");
    CHECK(bad.status == 422);
    const auto problems = boost::json::parse(bad.body).at("params").as_object();
    CHECK(problems.size() == 3);
    const RawAnswer begun = serving.post("/api/jobs/some/runs", R"({"params":{"from_id":5,"force":true}})");
    CHECK(begun.status == 201);
    const auto follower = serving.follow(boost::json::serialize(boost::json::parse(begun.body).at("run")));
    CHECK(follower->read_until("event: end\ndata: {\"state\":\"succeeded\""));
    CHECK(shop.scalar("SELECT COUNT(*) FROM done WHERE what = 'forced all'") == "16");
    serving.process().send_signal(SIGTERM);
    CHECK(serving.process().wait().how() == "exit 0");
}

TEST_CASE("a program takes up in a browser what its command line has left, with the parameters and settings of then") {
    Bookshop shop{100};
    CHECK(shop.run({"some", "1", "--concurrency", "2", "--limit", "40"}).how() == "exit 4");
    Serving serving{shop, {"serve", "--listen", "127.0.0.1:0"}};
    CHECK(serving.post("/api/runs/1/resume", "{}").status == 200);
    const auto follower = serving.follow("1");
    CHECK(follower->read_until("event: end\ndata: {\"state\":\"succeeded\""));
    CHECK(shop.scalar("SELECT COUNT(DISTINCT id) FROM done WHERE what = 'all'") == "100");
}

TEST_CASE("what a program serves goes on with a coroutine's run and a batch's, side by side") {
    Bookshop shop{40};
    Serving serving{shop, {"serve", "--listen", "127.0.0.1:0"}};
    CHECK(serving.post("/api/jobs/waiting/runs", R"({"params":{"ms":50}})").status == 201);
    CHECK(serving.post("/api/jobs/together/runs", R"({"params":{}})").status == 201);
    for (const char* run : {"1", "2"}) CHECK(serving.follow(run)->read_until("event: end\ndata: {\"state\":\"succeeded\""));
    CHECK(shop.scalar("SELECT COUNT(DISTINCT id) FROM done") == "40");
}
