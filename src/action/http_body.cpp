#include "action/http_body.hpp"

#include "http/percent.hpp"
#include "item/ascii.hpp"

#include <rowmill/error.hpp>

#include <boost/json.hpp>

#include <algorithm>

namespace rowmill::action {
namespace {

namespace json = boost::json;
using Part = job::ItemTemplate::Part;

bool is_json(std::string_view text) {
    json::error_code error;
    json::parse(text, error);
    return !error;
}

std::string json_string(const Part& part, std::string_view text) {
    std::string quoted = json::serialize(json::string_view{text.data(), text.size()});
    if (!is_json(quoted)) throw Error{ErrorKind::row, shown(part) + " is not UTF-8, which JSON has to be"};
    return quoted;
}

std::string json_value(const Part& part, ValueView value) {
    switch (value.type()) {
        case ValueType::null:
            return "null";
        case ValueType::integer:
        case ValueType::unsigned_integer:
        case ValueType::decimal:
        case ValueType::number:
            if (!is_json(value.text())) throw Error{ErrorKind::row, shown(part) + " is not a number as JSON writes it"};
            return value.as_string();
        default:
            return json_string(part, value.text());
    }
}

std::string xml_text(const Part& part, std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r')
                    throw Error{ErrorKind::row, shown(part) + " holds a control character, which XML can't"};
                escaped += c;
        }
    }
    return escaped;
}

/// Follows literal JSON: is what comes next between quotes?
class Quotes {
public:
    void read(std::string_view text) {
        for (const char c : text) {
            if (escaping_) {
                escaping_ = false;
            } else if (inside_ && c == '\\') {
                escaping_ = true;
            } else if (c == '"') {
                inside_ = !inside_;
            }
        }
    }
    bool inside() const { return inside_; }

private:
    bool inside_ = false, escaping_ = false;
};

}  // namespace

BodyTemplate::Kind BodyTemplate::kind_of(std::string_view media_type) {
    std::string type = small_letters(media_type.substr(0, media_type.find(';')));
    type.erase(type.find_last_not_of(" \t") + 1);
    if (type == "application/json" || type.ends_with("+json")) return Kind::json;
    if (type.find("json") != std::string::npos) return Kind::json_lines;
    if (type == "application/x-www-form-urlencoded") return Kind::form;
    if (type.ends_with("/xml") || type.ends_with("+xml")) return Kind::xml;
    return Kind::plain;
}

BodyTemplate::BodyTemplate(std::string_view text, std::string_view media_type, const job::Params& params)
    : template_{read_template(text, "action.body", params)}, kind_{kind_of(media_type)}, kinds_{kinds_of_parts()} {
    if (kind_ != Kind::json) return;
    std::string sample;
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
        const Part& part = template_.parts()[i];
        sample += part.kind == Part::Kind::text ? part.text : escaped(part, {ValueType::integer, "0"}, kinds_[i]);
    }
    if (!is_json(sample)) {
        throw Error{ErrorKind::usage,
                    "action.body is not JSON, as its Content-Type says (braces of its own are written twice: {{ and "
                    "}}); correct it, or say another Content-Type under action.headers"};
    }
}

std::vector<BodyTemplate::Kind> BodyTemplate::kinds_of_parts() const {
    std::vector<Kind> kinds;
    Quotes quotes;
    const bool is_any_json = kind_ == Kind::json || kind_ == Kind::json_lines;
    for (const Part& part : template_.parts()) {
        if (part.kind == Part::Kind::text) quotes.read(part.text);
        kinds.push_back(is_any_json && quotes.inside() ? Kind::json_text : kind_);
    }
    return kinds;
}

std::string BodyTemplate::escaped(const Part& part, ValueView value, Kind kind) const {
    switch (kind) {
        case Kind::json:
        case Kind::json_lines:
            return json_value(part, value);
        case Kind::json_text: {
            const std::string quoted = json_string(part, value.text());
            return quoted.substr(1, quoted.size() - 2);
        }
        case Kind::form:
            return http::percent_encoded(value.text());
        case Kind::xml:
            return xml_text(part, value.text());
        case Kind::plain:
            break;
    }
    return value.as_string();
}

std::string BodyTemplate::render(const Filling& filling) const {
    std::string body;
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
        const Part& part = template_.parts()[i];
        body += part.kind == Part::Kind::text ? part.text : escaped(part, filling[part], kinds_[i]);
    }
    return body;
}

}  // namespace rowmill::action
