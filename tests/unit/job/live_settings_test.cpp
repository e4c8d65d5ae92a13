#include "job/read.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace rowmill::job;

namespace {

std::map<std::string, std::string> settings_of(const std::string& sections) {
    const Job job = parse_job("[source]\ntable = \"t\"\n[action]\nstatement = \"UPDATE t SET n = 1 WHERE id = :id\"\n" + sections, "j.toml");
    const Overrides settings = live_settings(job);
    return {settings.begin(), settings.end()};
}

}  // namespace

TEST_CASE("live settings are told in the order of their keys, all of them") {
    const Overrides settings = live_settings(Job{});
    REQUIRE(settings.size() == live_keys().size());
    for (std::size_t i = 0; i < settings.size(); ++i) CHECK(settings[i].first == live_keys()[i]);
}

TEST_CASE("what live settings say can be set again, and changes nothing") {
    const std::string text = "[run]\nconcurrency = 7\nrate = 12.5\nbatch = 40\ntarget_time = \"1500ms\"\n[throttle]\nmax_lag = \"2s\"\n"
                             "ignore_replicas = [\"a\", \"b:3307\"]\nmax_load = \"Threads_running=25,Threads_connected=400\"\nnice = 0.5\n"
                             "query = \"SELECT 0\"\nwindow = \"01:00-05:00\"\n";
    const auto before = settings_of(text);
    CHECK(before.at("concurrency") == "7");
    CHECK(before.at("rate") == "12.5");
    CHECK(before.at("target_time") == "1.5s");
    CHECK(before.at("max_load") == "Threads_running=25,Threads_connected=400");
    Job job = parse_job("[source]\ntable = \"t\"\n[action]\nkind = \"none\"\n", "j.toml");
    change_settings(job, {before.begin(), before.end()});
    const Overrides after = live_settings(job);
    CHECK(std::map<std::string, std::string>{after.begin(), after.end()} == before);
}

TEST_CASE("where nothing is said, throttles are off and lanes bound what is in flight") {
    const auto settings = settings_of("[run]\nworkers = 3\ntarget_time = \"0\"\n");
    CHECK(settings.at("concurrency") == "3");
    CHECK(settings.at("target_time") == "0");
    CHECK(settings.at("rate") == "0");
    CHECK(settings.at("max_lag").empty());
    CHECK(settings.at("nice").empty());
    CHECK(settings_of("[run]\nconcurrency = \"auto\"\n").at("concurrency") == "auto");
}

TEST_CASE("what may hold a password is not told") {
    CHECK(shown_setting("replicas", "mysql://me:secret@db2") == "***");
    CHECK(shown_setting("replicas", "db2,db3:3307") == "db2,db3:3307");
    CHECK(shown_setting("http", "http://balancer/ready?key=secret") == "***");
    CHECK(shown_setting("http", "http://me:secret@balancer/") == "***");
    CHECK(shown_setting("http", "http://balancer/ready") == "http://balancer/ready");
    CHECK(settings_of("[throttle]\nreplicas = [\"mysql://me:secret@db2\"]\nmax_lag = \"1s\"\n").at("replicas") == "***");
}
