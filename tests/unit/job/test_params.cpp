#include "job/read.hpp"

#include "refusal.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using job::Job;
using test::contains;
using test::refusal;

namespace {

Job job_with(const std::string& params) {
    return job::parse_job("[source]\ntable = \"t\"\n[action]\nkind = \"none\"\n" + params, "j.toml");
}

/// The value of parameter p of a type.
Value value_of(const std::string& type, const std::string& text) {
    return job::parse_params(job_with("[params.p]\ntype = \"" + type + "\""), {"p=" + text}).at("p");
}

std::string fault_of(const std::string& specification, const std::vector<std::string>& assignments) {
    const Job job = job_with(specification);
    return refusal([&] { job::parse_params(job, assignments); });
}

std::string type_fault(const std::string& type, const std::string& text) {
    return fault_of("[params.p]\ntype = \"" + type + "\"", {"p=" + text});
}

std::string spec_fault(const std::string& specification) {
    return refusal([&] { job_with(specification); });
}

}  // namespace

TEST_CASE("a parameter is a value of its type") {
    CHECK(value_of("integer", "-42") == Value::integer(-42));
    CHECK(value_of("integer", "18446744073709551615") == Value{ValueType::unsigned_integer, "18446744073709551615"});
    CHECK(value_of("number", "-1.50") == Value{ValueType::decimal, "-1.50"});
    CHECK(value_of("number", "1e-5") == Value{ValueType::number, "1e-5"});
    CHECK(value_of("string", "a=b=c") == Value::text("a=b=c"));
    CHECK(value_of("string", "") == Value::text(""));
    CHECK(value_of("boolean", "Yes") == Value::integer(1));
    CHECK(value_of("boolean", "0") == Value::integer(0));
    CHECK(value_of("date", "2024-02-29") == Value{ValueType::date, "2024-02-29"});
}

TEST_CASE("a parameter of another type is refused: SQL in a number is no number") {
    CHECK(type_fault("integer", "1 OR 1=1") == "the parameter p must be an integer, not '1 OR 1=1'");
    for (const char* text : {"", " 1", "1.5", "0x10", "1e3", "18446744073709551616", "-9223372036854775809"}) {
        CHECK(contains(type_fault("integer", text), "must be an integer"));
    }
    for (const char* text : {"", "abc", "inf", "nan", "1,5", "1.5;", "--1", "1-1"}) {
        CHECK(contains(type_fault("number", text), "must be a number"));
    }
    for (const char* text : {"2023-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "2024-01-32", "0000-01-01",
                             "2024-01-01 ", "2024/01/01", "2024-01-01' OR '1", "-024-01-01", "2024--1-01"}) {
        CHECK(contains(type_fault("date", text), "must be a date"));
    }
    CHECK(contains(type_fault("boolean", "ja"), "must be true or false"));
}

TEST_CASE("a choice is one of those listed") {
    const std::string choice = "[params.p]\ntype = \"choice\"\nchoices = [\"red\", \"green\"]";
    CHECK(job::parse_params(job_with(choice), {"p=red"}).at("p") == Value::text("red"));
    CHECK(fault_of(choice, {"p=blue"}) == "the parameter p must be \"red\" or \"green\", not 'blue'");
}

TEST_CASE("limits are kept, both included") {
    const std::string limits = "[params.p]\ntype = \"integer\"\nmin = 1\nmax = 10";
    CHECK(fault_of(limits, {"p=0"}) == "the parameter p must be 1 or more, not '0'");
    CHECK(fault_of(limits, {"p=11"}) == "the parameter p must be 10 or less, not '11'");
    CHECK(fault_of(limits, {"p=1"}) == "(no error)");
    CHECK(fault_of(limits, {"p=10"}) == "(no error)");
}

TEST_CASE("an unknown, missing, repeated or empty assignment is named with what there is") {
    const std::string two = "[params.shop]\ntype = \"integer\"\nrequired = true\n[params.since]\ntype = \"date\"\n";
    CHECK(fault_of(two, {"shpo=1"}) ==
          "there is no parameter \"shpo\"; did you mean \"shop\"?; the job's parameters are "
          "\"shop (required)\" and \"since\"");
    CHECK(contains(fault_of(two, {}), "the parameter shop (integer) is missing: give it as --param shop=…"));
    CHECK(contains(fault_of(two, {"shop=1", "shop=2"}), "given twice"));
    CHECK(contains(fault_of(two, {"shop"}), "needs a value"));
    CHECK(fault_of("", {"x=1"}) == "there is no parameter \"x\"; the job has no parameters");
}

TEST_CASE("a parameter that was not given is its default, or NULL") {
    const auto params =
        job::parse_params(job_with("[params.a]\ntype = \"integer\"\ndefault = 5\n[params.b]\n[params.c]\ntype = "
                                   "\"date\"\ndefault = 2024-01-31\n"),
                          {});
    CHECK(params.at("a") == Value::integer(5));
    CHECK(params.at("b").is_null());
    CHECK(params.at("c") == Value{ValueType::date, "2024-01-31"});
}

TEST_CASE("a secret is not repeated in an error") {
    const std::string fault = fault_of("[params.p]\ntype = \"integer\"\nsecret = true", {"p=hunter2"});
    CHECK_FALSE(contains(fault, "hunter2"));
    CHECK(contains(fault, "must be an integer"));
}

TEST_CASE("a specification that contradicts itself is refused where it stands") {
    CHECK(contains(spec_fault("[params.p]\nrequired = true\ndefault = 1"),
                   "j.toml:7:11: params.p.default means nothing"));
    CHECK(contains(spec_fault("[params.p]\ntype = \"integer\"\ndefault = \"x\""),
                   "j.toml:7:11: params.p.default must be an integer"));
    CHECK(contains(spec_fault("[params.p]\ntype = \"integer\"\nmin = 1\ndefault = 0"), "must be 1 or more"));
    CHECK(contains(spec_fault("[params.p]\nmin = 1"), "not for a string"));
    CHECK(contains(spec_fault("[params.p]\ntype = \"integer\"\nmin = 2\nmax = 1"), "min lies above max"));
    CHECK(contains(spec_fault("[params.p]\ntype = \"choice\""), "choices is missing"));
    CHECK(contains(spec_fault("[params.p]\nchoices = [\"a\"]"), "choices are for type"));
    CHECK(contains(spec_fault("[params.p]\ntype = \"int\""), "did you mean"));
    CHECK(contains(spec_fault("[params.batch]"), "is a placeholder of rowmill's own"));
    CHECK(contains(spec_fault("[params.\"a b\"]"), "is no name for a parameter"));
}
