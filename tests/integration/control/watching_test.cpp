#include "mill.hpp"

#include <filesystem>
#include <fstream>

using namespace rowmill::test;

namespace {

/// What the store keeps of run 1 for those who look at it.
struct Kept {
    Mill& mill;

    std::string ask(const std::string& query, const std::string& table) const {
        return mill.schema.scalar("SELECT " + query + " FROM `" + mill.schema.store_name() + "`." + table + " WHERE run_id = 1");
    }
    std::string lines() const { return ask("GROUP_CONCAT(line ORDER BY id SEPARATOR '\\n')", "notes"); }
    unsigned samples() const { return static_cast<unsigned>(std::stoul(ask("COUNT(*)", "samples"))); }
    std::string last(const std::string& column) const {
        return mill.schema.scalar("SELECT " + column + " FROM `" + mill.schema.store_name() +
                                  "`.samples WHERE run_id = 1 ORDER BY sampled_at DESC LIMIT 1");
    }
};

}  // namespace

TEST_CASE("a run leaves its log and how fast it went in the store, while it is on and when it is over") {
    Mill mill{60};
    mill.use_commands("0.2", "concurrency = 4\nsack_rows = 20\nrate = 5");
    const Kept kept{mill};
    const auto process = mill.trial.start({"--progress", "none"});
    REQUIRE(mill.logs(5));
    REQUIRE(eventually([&] { return says(kept.lines(), "at work with"); }));
    REQUIRE(eventually([&] { return kept.samples() > 1; }));
    CHECK(mill.tell("set", {"1", "rate=1000"}).how() == "exit 0");
    REQUIRE(eventually([&] { return says(kept.lines(), "settings changed: rate"); }));
    CHECK(kept.ask("COUNT(DISTINCT worker)", "notes") == "1");
    CHECK(process->wait().how() == "exit 0");
    CHECK(says(kept.lines(), ": succeeded after "));
    CHECK(says(kept.lines(), "60 of 60 (100%) settled"));
    CHECK(kept.last("settled") == "60");
    CHECK(kept.last("in_flight") == "0");
    CHECK(std::stoul(kept.ask("MAX(in_flight)", "samples")) >= 1);
    CHECK(std::stod(kept.ask("MAX(rate)", "samples")) > 1);
    CHECK(std::stod(kept.ask("MAX(latency_us)", "samples")) > 150'000);
    CHECK(mill.tell("status", {}).how() == "exit 0");
    CHECK(says(kept.lines(), ": succeeded after "));
}

TEST_CASE("how a run was stopped, and that it was resumed, stays in its log") {
    Mill mill{60};
    mill.use_commands("0.2");
    const auto process = mill.trial.start({"--progress", "none"});
    REQUIRE(mill.logs(5));
    process->send_signal(SIGTERM);
    CHECK(process->wait().how() == "exit 4");
    CHECK(mill.trial.run().how() == "exit 0");
    const std::string lines = Kept{mill}.lines();
    CHECK(says(lines, "SIGTERM"));
    CHECK(says(lines, "interrupted after"));
    CHECK(lines.find("resuming run 1") > lines.find("interrupted after"));
    CHECK(lines.find("succeeded after") > lines.find("resuming run 1"));
}

TEST_CASE("the workers of a run tell how each gets on, and leave one sample an interval between them") {
    Mill mill{100'000};
    mill.use_commands("0.3", "concurrency = 3\nsack_rows = 20");
    const Kept kept{mill};
    const auto first = mill.trial.start({"--progress", "json"});
    REQUIRE(mill.logs(1));
    std::vector<std::unique_ptr<Process>> all;
    for (int i = 0; i < 2; ++i) all.push_back(mill.trial.start({"--join", "--progress", "none"}));
    const auto worker_is_told = [](const boost::json::value& worker) {
        return worker.at("in_flight").to_number<int>() > 0 && worker.at("concurrency").to_number<int>() == 3 &&
               worker.at("rate").to_number<double>() > 0 && worker.at("waiting_for").is_null() &&
               worker.at("latency_seconds").is_number() && worker.at("latency_seconds").to_number<double>() > 0.25;
    };
    REQUIRE(eventually([&] {
        const auto status = mill.trial.status();
        const auto& workers = status.at("workers").as_array();
        return workers.size() == 3 && std::ranges::all_of(workers, worker_is_told) && status.at("in_flight").to_number<int>() > 6 &&
               status.at("latency_seconds").to_number<double>() > 0.25;
    }));
    // Each process tells of the whole run, itself included.
    REQUIRE(eventually([&] {
        const std::string told = first->errors();
        const std::size_t end = told.rfind('\n'), start = told.rfind("\n{", end - 1) + 1;
        const auto line = boost::json::parse(told.substr(start, end - start));
        const auto& workers = line.at("workers").as_array();
        return workers.size() == 3 && std::ranges::all_of(workers, worker_is_told) && line.at("in_flight").to_number<int>() > 6;
    }));
    const unsigned before = kept.samples();
    REQUIRE(eventually([&] { return kept.samples() >= before + 3; }));
    CHECK(kept.ask("COUNT(*) <= TIMESTAMPDIFF(SECOND, MIN(sampled_at), MAX(sampled_at)) + 1", "samples") == "1");
    CHECK(std::stoul(kept.ask("MAX(in_flight)", "samples")) > 6);
    CHECK(mill.tell("cancel", {"1"}).how() == "exit 0");
    CHECK(first->wait().how() == "exit 5");
    for (const auto& each : all) CHECK(each->wait().how() == "exit 5");
    CHECK(kept.ask("COUNT(DISTINCT worker)", "notes") == "3");
    CHECK(says(kept.lines(), "cancelled after"));
}

TEST_CASE("what a hook says of a secret parameter is masked in the log, and what one says at the end is in it too") {
    Mill mill{3};
    mill.trial.set_job("[params.key]\ntype = \"string\"\nsecret = true\nrequired = true\n[source]\ntable = \"t\"\nsettle = \"0\"\n"
                       "[action]\nstatement = \"UPDATE t SET n = LENGTH(:key) WHERE id = :id\"\n");
    const std::filesystem::path folder = mill.trial.folder() + "/hooks";
    std::filesystem::create_directory(folder);
    for (const char* event : {"run-started", "finished"}) {
        std::ofstream{folder / event} << "#!/bin/sh\necho " << event << " knows hunter2 >&2\nexit 1\n";
        std::filesystem::permissions(folder / event, std::filesystem::perms::owner_all);
    }
    const Finished finished = mill.trial.run({"--param", "key=hunter2", "--hooks", folder});
    CAPTURE(finished.errors);
    const std::string lines = Kept{mill}.lines();
    CHECK(says(lines, "run-started knows ***"));
    CHECK(says(lines, "finished knows ***"));
    CHECK_FALSE(says(lines, "hunter2"));
    CHECK_FALSE(says(finished.errors, "hunter2"));
}
