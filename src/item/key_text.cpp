#include "item/value_text.hpp"

#include <rowmill/error.hpp>
#include <rowmill/value.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <optional>

namespace rowmill {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return {};
}

/// Pairs of hexadecimal digits as bytes.
std::optional<std::string> bytes_of(std::string_view digits) {
    if (digits.size() % 2 != 0) return {};
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const auto high = hex_digit(digits[i]), low = hex_digit(digits[i + 1]);
        if (!high || !low) return {};
        bytes += static_cast<char>(*high << 4 | *low);
    }
    return bytes;
}

/// Reads one key as people write it.
class KeyText {
public:
    KeyText(std::string_view text, const std::vector<ValueType>& types) : text_{trimmed(text)}, types_{types} {}

    Key read() {
        if (text_.starts_with('[')) return read_json();
        if (text_.starts_with('(')) return read_list();
        if (types_.size() != 1) refuse("it has one part");
        if (text_.starts_with('\'')) {
            Key key{value(types_[0], literal())};
            if (at_ != text_.size()) refuse("something follows its last quote");
            return key;
        }
        if (text_ == "NULL") return {Value{}};
        return {value(types_[0], text_)};
    }

private:
    Key read_list() {
        Key key;
        do {
            ++at_;  // the parenthesis, or a comma
            skip_blanks();
            key.push_back(listed_part(type_of_part(key.size())));
            skip_blanks();
        } while (at_ < text_.size() && text_[at_] == ',');
        if (text_.substr(at_) != ")") refuse("its parts are not divided by commas and closed by a parenthesis");
        require_all(key.size());
        return key;
    }

    Value listed_part(ValueType type) {
        if (text_.substr(at_).starts_with('\'')) return value(type, literal());
        const std::string_view bare = text_.substr(at_, text_.find_first_of(",) \t\r\n", at_) - at_);
        at_ += bare.size();
        if (bare == "NULL") return {};
        const bool is_bare = type == ValueType::integer || type == ValueType::unsigned_integer ||
                             type == ValueType::decimal || type == ValueType::number || type == ValueType::bytes;
        if (!is_bare) refuse("its " + std::string{name_of(type)} + " is not in single quotes");
        return value(type, bare);
    }

    Key read_json() const {
        namespace json = boost::json;
        boost::system::error_code error;
        const json::value parsed = json::parse(json::string_view{text_.data(), text_.size()}, error);
        if (error || !parsed.is_array()) refuse("it is not a JSON array");
        Key key;
        for (const json::value& part : parsed.get_array()) {
            const ValueType type = type_of_part(key.size());
            if (part.is_null()) {
                key.emplace_back();
            } else if (part.is_string()) {
                key.push_back(value(type, {part.get_string().data(), part.get_string().size()}));
            } else if (part.is_int64() || part.is_uint64()) {
                key.push_back(value(type, json::serialize(part)));
            } else {
                refuse("only strings, integers and null can be its parts in JSON");
            }
        }
        require_all(key.size());
        return key;
    }

    /// What stands between the quotes at this place, and the place behind them.
    std::string literal() {
        std::string content;
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\\') {
                content += escaped();
            } else if (c != '\'') {
                content += c;
            } else if (text_.substr(at_ + 1).starts_with('\'')) {
                content += text_[at_++];
            } else {
                ++at_;
                return content;
            }
        }
        refuse("its last quote is missing");
    }

    char escaped() {
        const std::string_view after = text_.substr(++at_);
        if (after.starts_with('\\')) return '\\';
        if (after.starts_with('n')) return '\n';
        if (after.starts_with('t')) return '\t';
        const auto byte = after.starts_with('x') && after.size() >= 3 ? bytes_of(after.substr(1, 2)) : std::nullopt;
        if (!byte) refuse("after a backslash only a backslash, n, t, or x and two digits may stand");
        at_ += 2;
        return byte->front();
    }

    Value value(ValueType type, std::string_view text) const {
        if (type == ValueType::bytes) {
            const auto bytes = text.starts_with("0x") ? bytes_of(text.substr(2)) : std::nullopt;
            if (!bytes) refuse("its bytes are not written as 0x00ff");
            return Value::bytes(*bytes);
        }
        if (!fits(type, text)) {
            refuse(display(ValueView{ValueType::text, text}) + " is not of type " + std::string{name_of(type)});
        }
        return {type, std::string{text}};
    }

    ValueType type_of_part(std::size_t index) const {
        if (index >= types_.size()) refuse("it has too many parts");
        return types_[index];
    }

    void require_all(std::size_t parts) const {
        if (parts != types_.size()) refuse("it has " + std::to_string(parts) + (parts == 1 ? " part" : " parts"));
    }

    void skip_blanks() { at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size()); }

    [[noreturn]] void refuse(const std::string& fault) const {
        std::string wanted;
        for (const ValueType type : types_) wanted += (wanted.empty() ? "" : ", ") + std::string{name_of(type)};
        if (types_.size() != 1) wanted = "(" + wanted + ")";
        throw Error{ErrorKind::usage, "the key " + display(ValueView{ValueType::text, text_}) + " can't be read: " +
                                          fault + ". It is to be " + wanted + ", as rowmill failures shows keys"};
    }

    std::string_view text_;
    const std::vector<ValueType>& types_;
    std::size_t at_ = 0;
};

}  // namespace

Key parse_key(std::string_view text, const std::vector<ValueType>& types) {
    return KeyText{text, types}.read();
}

}  // namespace rowmill
