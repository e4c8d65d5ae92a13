#include "office.hpp"

#include "support/tcp_proxy.hpp"

#include <atomic>
#include <chrono>
#include <future>

using namespace rowmill;
using namespace rowmill::test;

namespace {

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The error of a call that is made while the store is silent for good; absent where the caller is still kept waiting after a while.
template <typename Call>
std::optional<Error> error_in_silence(TcpProxy& proxy, Call call) {
    auto asked = std::async(std::launch::async, [&] { return error_of(call); });
    const bool is_told = asked.wait_for(std::chrono::seconds{60}) == std::future_status::ready;
    if (is_told) return asked.get();
    proxy.release();
    asked.wait();
    return {};
}

}  // namespace

TEST_CASE("a run is paused, set and resumed, and does every row once") {
    Town town{300};
    town.offer_slow("count");
    const store::RunId run = town.desk().start("count", {});
    REQUIRE(town.has_settled_some(run));
    CHECK(says(town.desk().pause(run), "run " + std::to_string(run) + " is paused"));
    REQUIRE(town.comes_to_be(run, "paused"));
    REQUIRE(eventually([&] { return town.desk().run(run)->in_flight == 0; }));
    const std::string done = town.scalar("SELECT SUM(n) FROM t");
    CHECK(says(town.desk().set(run, {{"rate", "100000"}, {"batch", "5"}}), "rate=100000 batch=5"));
    const auto settings = town.desk().details(run)->settings;
    CHECK(std::ranges::find(settings, std::pair<std::string, std::string>{"rate", "100000"}) != settings.end());
    CHECK(std::ranges::find(settings, std::pair<std::string, std::string>{"batch", "5"}) != settings.end());
    CHECK(town.scalar("SELECT SUM(n) FROM t") == done);
    CHECK(says(town.desk().resume(run, {}), "goes on"));
    CHECK(town.comes_to_be(run, "succeeded"));
    CHECK(town.is_done_once());
}

TEST_CASE("a setting that is none is refused, and nothing of it is stored") {
    Town town;
    town.offer("count");
    town.hold();
    const store::RunId run = town.desk().start("count", {});
    CHECK(error_of([&] { town.desk().set(run, {{"rate", "100"}, {"colour", "red"}}); }).kind() == ErrorKind::usage);
    CHECK(error_of([&] { town.desk().set(run, {{"batch", "none"}}); }).kind() == ErrorKind::usage);
    const auto settings = town.desk().details(run)->settings;
    CHECK(std::ranges::find(settings, std::pair<std::string, std::string>{"rate", "0"}) != settings.end());
}

TEST_CASE("a store that falls silent keeps nobody waiting for good who steers, and who does is told what is not known") {
    Town town;
    town.offer("count");
    TcpProxy proxy{town.server};
    Office office{proxy.endpoint(), town.schema.store_name(), town.jobs.path()};
    store::RunId run = 0;
    {
        store::Store store{town.schema.session(), town.schema.store_name()};
        run = store.create_run({.job = "count", .identity = "i", .fingerprint = "{}", .params = "{}", .settings = "{}", .server = "s",
                                .bound_after = {}, .bound_upto = {Value::integer(9)}}).id;
    }
    const auto pause = [&] { office.desk->pause(run); };
    const auto set = [&] { office.desk->set(run, {{"rate", "100"}}); };
    SUBCASE("before anything is asked for") {
        proxy.add({.matches = statement_has("`token`"), .deed = Deed::hold});
        const auto error = error_in_silence(proxy, pause);
        REQUIRE(error);
        CHECK(error->kind() == ErrorKind::unreachable);
        CHECK_FALSE(says(error->what(), "may or may not"));
    }
    SUBCASE("in the middle of asking") {
        proxy.add({.matches = statement_has("SET `control_seq`"), .deed = Deed::hold});
        const auto error = error_in_silence(proxy, pause);
        REQUIRE(error);
        CHECK(error->kind() == ErrorKind::unreachable);
        CHECK(says(error->what(), "run " + std::to_string(run) + " may or may not have taken this"));
    }
    SUBCASE("in the middle of setting") {
        proxy.add({.matches = statement_is("COMMIT"), .deed = Deed::hold});
        const auto error = error_in_silence(proxy, set);
        REQUIRE(error);
        CHECK(says(error->what(), "may or may not have taken this"));
    }
    SUBCASE("when it was asked for") {
        proxy.add({.matches = statement_has("FROM `" + town.schema.store_name() + "`.`workers`"), .deed = Deed::hold});
        const auto error = error_in_silence(proxy, pause);
        REQUIRE(error);
        CHECK(says(error->what(), "was asked for this"));
        CHECK(town.scalar("SELECT desired_state FROM `" + town.schema.store_name() + "`.runs") == "paused");
    }
    proxy.release();
}

