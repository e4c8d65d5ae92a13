#include "job/document.hpp"

#include <rowmill/error.hpp>

#include <toml++/toml.h>
#include <sstream>

namespace rowmill::job {

namespace {

std::string place_of(const std::string& path, const toml::source_region& source) {
    return path + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

template <typename Printable>
std::string printed(const Printable& value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

Node convert(const toml::node& from, const std::string& path);

void convert_table(const toml::table& table, const std::string& path, Node& into) {
    for (const auto& [key, value] : table) {
        Node entry = convert(value, path);
        entry.key = std::string{key.str()};
        entry.key_place = place_of(path, key.source());
        into.items.push_back(std::move(entry));
    }
}

Node convert(const toml::node& from, const std::string& path) {
    Node node;
    node.place = place_of(path, from.source());
    if (const auto* table = from.as_table()) {
        node.kind = Node::Kind::table;
        convert_table(*table, path, node);
    } else if (const auto* list = from.as_array()) {
        node.kind = Node::Kind::list;
        for (const toml::node& item : *list) node.items.push_back(convert(item, path));
    } else if (const auto* text = from.as_string()) {
        node.text = text->get();
    } else if (const auto* integer = from.as_integer()) {
        node.kind = Node::Kind::integer;
        node.integer = integer->get();
        node.number = static_cast<double>(node.integer);
        node.text = std::to_string(node.integer);
    } else if (const auto* number = from.as_floating_point()) {
        node.kind = Node::Kind::number;
        node.number = number->get();
        node.text = printed(*number);
    } else if (const auto* boolean = from.as_boolean()) {
        node.kind = Node::Kind::boolean;
        node.boolean = boolean->get();
        node.text = node.boolean ? "true" : "false";
    } else {
        node.kind = Node::Kind::date;
        from.visit([&node](const auto& value) {
            if constexpr (toml::is_date<decltype(value)> || toml::is_time<decltype(value)> ||
                          toml::is_date_time<decltype(value)>) {
                node.text = printed(value.get());
            }
        });
    }
    return node;
}

}  // namespace

Node parse_document(std::string_view toml, const std::string& path) {
    try {
        return convert(toml::parse(toml, path), path);
    } catch (const toml::parse_error& error) {
        throw Error{ErrorKind::usage, place_of(path, error.source()) + ": " + std::string{error.description()}};
    }
}

}  // namespace rowmill::job
