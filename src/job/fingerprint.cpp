#include "job/fingerprint.hpp"

#include "job/digest.hpp"
#include "job/read.hpp"
#include "job/sql_token.hpp"

#include <rowmill/error.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace rowmill::job {

namespace {

namespace json = boost::json;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// A DSN says where, and a changed password changes nothing about that: what stands between the user's `:` and the
/// last `@` is left out.
std::string without_password(const std::string& dsn) {
    const std::size_t scheme = dsn.find("://");
    const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t at = dsn.substr(0, dsn.find_first_of("/?", begin)).rfind('@');
    const std::size_t colon = dsn.find(':', begin);
    if (at == std::string::npos || colon >= at) return dsn;
    return dsn.substr(0, colon) + dsn.substr(at);
}

void add(Fingerprint& parts, const std::string& name, const std::string& text) {
    if (!text.empty()) parts[name] = text;
}

void add_session(Fingerprint& parts, const SessionSpec& session) {
    add(parts, "session time_zone", session.time_zone.value_or(""));
    if (session.sql_mode) parts["session sql_mode"] = *session.sql_mode;
    add(parts, "session isolation", session.isolation.value_or(""));
    if (session.lock_wait_timeout) parts["session lock_wait_timeout"] = display(*session.lock_wait_timeout);
    if (session.innodb_lock_wait_timeout) {
        parts["session innodb_lock_wait_timeout"] = display(*session.innodb_lock_wait_timeout);
    }
    for (const auto& [variable, value] : session.set) parts["session " + variable] = value;
}

/// Whether a header or a variable is of the kind that holds a secret, which may have been written out in the job file.
bool names_a_secret(const std::string& name) {
    const std::string upper = to_upper(name);
    return std::ranges::any_of(std::array{"AUTHORIZATION", "COOKIE", "KEY", "PASSWORD", "SECRET", "TOKEN"},
                               [&upper](const char* word) { return upper.find(word) != std::string::npos; });
}

/// What is done outside of the database, as it was written: with the names of secrets, without what they hold.
void add_outside(Fingerprint& parts, const ActionSpec& action) {
    if (action.kind == "exec") parts["protocol"] = action.ndjson ? "ndjson" : "lines";
    if (action.kind == "http") parts["method"] = action.method;
    for (const auto& [name, text] : action.written) {
        const bool secret = names_a_secret(name) && text.find("${") == std::string::npos;
        parts[name] = secret ? "sha256 " + sha256(text) : name == "url" ? without_password(text) : text;
    }
}

json::value to_json(const ParamSpec* spec, const Value& value) {
    if (value.is_null()) return nullptr;
    if (spec != nullptr && spec->type == ParamSpec::Type::boolean) return value.view().as_boolean();
    if (value.type() == ValueType::integer) return value.view().as_integer();
    if (value.type() == ValueType::unsigned_integer) return value.view().as_unsigned();
    return json::string{value.text()};
}

bool is_secret(const Job& job, const std::string& name) {
    const ParamSpec* spec = job.find_param(name);
    return spec != nullptr && spec->secret;
}

}  // namespace

Fingerprint fingerprint(const Job& job) {
    Fingerprint parts;
    const SourceSpec& source = job.source;
    parts["source"] = source.kind;
    add(parts, "filter", source.where);
    add(parts, "columns", joined(source.columns));
    add(parts, "key index", source.key_index);
    add(parts, "from", joined(source.from));
    add(parts, "to", joined(source.to));
    add(parts, "partitions", joined(source.partitions));
    parts["order"] = source.order == SourceSpec::Order::ascending ? "asc" : "desc";
    parts["sacks"] = source.sacks == SourceSpec::Sacks::rows ? "rows" : "width";
    parts["action"] = job.action.kind;
    add(parts, "action server", without_password(job.action.dsn));
    for (std::size_t i = 0; i < job.action.statements.size(); ++i) {
        parts["statement " + std::to_string(i + 1)] = job.action.statements[i];
    }
    add_outside(parts, job.action);
    add_session(parts, job.session);
    return parts;
}

std::vector<std::string> differences(const Fingerprint& stored, const Fingerprint& now) {
    std::vector<std::string> lines;
    for (const auto& [name, text] : stored) {
        const auto found = now.find(name);
        if (found == now.end()) {
            lines.push_back(name + " was \"" + text + "\" and is gone");
        } else if (found->second != text) {
            lines.push_back(name + " was \"" + text + "\" and is now \"" + found->second + "\"");
        }
    }
    for (const auto& [name, text] : now) {
        if (!stored.contains(name)) lines.push_back(name + " is new: \"" + text + "\"");
    }
    return lines;
}

std::string encode(const Fingerprint& fingerprint) {
    json::object object;
    for (const auto& [name, text] : fingerprint) object[name] = text;
    return json::serialize(object);
}

Fingerprint decode_fingerprint(std::string_view stored) {
    json::error_code error;
    const json::value value = json::parse({stored.data(), stored.size()}, error);
    const bool readable = !error && value.is_object();
    Fingerprint fingerprint;
    if (readable) {
        for (const auto& [name, text] : value.get_object()) {
            if (text.is_string()) fingerprint[std::string{name}] = std::string{text.get_string()};
        }
    }
    if (!readable || fingerprint.size() != value.get_object().size()) {
        throw Error{ErrorKind::refused,
                    "the run's stored fingerprint is not readable, so that it can't be told whether the job "
                    "has changed since it began. Start anew with --restart"};
    }
    return fingerprint;
}

std::string identity(const Job& job, const Params& params, std::string_view database) {
    json::array parts;
    if (job.file.empty()) {
        const std::string schema = job.source.schema.empty() ? std::string{database} : job.source.schema;
        parts = {"ad hoc", schema, job.source.table, job.source.where};
        for (const std::string& statement : job.action.statements) parts.emplace_back(statement);
    } else {
        parts = {"job", job.name};
    }
    json::array values;
    for (const auto& [name, value] : params) {
        const std::string text = is_secret(job, name) ? sha256(value.text()) : value.text();
        values.push_back(json::array{name, name_of(value.type()), text});
    }
    parts.push_back(std::move(values));
    return sha256(json::serialize(parts));
}

std::string masked_params(const Job& job, const Params& params) {
    json::object object;
    for (const auto& [name, value] : params) {
        object[name] = is_secret(job, name) ? json::value("***") : to_json(job.find_param(name), value);
    }
    return json::serialize(object);
}

}  // namespace rowmill::job