TEST_CASE("a store that falls silent keeps nobody waiting for good who begins a run") {
    Town town;
    town.offer("count");
    std::atomic<bool> is_silent = false;
    const auto begins = statement_has("INSERT INTO `" + town.schema.store_name() + "`.`runs`");
    const auto falls_silent = [&](std::string_view statement) { return is_silent || (is_silent = begins(statement)); };
    TcpProxy proxy{town.server};
    proxy.add({.matches = falls_silent, .deed = Deed::hold, .times = 1000});
    Office office{proxy.endpoint(), town.schema.store_name(), town.jobs.path()};
    const auto error = error_in_silence(proxy, [&] { office.desk->start("count", {}); });
    is_silent = false;
    proxy.release();
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::unreachable);
    CHECK(says(error->what(), "may or may not have been begun"));
    // Here it was.
    REQUIRE(eventually([&] { return !town.desk().runs(1).empty(); }));
    CHECK(town.comes_to_be(town.desk().runs(1).front().run, "succeeded"));
    CHECK(town.is_done_once());
}

TEST_CASE("a cancelled run ends for its watchers and does not come back") {
    Town town{300};
    town.offer_slow("count");
    const store::RunId run = town.desk().start("count", {});
    Watcher watcher{town.desk().watch(run)};
    CHECK(says(town.desk().cancel(run), "is cancelled"));
    REQUIRE(watcher.to_the_end());
    CHECK(watcher.last->state == "cancelled");
    CHECK(says(error_of([&] { town.desk().resume(run, {}); }).what(), "was cancelled"));
    CHECK(says(error_of([&] { town.desk().pause(run); }).what(), "was cancelled"));
}

TEST_CASE("dead letters are tried again by class, by key and until none is left") {
    Town town{20};
    town.schema.execute("CREATE TABLE wanted (id INT PRIMARY KEY, v BIGINT NOT NULL)");
    town.schema.execute("INSERT INTO wanted SELECT id, CASE id WHEN 3 THEN 9 WHEN 4 THEN 9 WHEN 7 THEN 99999999999 ELSE 1 END FROM t");
    town.offer("copy", "UPDATE t SET n = (SELECT v FROM wanted WHERE wanted.id = t.id) WHERE id = :id");
    const store::RunId run = town.desk().start("copy", {});
    REQUIRE(town.comes_to_be(run, "succeeded"));
    REQUIRE(eventually([&] { return !town.office->runs.works_on(run); }));
    const auto letters = town.desk().dead_letters(run, "", 0, 10);
    REQUIRE(letters.size() == 3);
    CHECK(town.desk().details(run)->classes.size() == 2);
    const auto class_of = [&](const std::string& key) {
        for (const auto& letter : letters)
            if (display(letter.key) == key) return letter.error_class;
        return std::string{};
    };
    CHECK(town.desk().dead_letters(run, class_of("3"), 0, 10).size() == 2);

    town.schema.execute("UPDATE wanted SET v = 1");
    const auto retried = [&](const std::string& error_class, const std::vector<std::string>& keys) {
        const std::string said = town.desk().retry(run, error_class, keys, {});
        REQUIRE(eventually([&] { return !town.office->runs.works_on(run); }));
        return said;
    };
    CHECK(says(retried("", {"4"}), "trying 1 dead letter"));
    CHECK(town.scalar("SELECT GROUP_CONCAT(id ORDER BY id) FROM t WHERE n = 0") == "3,7");
    CHECK(says(retried(class_of("7"), {}), "trying 1 dead letter"));
    CHECK(town.scalar("SELECT GROUP_CONCAT(id ORDER BY id) FROM t WHERE n = 0") == "3");
    CHECK(says(retried("", {}), "trying 1 dead letter"));
    CHECK(town.is_done_once());
    CHECK(town.desk().run(run)->dead_letters == 0);
    CHECK(says(retried("", {}), "nothing to try again"));
    CHECK(error_of([&] { town.desk().retry(run, "", {"no number"}, {}); }).kind() == ErrorKind::usage);
}

