#include "job/item_template.hpp"

#include <rowmill/error.hpp>

#include <algorithm>

namespace rowmill::job {

namespace {

using Part = ItemTemplate::Part;

bool continues_name(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

[[noreturn]] void refuse(std::string_view where, const std::string& what) {
    throw Error{ErrorKind::usage, std::string{where} + " " + what};
}

/// What stands between braces: `name` or `:name`.
Part named(std::string_view inside, std::string_view where) {
    const bool is_param = inside.starts_with(':');
    const std::string_view name = inside.substr(is_param ? 1 : 0);
    if (name.empty() || !std::ranges::all_of(name, continues_name)) {
        refuse(where,
               "has {" + std::string{inside} +
                   "}, which is neither a {column} nor a {:parameter}; a brace itself is written twice: {{ or }}");
    }
    return {is_param ? Part::Kind::param : Part::Kind::column, std::string{name}};
}

void append_text(std::vector<Part>& parts, std::string_view text) {
    if (text.empty()) return;
    if (parts.empty() || parts.back().kind != Part::Kind::text) parts.push_back({Part::Kind::text, {}});
    parts.back().text += text;
}

}  // namespace

ItemTemplate ItemTemplate::parse(std::string_view text, std::string_view where) {
    ItemTemplate parsed;
    while (!text.empty()) {
        const std::size_t brace = text.find_first_of("{}");
        append_text(parsed.parts_, text.substr(0, brace));
        if (brace == std::string_view::npos) break;
        text.remove_prefix(brace);
        if (text.starts_with("{{") || text.starts_with("}}")) {
            append_text(parsed.parts_, text.substr(0, 1));
            text.remove_prefix(2);
            continue;
        }
        if (text.front() == '}') refuse(where, "has a } without its {; a brace itself is written twice: }}");
        const std::size_t end = text.find_first_of("{}", 1);
        if (end == std::string_view::npos || text[end] == '{')
            refuse(where, "has a { without its }; a brace itself is written twice: {{");
        parsed.parts_.push_back(named(text.substr(1, end - 1), where));
        text.remove_prefix(end + 1);
    }
    return parsed;
}

ValueView ItemTemplate::value(const Part& part, const Item& item, const Params& params) {
    if (part.kind == Part::Kind::column) return item[part.text];
    const auto found = params.find(part.text);
    return found == params.end() ? ValueView{} : found->second.view();
}

std::string ItemTemplate::render(const Item& item, const Params& params, const Escape& escape) const {
    std::string rendered;
    for (const Part& part : parts_) {
        rendered += part.kind == Part::Kind::text ? part.text : escape(value(part, item, params));
    }
    return rendered;
}

std::vector<std::string> ItemTemplate::names(Part::Kind kind) const {
    std::vector<std::string> found;
    for (const Part& part : parts_) {
        if (part.kind == kind && std::ranges::find(found, part.text) == found.end()) found.push_back(part.text);
    }
    return found;
}

std::string as_template(std::string_view text) {
    std::string doubled;
    for (const char c : text) doubled.append(c == '{' || c == '}' ? 2 : 1, c);
    return doubled;
}

}  // namespace rowmill::job
