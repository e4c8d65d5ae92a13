// Eight processes on one run, all of them in trouble all the time.

#include "crowd.hpp"
#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::size_t processes = 8;
constexpr std::uint64_t seconds = 20;  // so long it takes eight that are left in peace, about
constexpr std::uint64_t concurrency = 4, checkpoint_items = 50;

std::string tally(const std::vector<std::string>& ends) {
    std::map<std::string, unsigned> counts;
    for (const std::string& end : ends) ++counts[end];
    std::string text;
    for (const auto& [end, count] : counts) text += (text.empty() ? "" : ", ") + std::to_string(count) + " x " + end;
    return text;
}

/// Whoever was not killed came to the run's end, or was told that it had been declared dead.
void check_ends(const Crowd& crowd, const std::vector<std::string>& ends) {
    INFO(crowd.complaints());
    for (const std::string& end : ends) CHECK((end == "exit 0" || end == "exit 4" || end == "signal 9"));
}

/// The run is begun by one process, so that the others find it; whatever is left undone in the end is done in peace.
std::vector<std::string> work_in_trouble(const Trial& trial, Crowd& crowd, const std::function<bool()>& is_begun,
                                         const std::function<bool()>& is_done, const std::vector<std::string>& flags) {
    const auto first = trial.start(flags);
    REQUIRE(eventually([&] { return is_begun() || has_ended(*first); }));
    crowd.trouble_until(is_done);
    const auto ends = crowd.dismiss();
    first->wait();
    if (trial.status().at("state").as_string() == "succeeded") return ends;
    const Finished finished = trial.run();
    INFO(finished.errors);
    CHECK(finished.how() == "exit 0");
    return ends;
}

std::map<std::string, unsigned> recorded(const std::string& file) {
    std::map<std::string, unsigned> times;
    std::ifstream lines{file};
    for (std::string line; std::getline(lines, line);) ++times[line];
    return times;
}

}  // namespace

TEST_CASE("eight processes, killed, asleep for longer than their lease and joined by new ones at random, do each row once") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    const std::uint64_t rows = shared_rows(100'000);
    field.sow(rows);
    const std::string rate = std::to_string(rows / processes / seconds);
    for (const std::string statement : {"UPDATE t SET n = n + 1 WHERE :batch", "UPDATE t SET n = n + 1 WHERE :range"}) {
        CAPTURE(statement);
        field.sow(rows);
        const Trial trial{schema.dsn(), schema.store_name(),
                          job_over_field(statement, "rate = " + rate + "\nlease = \"2s\"\n")};
        const std::vector<std::string> flags{"--workers", "2", "--sack-rows", "3000", "--batch", "100"};
        Crowd crowd{trial, dice, processes, flags};
        const auto ends = work_in_trouble(
            trial, crowd, [&] { return field.done() > 0; }, [&] { return field.done() >= rows; }, flags);
        MESSAGE(rows << " rows: " << crowd.joined() << " joined, " << crowd.kills() << " kills, " << crowd.sleeps()
                     << " sleeps; ends: " << tally(ends));
        check_ends(crowd, ends);
        CHECK(crowd.kills() > 5);
        CHECK(crowd.sleeps() > 5);
        CHECK(field.faults() == "0 missed, 0 repeated, of " + std::to_string(rows));
        const auto status = trial.status();
        CHECK(status.at("state").as_string() == "succeeded");
        CHECK(status.at("settled").to_number<std::uint64_t>() == rows);
    }
}

TEST_CASE("the same with a program that is spoken to by lines: nothing is left out, and few rows are done again") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    const std::uint64_t rows = shared_rows(100'000) / 5;
    field.sow(rows);
    const Trial trial{schema.dsn(), schema.store_name(), {}};
    const std::string file = trial.folder() + "/done", program = trial.folder() + "/note.py";
    std::ofstream{program} << "import json, os, sys\n"
                              "done = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)\n"
                              "for line in sys.stdin:\n"
                              "    message = json.loads(line)\n"
                              "    os.write(done, b'%d\\n' % message['item']['id'])\n"
                              "    print(json.dumps({'id': message['id'], 'outcome': 'success'}), flush=True)\n";
    trial.set_job("[job]\nname = \"note\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\n"
                  "protocol = \"ndjson\"\ncommand = [\"python3\", \"" +
                  program + "\", \"" + file + "\"]\n[run]\nworkers = 2\nsack_rows = 1000\nlease = \"2s\"\nconcurrency = " +
                  std::to_string(concurrency) + "\ncheckpoint_items = " + std::to_string(checkpoint_items) +
                  "\nbackoff = \"10ms..100ms\"\nrate = " + std::to_string(rows / processes / seconds) + "\n");
    Crowd crowd{trial, dice, processes, {}};
    const auto ends = work_in_trouble(
        trial, crowd, [&] { return !recorded(file).empty(); }, [&] { return recorded(file).size() >= rows; }, {});
    std::uint64_t repeated = 0;
    const auto times = recorded(file);
    for (const auto& [key, count] : times) repeated += count - 1;
    MESSAGE(rows << " rows: " << crowd.joined() << " joined, " << crowd.kills() << " kills, " << crowd.sleeps() << " sleeps, "
                 << repeated << " repeats; ends: " << tally(ends));
    check_ends(crowd, ends);
    CHECK(times.size() == rows);
    // In flight, in the next checkpoint, and in the one that was being written.
    CHECK(repeated <= (crowd.kills() + crowd.sleeps()) * (2 * checkpoint_items + 2 * concurrency));
    const auto status = trial.status();
    CHECK(status.at("state").as_string() == "succeeded");
    CHECK(status.at("settled").to_number<std::uint64_t>() == rows);
}
