#include "action/exec.hpp"
#include "action/exec_command.hpp"
#include "action/masking.hpp"

#include <doctest/doctest.h>
#include <rowmill/error.hpp>

#include <algorithm>

using namespace rowmill;
using action::CommandTemplate;

namespace {

action::Outside outside_with(std::vector<std::string> command) {
    action::Outside outside;
    outside.job.name = "previews";
    outside.job.action.command = std::move(command);
    outside.run = 12;
    outside.run_token = "r";
    return outside;
}

Block row(std::string_view title) {
    auto shape = std::make_shared<Shape>();
    shape->columns = {{"id", ValueType::integer}, {"title", ValueType::text}, {"note", ValueType::text}};
    shape->key_columns = 1;
    Block block{shape};
    block.append("7");
    block.append(title);
    block.append_null();
    return block;
}

bool holds(const std::vector<std::string>& texts, const std::string& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::string refusal(const action::Outside& outside) {
    try {
        const CommandTemplate command{outside};
        command.render();
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::usage);
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("a value is one argument, whatever it holds") {
    const CommandTemplate command{outside_with({"./resize.sh", "{id}", "--title={title}", "{{}}"})};
    for (const char* title : {"", "; rm -rf /", "$(reboot)", "'\"\n\r", "../../etc/passwd", "{id}", "--help"}) {
        const Block block = row(title);
        CHECK(command.render({block, 0}).arguments ==
              std::vector<std::string>{"./resize.sh", "7", "--title=" + std::string{title}, "{}"});
    }
}

TEST_CASE("NULL and a zero byte cannot stand in a command") {
    const Block block = row(std::string_view{"a\0b", 3});
    for (const char* text : {"{title}", "x{note}"}) {
        auto as_argument = outside_with({"cmd", text});
        CHECK_THROWS_WITH_AS(CommandTemplate{as_argument}.render({block, 0}), doctest::Contains("value of the command"),
                             Error);
        auto in_environment = outside_with({"cmd"});
        in_environment.job.action.env = {{"NAME", text}};
        CHECK_THROWS_AS(CommandTemplate{in_environment}.render({block, 0}), Error);
    }
}

TEST_CASE("a command is told of its run and its row") {
    auto outside = outside_with({"cmd"});
    outside.job.action.env = {{"TITLE", "<{title}>"}, {"ROWMILL_DSN", "mysql://x"}};
    const Block block = row("Emma");
    const auto environment = CommandTemplate{outside}.render({block, 0}).environment;
    for (const char* variable : {"ROWMILL_RUN=12", "ROWMILL_JOB=previews", "TITLE=<Emma>", "ROWMILL_DSN=mysql://x"})
        CHECK(holds(environment, variable));
    CHECK(action::environment_of_item({Value::integer(7), Value::text("a b")}, 3, "t") ==
          std::vector<std::string>{"ROWMILL_KEY=(7, 'a b')", "ROWMILL_ATTEMPT=3", "ROWMILL_TOKEN=t"});
}

TEST_CASE("what rowmill tells a command cannot be said otherwise") {
    auto outside = outside_with({"cmd"});
    outside.job.action.env = {{"ROWMILL_TOKEN", "mine"}};
    CHECK(refusal(outside).find("ROWMILL_TOKEN") != std::string::npos);
}

TEST_CASE("an empty command is refused") {
    CHECK(refusal(outside_with({})).find("needs a command") != std::string::npos);
}

TEST_CASE("the command of a coprocess may hold parameters but no columns") {
    auto outside = outside_with({"./worker", "{:level}"});
    outside.params["level"] = Value::integer(3);
    CHECK(CommandTemplate{outside}.render().arguments == std::vector<std::string>{"./worker", "3"});
    CHECK(refusal(outside_with({"./worker", "{id}"})).find("{id}") == 0);
    outside.job.action.env = {{"TITLE", "{title}"}};
    CHECK(refusal(outside).find("{title}") == 0);
}

TEST_CASE("an idempotency token is the row's and the run's") {
    const Key seven{Value::integer(7)}, eight{Value::integer(8)};
    const std::string token = action::idempotency_token("run", seven);
    CHECK(token.size() == 32);
    CHECK(token.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(token == action::idempotency_token("run", seven));
    CHECK(token != action::idempotency_token("run", eight));
    CHECK(token != action::idempotency_token("other run", seven));
    CHECK(token != action::idempotency_token("run", {Value::text("7")}));
}

TEST_CASE("secrets are masked, the longer of two that begin alike first") {
    auto outside = outside_with({"cmd"});
    outside.job.action.secrets = {"abc", "abcdef"};
    job::ParamSpec key, plain;
    key.name = "key";
    key.secret = true;
    plain.name = "plain";
    outside.job.params = {key, plain};
    outside.params = {{"key", Value::text("s3cret")}, {"plain", Value::text("shown")}};
    CHECK(action::Masking{outside}("abcdef abc s3cret shown") == "*** *** *** shown");
}

TEST_CASE("that there is no such program, or that it may not be executed, is found without a row") {
    const auto fault = [](const action::Outside& outside) -> std::string {
        try {
            CommandTemplate{outside}.check_program();
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::usage);
            return error.what();
        }
        return {};
    };
    CHECK(fault(outside_with({"sh", "{id}"})).empty());
    CHECK(fault(outside_with({"./no-such-command"})).find("can't start ./no-such-command: there is no such") == 0);
    CHECK(fault(outside_with({"/etc/passwd"})).find("chmod +x") != std::string::npos);
    CHECK(fault(outside_with({"{title}"})).empty());
    action::Outside elsewhere = outside_with({"sh"});
    elsewhere.job.action.env = {{"PATH", "/no-such-folder"}};
    CHECK(fault(elsewhere).find("can't start sh") == 0);
}

TEST_CASE("more processes at once than there may be descriptors for are refused before the first") {
    action::Outside outside = outside_with({"sh"});
    outside.slots = 1'000'000'000;
    CHECK_THROWS_WITH_AS(action::exec_action(outside), doctest::Contains("raise ulimit -n, or lower concurrency"),
                         Error);
}
