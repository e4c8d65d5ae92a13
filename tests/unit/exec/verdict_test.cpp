#include "action/exec_verdict.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>

using namespace rowmill;
using action::Remains;
using process::Ending;

namespace {

Remains exited(int code, std::string_view errors = {}, std::string_view output = {}) {
    return {{Ending::Kind::exited, code}, output, errors, {}};
}

Remains killed(int number, std::string_view last_class) {
    return {{Ending::Kind::killed, number}, {}, {}, last_class};
}

Remains not_started(int error) {
    return {{Ending::Kind::not_started, error, "./resize.sh"}, {}, {}, {}};
}

Outcome outcome_of(const Remains& remains) {
    return std::get<Outcome>(action::judge(remains));
}

}  // namespace

TEST_CASE("exit 0 is a success, 75 a retry, 64 a skip, anything else a failure") {
    CHECK(outcome_of(exited(0, "a warning")) == success());
    CHECK(outcome_of(exited(75)).kind == Outcome::Kind::retry);
    CHECK(outcome_of(exited(75)).error_class == "exit 75");
    CHECK(outcome_of(exited(64, "not mine")) == skip("not mine"));
    for (const int code : {1, 2, 126, 127, 255}) {
        CHECK(outcome_of(exited(code)).kind == Outcome::Kind::failure);
        CHECK(outcome_of(exited(code)).error_class == "exit " + std::to_string(code));
    }
}

TEST_CASE("the reason is the last line of stderr, else of stdout") {
    CHECK(outcome_of(exited(1, "one\ntwo\n\n", "three")).reason == "two");
    CHECK(outcome_of(exited(1, "\n", "three\n")).reason == "three");
    CHECK(outcome_of(exited(1)).reason == "said nothing");
    CHECK(outcome_of(exited(1, "a\x1b[1m\xff")).reason == "a?[1m?");
}

TEST_CASE("a death by a signal is a retry, and the second in a row a failure") {
    CHECK(outcome_of(killed(SIGSEGV, "")).kind == Outcome::Kind::retry);
    CHECK(outcome_of(killed(SIGSEGV, "")).error_class == "signal SEGV");
    CHECK(outcome_of(killed(SIGSEGV, "exit 75")).kind == Outcome::Kind::retry);
    CHECK(outcome_of(killed(SIGKILL, "signal SEGV")).kind == Outcome::Kind::failure);
    CHECK(outcome_of(killed(SIGKILL, "signal SEGV")).error_class == "signal KILL");
    CHECK(outcome_of(killed(SIGRTMIN, "")).error_class == "signal " + std::to_string(SIGRTMIN));
}

TEST_CASE("a command that no row can start fails the run, and the sentence says what to do") {
    for (const int error : {ENOENT, EACCES, ENOEXEC}) {
        const auto verdict = action::judge(not_started(error));
        REQUIRE(std::holds_alternative<Error>(verdict));
        CHECK(std::get<Error>(verdict).kind() == ErrorKind::fatal);
        CHECK(std::string{std::get<Error>(verdict).what()}.find("can't start ./resize.sh: ") == 0);
    }
    CHECK(action::why_not_started({Ending::Kind::not_started, EACCES, "x"}).find("chmod +x") != std::string::npos);
}

TEST_CASE("a command whose name came from the row fails that row alone") {
    Remains remains = not_started(ENOENT);
    remains.program_is_the_rows = true;
    CHECK(outcome_of(remains).kind == Outcome::Kind::failure);
}

TEST_CASE("what the machine lacks for the moment is tried again") {
    for (const int error : {EAGAIN, EMFILE, ENOMEM, ETXTBSY}) {
        CHECK(outcome_of(not_started(error)).kind == Outcome::Kind::retry);
        CHECK(outcome_of(not_started(error)).error_class == "start");
    }
}

TEST_CASE("arguments that are too long are the row's fault") {
    CHECK(outcome_of(not_started(E2BIG)).kind == Outcome::Kind::failure);
}

TEST_CASE("the death of a supervisor is a retry") {
    const Outcome outcome = outcome_of({{Ending::Kind::lost, 0, "the supervisor died"}, {}, {}, {}});
    CHECK(outcome.kind == Outcome::Kind::retry);
    CHECK(outcome.error_class == "supervisor");
}
