#include "job/row_texts.hpp"

#include "job/environment.hpp"
#include "job/words.hpp"

#include <rowmill/error.hpp>

#include <algorithm>

namespace rowmill::job {

RowTexts::Text RowTexts::read(const Node& node, const std::string& where, const std::string& name) {
    if (node.kind != Node::Kind::text)
        throw Error{ErrorKind::usage, where + " must be a text in quotes, not " + node.description()};
    // What the environment holds is no part of a name. Found before it is put in, so that no message can show it.
    ItemTemplate::parse(substitute_names(node.text, where, [](const std::string&) { return as_template("{}"); }),
                        where);
    Text read;
    read.text = substitute_names(node.text, where, [&](const std::string& wanted) {
        const std::string value = look_up(wanted, where);
        keep_secret(value);
        return as_template(value);
    });
    read.parsed = ItemTemplate::parse(read.text, where);
    check_params(read.parsed, where);
    action_.written.emplace_back(name, node.text);
    return read;
}

void RowTexts::check_params(const ItemTemplate& parsed, const std::string& where) const {
    std::vector<std::string> names;
    for (const ParamSpec& param : params_) names.push_back(param.name);
    for (const std::string& used : parsed.params()) {
        if (std::ranges::find(names, used) != names.end()) continue;
        throw Error{ErrorKind::usage, where + " uses {:" + used + "}, which is no parameter; declare [params." + used +
                                          "]" + suggestion(used, names)};
    }
}

/// The longest first: where one holds another, the shorter one masked would leave the rest to be read.
void RowTexts::keep_secret(const std::string& value) {
    std::vector<std::string>& secrets = action_.secrets;
    if (value.empty() || std::ranges::find(secrets, value) != secrets.end()) return;
    secrets.insert(std::ranges::upper_bound(secrets, value.size(), std::greater<>{}, &std::string::size), value);
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void refuse_control(const ItemTemplate& parsed, const std::string& where, std::string_view what) {
    for (const ItemTemplate::Part& part : parsed.parts()) {
        if (has_control(part.text))
            throw Error{ErrorKind::usage, where + " holds a control character, which " + std::string{what} + " can't"};
    }
}

}  // namespace rowmill::job
