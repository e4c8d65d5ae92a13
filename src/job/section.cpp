#include "job/section.hpp"

#include "job/environment.hpp"
#include "job/read.hpp"
#include "job/words.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace rowmill::job {

namespace {

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_scalar(const Node& node) {
    return node.kind != Node::Kind::list && node.kind != Node::Kind::table;
}

}  // namespace

Section::Section(const Node* table, std::string path, std::string place)
    : table_{table}, path_{std::move(path)}, place_{table == nullptr ? std::move(place) : table->place} {
    if (table_ != nullptr && table_->kind != Node::Kind::table) {
        throw Error{ErrorKind::usage,
                    place_ + ": " + path_ + " must be a table, written [" + path_ + "], not " + table_->description()};
    }
}

const Node* Section::find(std::string_view key) {
    if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
    return table_ == nullptr ? nullptr : table_->find(key);
}

const Node* Section::scalar(std::string_view key, std::string_view expected) {
    const Node* node = find(key);
    if (node != nullptr && !is_scalar(*node)) {
        fail(*node, "must be " + std::string{expected} + ", not " + node->description());
    }
    return node;
}

std::optional<std::string> Section::text(std::string_view key) {
    const Node* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (node->kind != Node::Kind::text) fail(*node, "must be a text in quotes, not " + node->description());
    return node->text;
}

std::optional<std::string> Section::name(std::string_view key) {
    std::optional<std::string> value = text(key);
    if (value && value->empty()) fail(*find(key), "must not be empty");
    return value;
}

std::optional<std::string> Section::dsn(std::string_view key) {
    const std::optional<std::string> value = name(key);
    if (!value) return std::nullopt;
    return expand_environment(*value, subject(*find(key)));
}

std::optional<bool> Section::boolean(std::string_view key) {
    const Node* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (node->kind != Node::Kind::boolean) fail(*node, "must be true or false, not " + node->description());
    return node->boolean;
}

std::optional<std::uint64_t> Section::count(std::string_view key, std::uint64_t least, std::uint64_t most) {
    const std::string expected = "an integer from " + std::to_string(least) + " to " + std::to_string(most);
    const Node* node = scalar(key, expected);
    if (node == nullptr) return std::nullopt;
    std::optional<std::uint64_t> value;
    if (node->kind == Node::Kind::integer || node->from_flag) value = whole_number<std::uint64_t>(node->text);
    if (!value || *value < least || *value > most) fail(*node, "must be " + expected + ", not " + node->description());
    return value;
}

std::optional<double> Section::number(std::string_view key, double least) {
    const Node* node = scalar(key, "a number");
    if (node == nullptr) return std::nullopt;
    std::optional<double> value;
    if (node->from_flag) value = whole_number<double>(node->text);
    if (node->kind == Node::Kind::integer || node->kind == Node::Kind::number) value = node->number;
    if (!value || !std::isfinite(*value)) fail(*node, "must be a number, not " + node->description());
    if (*value < least) fail(*node, "must not be below " + std::to_string(static_cast<long long>(least)));
    return value;
}

std::optional<milliseconds> Section::duration(std::string_view key, milliseconds least) {
    const Node* node = scalar(key, "a duration such as \"30s\"");
    if (node == nullptr) return std::nullopt;
    const milliseconds value = parse_duration(node->text, subject(*node));
    if (value < least) fail(*node, "must be " + display(least) + " or more, not " + node->description());
    return value;
}

std::optional<std::uint64_t> Section::size(std::string_view key, std::uint64_t least) {
    const Node* node = scalar(key, "a size such as \"8MB\"");
    if (node == nullptr) return std::nullopt;
    const std::uint64_t value = parse_size(node->text, subject(*node));
    if (value < least) fail(*node, "must be " + std::to_string(least) + " bytes or more, not " + node->description());
    return value;
}

std::optional<std::string> Section::choice(std::string_view key, const std::vector<std::string>& words) {
    const Node* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (node->kind == Node::Kind::text && std::ranges::find(words, node->text) != words.end()) return node->text;
    fail(*node,
         "must be " + join_quoted(words, " or ") + ", not " + node->description() + suggestion(node->text, words));
}

std::vector<std::string> Section::names(std::string_view key) {
    std::vector<std::string> values;
    const Node* node = find(key);
    if (node == nullptr) return values;
    if (node->kind != Node::Kind::list) fail(*node, "must be a list of texts, [\"…\"], not " + node->description());
    for (const Node& item : node->items) {
        if (item.kind != Node::Kind::text || item.text.empty())
            fail(*node, "must hold texts that are not empty, not " + item.description());
        if (std::ranges::find(values, item.text) != values.end()) fail(*node, "names " + item.description() + " twice");
        values.push_back(item.text);
    }
    return values;
}

std::vector<std::string> Section::scalars(std::string_view key) {
    const Node* node = find(key);
    if (node == nullptr) return {};
    if (is_scalar(*node)) return {node->text};
    std::vector<std::string> values;
    for (const Node& item : node->items) {
        if (node->kind == Node::Kind::table || !is_scalar(item)) fail(*node, "must be a value, or a list of values");
        values.push_back(item.text);
    }
    return values;
}

Section Section::section(std::string_view key) {
    return {find(key), path_.empty() ? std::string{key} : path_ + "." + std::string{key}, place_};
}

void Section::refuse_unavailable(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        if (const Node* node = find(key)) fail(*node, "is not available in this version; leave it out");
    }
}

void Section::refuse_unknown() const {
    if (table_ == nullptr) return;
    for (const Node& entry : table_->items) {
        if (std::ranges::find(known_, entry.key) != known_.end()) continue;
        const std::string full = path_.empty() ? entry.key : path_ + "." + entry.key;
        std::string sentence = entry.key_place + ": there is no key '" + full + "'" + suggestion(entry.key, known_);
        if (!nearest(entry.key, known_)) sentence += "; there are " + join_quoted(known_, ", ");
        throw Error{ErrorKind::usage, sentence};
    }
}

std::string Section::subject(const Node& node) const {
    if (node.from_flag) return node.place;
    return node.place + ": " + (path_.empty() ? node.key : path_ + "." + node.key);
}

void Section::fail(const Node& node, std::string_view what) const {
    throw Error{ErrorKind::usage, subject(node) + " " + std::string{what}};
}

void Section::fail(std::string_view what) const {
    throw Error{ErrorKind::usage,
                (place_.empty() ? "" : place_ + ": ") + (path_.empty() ? "" : "[" + path_ + "] ") + std::string{what}};
}

}  // namespace rowmill::job
