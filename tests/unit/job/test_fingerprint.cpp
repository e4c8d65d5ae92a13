#include "job/fingerprint.hpp"

#include "job/digest.hpp"
#include "job/read.hpp"

#include "refusal.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using job::Job;
using test::refusal;
using Names = std::vector<std::string>;

namespace {

Job job_with(const std::string& source, const std::string& rest = "[action]\nkind = \"none\"\n") {
    return job::parse_job("[source]\ntable = \"t\"\n" + source + "\n" + rest, "j.toml");
}

const std::string secret_job =
    "[action]\nkind = \"none\"\n[params.key]\nsecret = true\n[params.shop]\ntype = \"integer\"\n[params.dry]\ntype = "
    "\"boolean\"\n[params.none]\n";

std::string identity_of(const Job& job, const std::vector<std::string>& assignments = {},
                        std::string_view database = "shop") {
    return job::identity(job, job::parse_params(job, assignments), database);
}

}  // namespace

TEST_CASE("what changed in a job is told by name") {
    const auto before = job::fingerprint(job_with("where = \"a = 1\"\norder = \"desc\""));
    const auto after = job::fingerprint(job_with("where = \"a = 2\"\ncolumns = [\"b\"]\norder = \"desc\""));
    CHECK(job::differences(before, after) ==
          Names{"filter was \"a = 1\" and is now \"a = 2\"", "columns is new: \"b\""});
    CHECK(job::differences(after, before) ==
          Names{"columns was \"b\" and is gone", "filter was \"a = 2\" and is now \"a = 1\""});
    CHECK(job::differences(before, before).empty());
}

TEST_CASE("statements and session settings are part of the fingerprint") {
    const auto fingerprint =
        job::fingerprint(job_with("",
                                  "[action]\nstatements = [\"SELECT 1\", \"SELECT 2\"]\n[session]\nsql_mode = "
                                  "\"\"\nset = {a = 1}\nlock_wait_timeout = \"5s\""));
    CHECK(fingerprint.at("statement 2") == "SELECT 2");
    CHECK(fingerprint.at("session sql_mode").empty());
    CHECK(fingerprint.at("session a") == "1");
    CHECK(fingerprint.at("session lock_wait_timeout") == "5s");
}

TEST_CASE("how fast a job goes is no part of its fingerprint") {
    CHECK(job::fingerprint(job_with("")) ==
          job::fingerprint(job_with("", "[action]\nkind = \"none\"\n[run]\nbatch = 7\nworkers = 9")));
}

TEST_CASE("a fingerprint holds no password, and a changed one changes nothing") {
    const auto with = [](const std::string& dsn) {
        return job::fingerprint(job_with("", "[action]\nstatement = \"DELETE FROM t WHERE :batch\"\ndsn = \"" + dsn + "\""));
    };
    CHECK(with("mysql://u:one@h:3306/db").at("action server") == "mysql://u@h:3306/db");
    CHECK(with("mysql://u:o@ne@h/db").at("action server") == "mysql://u@h/db");
    CHECK(with("mysql://u@h:3306/db").at("action server") == "mysql://u@h:3306/db");
    CHECK(with("mysql://u:one@h/db") == with("mysql://u:two@h/db"));
}

TEST_CASE("a fingerprint survives being stored") {
    const job::Fingerprint fingerprint{{"filter", "a = '\"\\\n é \x01'"}, {"key", ""}};
    CHECK(job::decode_fingerprint(job::encode(fingerprint)) == fingerprint);
    CHECK(job::decode_fingerprint(job::encode({})).empty());
}

TEST_CASE("a stored fingerprint that can't be read is refused") {
    for (const char* stored : {"", "{", "[]", "null", "{\"a\":1}", "{\"a\":\"b\"} x"}) {
        CAPTURE(stored);
        CHECK(
            refusal([stored] { job::decode_fingerprint(stored); }, ErrorKind::refused).starts_with("the run's stored"));
    }
}

TEST_CASE("the digest is SHA-256") {
    CHECK(job::sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(job::sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("runs of a job with the same parameters have one identity, whatever else changed") {
    const Job job = job_with("", secret_job);
    CHECK(identity_of(job, {"shop=1"}).size() == 64);
    CHECK(identity_of(job, {"shop=1"}) == identity_of(job_with("where = \"a = 1\"", secret_job), {"shop=1"}, "other"));
    CHECK(identity_of(job, {"shop=1"}) != identity_of(job, {"shop=2"}));
    CHECK(identity_of(job, {"key=a"}) != identity_of(job, {"key=b"}));
    CHECK(identity_of(job, {"key="}) != identity_of(job, {}));
    CHECK(identity_of(job) != identity_of(job_with("", secret_job + "[job]\nname = \"other\"")));
}

TEST_CASE("an ad-hoc job's identity is its database, table, filter and statement") {
    const auto base = identity_of(job::ad_hoc_job("t", "a = 1", "DELETE FROM t WHERE id = :id"));
    CHECK(base == identity_of(job::ad_hoc_job("t", "a = 1", "DELETE FROM t WHERE id = :id", {{"batch", "9"}})));
    CHECK(base == identity_of(job::ad_hoc_job("shop.t", "a = 1", "DELETE FROM t WHERE id = :id"), {}, "shop"));
    CHECK(base != identity_of(job::ad_hoc_job("t", "a = 1", "DELETE FROM t WHERE id = :id"), {}, "other"));
    CHECK(base != identity_of(job::ad_hoc_job("u", "a = 1", "DELETE FROM t WHERE id = :id")));
    CHECK(base != identity_of(job::ad_hoc_job("t", "a = 2", "DELETE FROM t WHERE id = :id")));
    CHECK(base != identity_of(job::ad_hoc_job("t", "a = 1", "DELETE FROM u WHERE id = :id")));
}

TEST_CASE("parameters are shown as JSON, secret ones masked") {
    const Job job = job_with("", secret_job);
    CHECK(job::masked_params(job, job::parse_params(job, {"key=hunter2", "shop=6", "dry=yes"})) ==
          R"({"dry":true,"key":"***","none":null,"shop":6})");
}
