#include "item/value_text.hpp"

#include <rowmill/error.hpp>
#include <rowmill/value.hpp>

#include <array>
#include <charconv>
#include <optional>

namespace rowmill {

namespace {

constexpr std::array all_types{
    ValueType::null,      ValueType::integer, ValueType::unsigned_integer,
    ValueType::decimal,   ValueType::number,  ValueType::text,
    ValueType::bytes,     ValueType::date,    ValueType::datetime,
    ValueType::timestamp, ValueType::time,    ValueType::uuid,
    ValueType::inet,
};

std::optional<ValueType> type_named(std::string_view name) {
    for (const ValueType type : all_types) {
        if (name_of(type) == name) return type;
    }
    return std::nullopt;
}

/// Reads the parts of a stored key from left to right; any byte out of place throws.
class Decoder {
public:
    explicit Decoder(std::string_view stored) : stored_{stored} {}

    bool at_end() const { return position_ == stored_.size(); }

    Value part() {
        const std::optional<ValueType> type = type_named(until_colon());
        if (!type) refuse("an unknown type");
        const std::size_t length = parse_length(until_colon());
        if (length >= stored_.size() - position_) refuse("a part that is cut short");
        const std::string_view text = stored_.substr(position_, length);
        position_ += length;
        if (stored_[position_] != ',') refuse("a part of another length than it says");
        if (!fits(*type, text)) refuse("a text that is not of the part's type");
        ++position_;
        return {*type, std::string{text}};
    }

private:
    std::string_view until_colon() {
        const std::size_t colon = stored_.find(':', position_);
        if (colon == std::string_view::npos) refuse("a part that is cut short");
        const std::string_view field = stored_.substr(position_, colon - position_);
        position_ = colon + 1;
        return field;
    }

    std::size_t parse_length(std::string_view digits) const {
        std::size_t length = 0;
        const char* const last = digits.data() + digits.size();
        const auto [end, error] = std::from_chars(digits.data(), last, length);
        const bool padded = digits.size() > 1 && digits.front() == '0';
        if (error != std::errc{} || end != last || padded) refuse("a length that is no number");
        return length;
    }

    [[noreturn]] void refuse(std::string_view fault) const {
        throw Error{ErrorKind::refused,
                    "the stored key " + display(ValueView{ValueType::text, stored_}) + " has " + std::string{fault} +
                        " near byte " + std::to_string(position_) +
                        "; it was not written by this version of rowmill. Start anew with --restart"};
    }

    std::string_view stored_;
    std::size_t position_ = 0;
};

}  // namespace

std::string encode_key(const Key& key) {
    std::string stored;
    for (const Value& part : key) {
        stored += name_of(part.type());
        stored += ':';
        stored += std::to_string(part.text().size());
        stored += ':';
        stored += part.text();
        stored += ',';
    }
    return stored;
}

Key decode_key(std::string_view stored) {
    Key key;
    Decoder decoder{stored};
    while (!decoder.at_end()) key.push_back(decoder.part());
    return key;
}

}  // namespace rowmill
