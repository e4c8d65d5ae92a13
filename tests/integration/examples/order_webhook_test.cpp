#include "example.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr const char* token = "s3cret-t0ken";

/// The example's other side, on a port of its own, which the job is sent to.
class Receiver {
public:
    explicit Receiver(const Example& example, const std::string& accepted = token) {
        ProcessOptions options = example.options();
        options.environment["WEBHOOK_TOKEN"] = accepted;
        process_ = std::make_unique<Process>(std::vector<std::string>{"./receiver.py", "0"}, options);
        const std::string greeting = "listening on port ";
        if (!process_->wait_for_output(greeting) || !process_->wait_for_output("\n"))
            throw std::runtime_error{"the receiver did not start: " + process_->errors()};
        const std::string port = std::to_string(std::stoi(process_->output().substr(greeting.size())));
        std::string job = example.read("order-webhook.toml");
        const std::string usual = "127.0.0.1:8099";
        example.write("order-webhook.toml", job.replace(job.find(usual), usual.size(), "127.0.0.1:" + port));
    }

    /// What it took, by the order's number.
    std::map<std::int64_t, std::vector<boost::json::object>> orders() const {
        std::map<std::int64_t, std::vector<boost::json::object>> taken;
        for (const boost::json::object& order : json_lines(process_->output()))
            taken[order.at("order").as_int64()].push_back(order);
        return taken;
    }

private:
    std::unique_ptr<Process> process_;
};

std::string text(const boost::json::object& object, const char* name) {
    return std::string{object.at(name).as_string()};
}

}  // namespace

TEST_CASE("order-webhook: each paid order arrives once and as it is, also those that were turned away at first") {
    Example example{"order-webhook"};
    example.set_environment("WEBHOOK_TOKEN", token);
    const Receiver receiver{example};
    const Finished run = example.rowmill({"run", "order-webhook.toml", "--param", "shop=a/b c"});
    INFO(run.errors);
    REQUIRE(run.how() == "exit 0");
    const auto orders = receiver.orders();
    CHECK(orders.size() == 45);
    for (const auto& [number, received] : orders) {
        CAPTURE(number);
        REQUIRE(received.size() == 1);
        const std::string row = " FROM orders WHERE state = 'paid' AND id = " + std::to_string(number);
        CHECK(text(received[0], "customer") == example.scalar("SELECT customer" + row));
        CHECK(text(received[0], "total") == example.scalar("SELECT total" + row));
        CHECK(text(received[0], "note") == example.scalar("SELECT note" + row));
        CHECK(text(received[0], "path") == "/shops/a%2Fb%20c/orders/" + std::to_string(number));
    }
}

TEST_CASE("order-webhook: a wrong token fails the run, leaves each order as a dead letter, and shows itself nowhere") {
    Example example{"order-webhook"};
    example.set_environment("WEBHOOK_TOKEN", "wr0ng-t0ken");
    const Receiver receiver{example};
    const Finished run = example.rowmill({"run", "order-webhook.toml"});
    INFO(run.errors);
    CHECK(run.how() == "exit 1");
    CHECK(receiver.orders().empty());
    const auto letters = example.dead_letters("1");
    CHECK(letters.size() == 45);
    std::string shown = run.errors + run.output;
    for (const auto& letter : letters) shown += boost::json::serialize(letter);
    shown += example.rowmill({"status", "--json"}).output;
    shown += example.scalar("SELECT fingerprint FROM " + example.store_name() + ".runs");
    CHECK(shown.find("401") != std::string::npos);
    CHECK(shown.find("wr0ng") == std::string::npos);
}

TEST_CASE("order-webhook: what was refused for a wrong token is sent again with the right one") {
    Example example{"order-webhook"};
    example.set_environment("WEBHOOK_TOKEN", "wr0ng-t0ken");
    const Receiver receiver{example};
    REQUIRE(example.rowmill({"run", "order-webhook.toml"}).how() == "exit 1");
    example.set_environment("WEBHOOK_TOKEN", token);
    const Finished retried = example.rowmill({"retry", "1"});
    INFO(retried.errors);
    CHECK(retried.how() == "exit 0");
    CHECK(receiver.orders().size() == 45);
    CHECK(example.dead_letters("1").empty());
}
