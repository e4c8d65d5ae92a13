#include "job/document.hpp"

#include <rowmill/value.hpp>

#include <algorithm>

namespace rowmill::job {

const Node* Node::find(std::string_view wanted) const {
    const auto found = std::ranges::find(items, wanted, &Node::key);
    return found == items.end() ? nullptr : &*found;
}

std::string Node::description() const {
    switch (kind) {
        case Kind::text:
            return (from_flag ? "" : "the text ") + display(ValueView{ValueType::text, text});
        case Kind::list:
            return "a list";
        case Kind::table:
            return "a table";
        default:
            return text;
    }
}

Node flag(std::string_view name, std::string_view text) {
    Node node;
    node.text = text;
    node.place = "--";
    for (const char c : name) node.place += c == '_' ? '-' : c;
    node.key = name;
    node.key_place = node.place;
    node.from_flag = true;
    return node;
}

}  // namespace rowmill::job
