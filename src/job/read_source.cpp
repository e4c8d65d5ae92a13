#include "job/sections.hpp"

#include "job/read.hpp"
#include "job/statement.hpp"
#include "job/words.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <charconv>

namespace rowmill::job {

namespace {

void check_filter(const Section& source, const Node& where, const std::vector<ParamSpec>& params) {
    std::vector<std::string> names;
    for (const ParamSpec& param : params) names.push_back(param.name);
    for (const std::string& used : Statement::parse(where.text, source.subject(where)).placeholders()) {
        if (std::ranges::find(names, used) != names.end()) continue;
        source.fail(where, "uses :" + used + ", which is no parameter; declare [params." + used + "]" +
                               suggestion(used, names));
    }
}

std::optional<long long> as_integer(const std::string& text) {
    long long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Only integers can be compared here; what the server alone can order is left to it.
bool is_below(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        const std::optional<long long> a = as_integer(left[i]);
        const std::optional<long long> b = as_integer(right[i]);
        if (!a || !b) return false;
        if (*a != *b) return *a < *b;
    }
    return false;
}

void read_bounds(Section& source, SourceSpec& spec) {
    spec.from = source.scalars("from");
    spec.to = source.scalars("to");
    if (is_below(spec.to, spec.from)) {
        source.fail(*source.find("to"), "lies below source.from: there is no row between them. Swap them");
    }
}

void read_settle(Section& source, SourceSpec::Settle& settle) {
    const Node* node = source.find("settle");
    if (node == nullptr || node->text == "auto") return;
    settle.automatic = false;
    assign(settle.fixed, source.duration("settle"));
}

void read_kind(Section& source, SourceSpec& spec) {
    assign(spec.kind, source.choice("kind", {"table", "csv", "ndjson", "queue", "kafka"}));
    if (spec.kind == "table") return;
    source.fail(*source.find("kind"), "\"" + spec.kind + "\" is not available in this version; there is \"table\"");
}

}  // namespace

QualifiedTable parse_table_name(std::string_view text, std::string_view where) {
    std::vector<SqlToken> tokens = tokenize(text, where);
    const auto is_name = [&tokens](std::size_t i) {
        if (tokens[i].kind == SqlToken::Kind::word || tokens[i].kind == SqlToken::Kind::number) return true;
        return tokens[i].kind == SqlToken::Kind::quoted && tokens[i].text.size() > 2;
    };
    if (tokens.size() == 1 && is_name(0)) return {"", tokens[0].name()};
    if (tokens.size() == 3 && is_name(0) && tokens[1].is_symbol(".") && is_name(2)) {
        return {tokens[0].name(), tokens[2].name()};
    }
    throw Error{ErrorKind::usage,
                std::string{where} +
                    " must be the name of a table, \"table\" or \"schema.table\" (other names than letters, "
                    "digits, _ and $ in backquotes), not " +
                    display(ValueView{ValueType::text, text})};
}

SourceSpec read_source(Section source, const std::vector<ParamSpec>& params) {
    SourceSpec spec;
    read_kind(source, spec);
    const std::optional<std::string> table = source.name("table");
    assign(spec.where, source.name("where"));
    if (!spec.where.empty()) check_filter(source, *source.find("where"), params);
    spec.columns = source.names("columns");
    if (source.choice("sacks", {"rows", "width"}) == "width") spec.sacks = SourceSpec::Sacks::width;
    assign(spec.key_index, source.name("key_index"));
    spec.partitions = source.names("partitions");
    if (source.choice("order", {"asc", "desc"}) == "desc") spec.order = SourceSpec::Order::descending;
    read_bounds(source, spec);
    read_settle(source, spec.settle);
    if (source.choice("since", {"last-run"})) spec.since_last_run = true;
    assign(spec.monotonic, source.boolean("monotonic"));
    source.refuse_unavailable({"dsn"});
    source.refuse_unknown();
    if (!table) source.fail("table is missing: name the table whose rows are to be worked through");
    QualifiedTable name = parse_table_name(*table, source.subject(*source.find("table")));
    spec.schema = std::move(name.schema);
    spec.table = std::move(name.table);
    return spec;
}

}  // namespace rowmill::job
