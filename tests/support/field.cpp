#include "support/field.hpp"

#include "support/eventually.hpp"

#include <sys/wait.h>

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

namespace rowmill::test {
namespace {

constexpr std::uint64_t rows_an_insert = 5000;

/// How far the next id lies above the last one.
std::uint64_t gap(Dice& dice) {
    if (dice.chance(0.8)) return 1;
    return dice.chance(0.9) ? dice.between(2, 50) : dice.between(1'000'000, 1'000'000'000);
}

const std::string head = "[job]\nname = \"chaos\"\n[source]\ntable = \"t\"\nsettle = \"0\"\n";
const std::string small =
    "[run]\nworkers = 3\nbatch = 40\ntarget_time = \"0\"\nsack_rows = 300\nbackoff = \"10ms..200ms\"\n";

}  // namespace

std::uint64_t chaos_seed() {
    static const std::uint64_t seed = [] {
        const char* chosen = std::getenv("ROWMILL_TEST_SEED");
        const bool given = chosen != nullptr && *chosen != '\0';
        return given ? std::strtoull(chosen, nullptr, 10) : std::random_device{}();
    }();
    MESSAGE("ROWMILL_TEST_SEED=" << seed);
    return seed;
}

const std::vector<Form>& forms() {
    static const std::vector<Form> all{{":id", "UPDATE t SET n = n + 1 WHERE id = :id"},
                                       {":batch", "UPDATE t SET n = n + 1 WHERE :batch"},
                                       {":range", "UPDATE t SET n = n + 1 WHERE :range"},
                                       {":ids", "UPDATE t SET n = n + 1 WHERE id IN (:ids)"},
                                       {":lo, :hi", "UPDATE t SET n = n + 1 WHERE id BETWEEN :lo AND :hi"}};
    return all;
}

void Field::sow(std::uint64_t rows) {
    session_->execute("DROP TABLE IF EXISTS t");
    session_->execute("CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, n INT NOT NULL DEFAULT 0) ENGINE = InnoDB");
    rows_ = rows;
    std::int64_t id = -5'000'000'000;
    for (std::uint64_t at = 0; at < rows;) {
        std::string insert = "INSERT INTO t (id) VALUES ";
        for (std::uint64_t i = 0; i < rows_an_insert && at < rows; ++i, ++at) {
            if (at == rows / 2) id += 1'000'000'000'000;
            id += static_cast<std::int64_t>(gap(dice_));
            insert += (i == 0 ? "(" : ",(") + std::to_string(id) + ")";
        }
        session_->execute(insert);
    }
}

std::uint64_t Field::done() {
    return std::stoull(session_->query("SELECT COALESCE(SUM(n), 0) FROM t").text(0, 0));
}

std::string Field::faults() {
    const db::ResultSet found =
        session_->query("SELECT COALESCE(SUM(n = 0), 0), COALESCE(SUM(n > 1), 0), COUNT(*) FROM t");
    return found.text(0, 0) + " missed, " + found.text(0, 1) + " repeated, of " + found.text(0, 2);
}

std::string job_over_field(const std::string& statement, const std::string& run) {
    return head + "[action]\nkind = \"sql\"\nstatement = \"" + statement +
           "\"\n[session]\ninnodb_lock_wait_timeout = \"1s\"\n" + small + run;
}

std::string reading_job() {
    return head + "[action]\nkind = \"none\"\n" + small;
}

void check_exactly_once(const Trial& trial, Field& field) {
    CHECK(field.faults() == "0 missed, 0 repeated, of " + std::to_string(field.rows()));
    const auto status = trial.status();
    CHECK(status.at("state").as_string() == "succeeded");
    CHECK(status.at("settled").to_number<std::uint64_t>() == field.rows());
    CHECK(status.at("succeeded").to_number<std::uint64_t>() == field.rows());
    CHECK(status.at("failed").to_number<std::uint64_t>() == 0);
    const auto& sacks = status.at("sacks").as_object();
    CHECK(sacks.at("done").to_number<std::uint64_t>() == sacks.at("total").to_number<std::uint64_t>());
    // As planned, and those that were split off for idle readers.
    CHECK(sacks.at("total").to_number<std::uint64_t>() >= (field.rows() + 299) / 300);
}

void terminate_twice(Process& process) {
    process.send_signal(SIGTERM);
    const auto is_taken = [&] {
        std::ifstream file{"/proc/" + std::to_string(process.pid()) + "/status"};
        const std::string status{std::istreambuf_iterator<char>{file}, {}};
        const auto pending = status.find("ShdPnd:\t");
        return pending == std::string::npos || status.compare(pending + 8, 16, "0000000000000000") == 0;
    };
    REQUIRE(eventually(is_taken));
    CHECK(!has_ended(process));
    process.send_signal(SIGTERM);
}

bool has_ended(const Process& process) {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(process.pid()), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0;
}

}  // namespace rowmill::test
