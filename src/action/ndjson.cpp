#include "action/ndjson.hpp"

#include "item/utf8.hpp"

#include <boost/json.hpp>

#include <chrono>

namespace rowmill::action {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds longest_delay = std::chrono::hours{30 * 24};

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto byte = [&](std::size_t index) {
            return index < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[index])) : 0U;
        };
        const std::uint32_t group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        text += digits[group >> 18];
        text += digits[group >> 12 & 63];
        text += at + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
        text += at + 2 < bytes.size() ? digits[group & 63] : '=';
    }
    return text;
}

void append_string(std::string& line, std::string_view text) {
    line += json::serialize(json::string_view{text.data(), text.size()});
}

void append_value(std::string& line, ValueView value) {
    switch (value.type()) {
        case ValueType::null:
            line += "null";
            return;
        case ValueType::integer:
        case ValueType::unsigned_integer:
            line += value.text();
            return;
        default:
            break;
    }
    if (is_utf8(value.text())) return append_string(line, value.text());
    append_string(line, base64(value.text()));
}

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
    std::string line = "{\"id\":" + std::to_string(id) + ",\"attempt\":" + std::to_string(attempt) + ",\"token\":";
    append_string(line, token);
    line += ",\"item\":{";
    const auto& columns = item.shape().columns;
    for (std::size_t column = 0; column < columns.size(); ++column) {
        if (column > 0) line += ',';
        append_string(line, columns[column].name);
        line += ':';
        append_value(line, item.at(column));
    }
    return line += "}}\n";
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
