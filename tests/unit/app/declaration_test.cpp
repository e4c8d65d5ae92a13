#include "app/declaration.hpp"

#include <rowmill/error.hpp>

#include <doctest/doctest.h>

using namespace rowmill;
using namespace std::chrono_literals;

namespace {

/// A job that lacks nothing, to be declared further.
class Declared {
public:
    Declared() : declaration_{new app::Declaration{"bookshop", "previews", "Create previews"}}, job_{take()} {
        job_.table("books");
    }

    Job& job() { return job_; }
    Job& handled() {
        return job_.each([](const Item&, Context&) { return success(); });
    }
    job::Job read(const job::Overrides& overrides = {}) const {
        return app::read_declaration(*declaration_, overrides);
    }
    /// The sentence with which it is refused; "" where it is not.
    std::string refusal() const {
        try {
            read();
            return {};
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::usage);
            return error.what();
        }
    }

private:
    std::unique_ptr<app::Declaration> take() const { return std::unique_ptr<app::Declaration>{declaration_}; }

    app::Declaration* declaration_;  ///< the job's
    Job job_;
};

}  // namespace

TEST_CASE("a declared job is what a job file would say") {
    Declared declared;
    declared.handled().where("price > 3").columns({"title"}).concurrency(8).timeout(3s).backoff(5ms, 2s).once();
    const job::Job job = declared.read();
    CHECK(job.name == "previews");
    CHECK(job.source.table == "books");
    CHECK(job.source.where == "price > 3");
    CHECK(job.source.columns == std::vector<std::string>{"title"});
    CHECK(job.action.kind == "handler");
    CHECK(job.run.concurrency == 8);
    CHECK(job.run.timeout == 3s);
    CHECK(job.run.backoff_first == 5ms);
    CHECK(job.run.backoff_cap == 2s);
    CHECK(job.once);
}

TEST_CASE("a flag wins over what is declared") {
    Declared declared;
    declared.handled().concurrency(8);
    CHECK(declared.read({{"concurrency", "64"}}).run.concurrency == 64);
}

TEST_CASE("a concurrency that adapts is said with its bounds, and a flag takes its place") {
    Declared declared;
    declared.handled().adaptive_concurrency(2, 32);
    CHECK(declared.read().run.adaptive_concurrency);
    CHECK(declared.read().run.min_concurrency == 2);
    CHECK(declared.read().run.concurrency == 32);
    CHECK_FALSE(declared.read({{"concurrency", "5"}}).run.adaptive_concurrency);
}

TEST_CASE("what is declared again replaces what was declared before") {
    Declared declared;
    declared.handled().concurrency(8).concurrency(9);
    CHECK(declared.read().run.concurrency == 9);
}

TEST_CASE("parameters keep their order, their types and their limits") {
    Declared declared;
    declared.handled()
        .param<std::string>("zone", "Where", {.choices = {"north", "south"}})
        .param<std::int64_t>("amount", "How many", {.otherwise = 3, .least = 1, .most = 9})
        .param<bool>("anyway", "Whatever", {.optional = true});
    const job::Job job = declared.read();
    REQUIRE(job.params.size() == 3);
    CHECK(job.params[0].name == "zone");
    CHECK(job.params[0].type == job::ParamSpec::Type::choice);
    CHECK(job.params[0].required);
    CHECK(job.params[1].type == job::ParamSpec::Type::integer);
    CHECK(job.params[1].default_text == "3");
    CHECK(job.params[1].min == 1);
    CHECK_FALSE(job.params[1].required);
    CHECK(job.params[2].type == job::ParamSpec::Type::boolean);
    CHECK_FALSE(job.params[2].required);
}

TEST_CASE("a job without a table is refused by its name") {
    Declared declared;
    declared.handled().table("");
    CHECK(declared.refusal().starts_with("bookshop previews: source.table"));
}

TEST_CASE("a job that does nothing with its rows is refused") {
    CHECK(Declared{}.refusal() == "bookshop previews: what is to be done with a row? Say each, each_batch or sql");
}

TEST_CASE("a job with two handlers is refused") {
    Declared twice;
    twice.handled();
    twice.handled();
    CHECK(twice.refusal().find("say once what is done with a row") != std::string::npos);
    Declared mixed;
    mixed.handled().sql("UPDATE books SET price = 1 WHERE id = :id");
    CHECK(mixed.refusal().find("say once what is done with a row") != std::string::npos);
}

TEST_CASE("a filter's parameter that is not declared is refused with the nearest one") {
    Declared declared;
    declared.handled().param<std::int64_t>("publisher_id", "Of whom").where("publisher = :publisher_i");
    CHECK(declared.refusal().find("did you mean \"publisher_id\"?") != std::string::npos);
}

TEST_CASE("a default out of the parameter's bounds is refused") {
    Declared declared;
    declared.handled().param<std::int64_t>("amount", "How many", {.otherwise = 0, .least = 1});
    CHECK(declared.refusal().find("must be 1 or more") != std::string::npos);
}

TEST_CASE("a setting that can't be is refused with what it must be") {
    Declared declared;
    declared.handled().concurrency(0);
    CHECK(declared.refusal().find("run.concurrency must be an integer from 1") != std::string::npos);
}

TEST_CASE("sql is an action of its own") {
    Declared declared;
    declared.job().sql("UPDATE books SET price = 1 WHERE id = :id");
    const job::Job job = declared.read();
    CHECK(job.action.kind == "sql");
    CHECK(job.action.statements == std::vector<std::string>{"UPDATE books SET price = 1 WHERE id = :id"});
}

TEST_CASE("flags set the keys of [throttle] too") {
    Declared declared;
    declared.handled();
    const job::Job job = declared.read({{"max_lag", "3s"}, {"concurrency", "7"}});
    CHECK(job.throttle.max_lag == 3s);
    CHECK(job.run.concurrency == 7);
}