TEST_CASE("a run that goes on while its end is still being seen to is told of anew") {
    Town town;
    town.schema.execute("CREATE TABLE wanted (id INT PRIMARY KEY, v INT NOT NULL)");
    town.schema.execute("INSERT INTO wanted SELECT id, IF(id = 7, 9, 1) FROM t");
    town.offer("copy", "UPDATE t SET n = (SELECT v FROM wanted WHERE wanted.id = t.id) WHERE id = :id");
    std::promise<void> release;
    // As the hook of its end does, when it takes long.
    const auto wait = [released = release.get_future().share()](int, const std::string&) { released.wait(); };
    const auto begun = town.office->runs.start(town.office->catalog->request("copy", {}), wait);
    Watcher first{begun.channel};
    CHECK(first.to_the_end());
    CHECK(first.last->dead_letters == 1);
    CHECK(town.office->runs.works_on(*begun.run));

    town.schema.execute("UPDATE wanted SET v = 1");
    town.desk().retry(*begun.run, "", {}, {});
    Watcher second{town.desk().watch(*begun.run)};
    CHECK(second.to_the_end());
    CHECK(second.last->dead_letters == 0);
    CHECK(second.last->settled == 60);
    release.set_value();
    CHECK(eventually([&] { return town.office->runs.count() == 0; }));
    CHECK(town.is_done_once());
}

TEST_CASE("a secret parameter is kept by its process alone, and asked for by the next one") {
    Town town{200};
    town.offer("count", "UPDATE t SET n = n + 1 + (:code = 'x') WHERE id = :id",
               "[params.code]\nrequired = true\nsecret = true\n[params.note]\ndefault = \"none\"\n", 20);
    const store::RunId run = town.desk().start("count", {{"code", "wonderland"}, {"note", ""}});
    REQUIRE(town.has_settled_some(run));
    CHECK(town.desk().details(run)->missing_secrets.empty());
    CHECK(town.desk().run(run)->params_json == R"({"code":"***","note":"none"})");
    const std::string store = "`" + town.schema.store_name() + "`";
    CHECK(town.scalar("SELECT COUNT(*) FROM " + store + ".runs WHERE CONCAT_WS(' ', params, definition, settings, fingerprint) "
                      "LIKE '%wonderland%'") == "0");
    town.reopen();
    CHECK(town.desk().details(run)->missing_secrets == std::vector<std::string>{"code"});
    CHECK(error_of<run::BadParams>([&] { town.desk().resume(run, {}); }).by_name().contains("code"));
    CHECK(error_of([&] { town.desk().resume(run, {{"code", "looking-glass"}}); }).kind() == ErrorKind::refused);
    town.hurry(run);
    town.desk().resume(run, {{"code", "wonderland"}});
    CHECK(town.comes_to_be(run, "succeeded"));
    CHECK(town.is_done_once());
}

TEST_CASE("a run whose job has changed goes on where that is accepted, and not before") {
    Town town{200};
    town.offer_slow("count");
    const store::RunId run = town.desk().start("count", {});
    REQUIRE(town.has_settled_some(run));
    town.reopen();
    town.offer("count", "UPDATE t SET n = 1 WHERE id = :id");
    const auto changed = error_of<run::JobChanged>([&] { town.desk().resume(run, {}); });
    CHECK(says(changed.what(), "statement"));
    CHECK(says(changed.what(), "where these changes are accepted"));
    CHECK_FALSE(says(changed.what(), "--"));
    CHECK(says(error_of<run::JobChanged>([&] { town.desk().start("count", {}); }).what(), "Resume it with the changes accepted"));
    CHECK(says(town.desk().resume(run, {}, true), "going on although the job has changed"));
    CHECK(town.comes_to_be(run, "succeeded"));
    CHECK(town.is_done_once());
}

TEST_CASE("a run of a job that is not offered is steered, and not resumed") {
    Town town{300};
    town.offer_slow("count");
    const store::RunId run = town.desk().start("count", {});
    REQUIRE(town.has_settled_some(run));
    town.office.reset();
    TemporaryFolder empty;
    town.office = std::make_unique<Office>(town.server, town.schema.store_name(), empty.path());
    CHECK_FALSE(town.desk().details(run)->can_be_resumed);
    CHECK(says(town.desk().pause(run), "nobody works on it"));
    CHECK(says(error_of([&] { town.desk().resume(run, {}); }).what(), "none of the jobs"));
    CHECK(says(town.desk().cancel(run), "is cancelled"));
}
