#include "action/ndjson.hpp"

#include "item/item_json.hpp"

#include <boost/json.hpp>

#include <chrono>

namespace rowmill::action {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds longest_delay = std::chrono::hours{30 * 24};

/// The text of a member; empty where it is not there. Throws std::string: what is wrong.
std::string text_of(const json::object& answer, std::string_view name) {
    const json::value* value = answer.if_contains({name.data(), name.size()});
    if (value == nullptr || value->is_null()) return {};
    if (const json::string* text = value->if_string()) return {text->data(), text->size()};
    throw std::string{"\""} + std::string{name} + "\" is not a string";
}

std::uint64_t id_of(const json::object& answer) {
    const json::value* value = answer.if_contains("id");
    json::error_code error;
    const auto id = value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
    if (value == nullptr || error) throw std::string{"it has no \"id\" that is a number"};
    return id;
}

Outcome retry_of(const json::object& answer) {
    Outcome outcome = retry(text_of(answer, "reason"));
    const json::value* delay = answer.if_contains("delay_ms");
    if (delay == nullptr || delay->is_null()) return outcome;
    json::error_code error;
    const auto count = delay->to_number<std::int64_t>(error);
    if (error || count < 0 || count > longest_delay.count())
        throw std::string{"\"delay_ms\" is not a whole number from 0 to 30 days"};
    outcome.delay = std::chrono::milliseconds{count};
    return outcome;
}

Outcome outcome_of(const json::object& answer) {
    const std::string name = text_of(answer, "outcome");
    if (name == "success") return success();
    if (name == "skip") return skip(text_of(answer, "reason"));
    if (name != "retry" && name != "failure")
        throw std::string{R"("outcome" is none of "success", "skip", "retry", "failure")"};
    Outcome outcome = name == "retry" ? retry_of(answer) : failure(text_of(answer, "reason"));
    const std::string given = text_of(answer, "class");
    outcome.error_class = given.empty() ? name : given;
    return outcome;
}

}  // namespace

std::string request_line(std::uint64_t id, unsigned attempt, std::string_view token, const Item& item) {
    return "{\"id\":" + std::to_string(id) + ",\"attempt\":" + std::to_string(attempt) + ",\"token\":\"" + std::string{token} +
           "\",\"item\":" + to_json(item) + "}\n";
}

std::variant<NdjsonAnswer, std::string> parse_answer(std::string_view line) {
    json::error_code error;
    const json::value value = json::parse({line.data(), line.size()}, error);
    if (error) return std::string{"it is no JSON"};
    const json::object* answer = value.if_object();
    if (answer == nullptr) return std::string{"it is no JSON object"};
    try {
        return NdjsonAnswer{id_of(*answer), outcome_of(*answer)};
    } catch (const std::string& wrong) {
        return wrong;
    }
}

}  // namespace rowmill::action
