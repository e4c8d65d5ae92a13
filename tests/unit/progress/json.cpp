#include "../../support/status_keys.hpp"
#include "samples.hpp"

#include <doctest/doctest.h>
#include <boost/json.hpp>

#include <limits>
#include <vector>

using namespace rowmill::progress;
using rowmill::test::running;
namespace json = boost::json;

namespace {

json::object read_back(const Snapshot& now) {
    return json::parse(to_json(now)).as_object();
}

}  // namespace

TEST_CASE("the JSON has exactly the documented names, in their order") {
    std::vector<std::string> names;
    for (const auto& pair : read_back(running())) names.emplace_back(pair.key());
    CHECK(names == rowmill::test::status_keys);
}

TEST_CASE("what is empty or not known is null") {
    const json::object object = read_back(Snapshot{});
    for (const char* name : {"started_at", "finished_at", "bound", "server", "total", "percent", "eta_seconds",
                             "waiting_for", "lag_seconds", "last_error", "last_progress_at"}) {
        CAPTURE(std::string{name});
        CHECK(object.at(name).is_null());
    }
    CHECK(object.at("waited_seconds").as_object().empty());
    CHECK(object.at("workers").as_array().empty());
}

TEST_CASE("params are an object, not text") {
    Snapshot now = running();
    now.params_json = R"({"publisher_id": 6, "note": "a\"b"})";
    const json::object object = read_back(now);
    CHECK(object.at("params").at("publisher_id").as_int64() == 6);
    CHECK(object.at("params").at("note").as_string() == "a\"b");
}

TEST_CASE("counts, sacks and waits are numbers") {
    Snapshot now = running();
    now.sacks_total = 12;
    now.sacks_done = 3;
    now.waited_seconds = {{"replica lag", 4.25}};
    const json::object object = read_back(now);
    CHECK(object.at("settled").as_int64() == 120200);
    CHECK(object.at("sacks").at("total").as_int64() == 12);
    CHECK(object.at("sacks").at("done").as_int64() == 3);
    CHECK(object.at("waited_seconds").at("replica lag").as_double() == doctest::Approx(4.25));
    CHECK(object.at("rate").to_number<double>() == doctest::Approx(31234.4));
}

TEST_CASE("a worker shows its host, process, connections, sack and lease") {
    Snapshot now = running();
    now.workers.push_back({"db1", 42, {7, 8}, 3, "2026-01-02T03:04:05Z"});
    now.workers.push_back({"db2", 43, {}, {}, ""});
    const json::array workers = read_back(now).at("workers").as_array();
    REQUIRE(workers.size() == 2);
    CHECK(workers[0].at("host").as_string() == "db1");
    CHECK(workers[0].at("pid").as_int64() == 42);
    CHECK(workers[0].at("connection_ids").as_array().size() == 2);
    CHECK(workers[0].at("sack").as_int64() == 3);
    CHECK(workers[0].at("lease_expires_at").as_string() == "2026-01-02T03:04:05Z");
    CHECK(workers[1].at("connection_ids").as_array().empty());
    CHECK(workers[1].at("sack").is_null());
    CHECK(workers[1].at("waiting_for").is_null());
    CHECK(workers[1].at("latency_seconds").is_null());
}

TEST_CASE("a worker shows how it gets on") {
    Snapshot now = running();
    now.workers.push_back({"db1", 42, {}, 3, "", true, 12.5, 4, 64, "a lag of 3 s", 0.000321});
    const json::value worker = read_back(now).at("workers").as_array().at(0);
    CHECK(worker.at("rate").to_number<double>() == doctest::Approx(12.5));
    CHECK(worker.at("in_flight").as_int64() == 4);
    CHECK(worker.at("concurrency").as_int64() == 64);
    CHECK(worker.at("waiting_for").as_string() == "a lag of 3 s");
    CHECK(worker.at("latency_seconds").as_double() == doctest::Approx(0.000321));
}

TEST_CASE("a latency is told to the microsecond, and not at all where none is known") {
    Snapshot now = running();
    CHECK(read_back(now).at("latency_seconds").is_null());
    now.latency_seconds = 0.0000304;
    CHECK(rowmill::test::contains(to_json(now), "\"latency_seconds\":0.000030,"));
}

TEST_CASE("the JSON is one line and stays valid whatever a name or an error holds") {
    Snapshot now = running();
    now.job = "line\nbreak \"quoted\" caf\xe9";
    now.last_error = "Duplicate entry '\xff\x00'";
    now.rate = std::numeric_limits<double>::infinity();
    CHECK(to_json(now).find('\n') == std::string::npos);
    CHECK(read_back(now).at("job").as_string() == "line\nbreak \"quoted\" caf\uFFFD");
    CHECK(read_back(now).at("rate").is_null());
}

TEST_CASE("the largest unsigned numbers survive in JSON") {
    Snapshot now = running();
    now.run = std::numeric_limits<std::uint64_t>::max();
    CHECK(read_back(now).at("run").as_uint64() == now.run);
}

TEST_CASE("the percent in JSON is 100 only when the run has succeeded") {
    Snapshot now = running();
    now.percent = 100;
    CHECK(read_back(now).at("percent").to_number<double>() == doctest::Approx(99.9));
    now.state = "succeeded";
    CHECK(read_back(now).at("percent").to_number<double>() == 100);
}

TEST_CASE("numbers are written plainly, not as powers of ten") {
    const std::string text = to_json(running());
    CHECK(rowmill::test::contains(text, "\"rate\":31234.4,"));
    CHECK(rowmill::test::contains(text, "\"percent\":24,"));
}
