#include "db/errors.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace rowmill::db {
namespace {

constexpr std::size_t longest_statement_shown = 200;

struct Known {
    int code;
    ErrorKind kind;
};

/// Sorted by number.
constexpr std::array known = std::to_array<Known>({
    {1020, ErrorKind::replay},        // record has changed since last read
    {1021, ErrorKind::disk_full},     // disk full
    {1040, ErrorKind::overloaded},    // too many connections
    {1044, ErrorKind::fatal},         // access denied to the database
    {1045, ErrorKind::fatal},         // access denied
    {1047, ErrorKind::replay},        // Galera: the node is not ready
    {1048, ErrorKind::row},           // column can't be null
    {1049, ErrorKind::fatal},         // unknown database
    {1053, ErrorKind::disconnected},  // shutdown in progress
    {1054, ErrorKind::fatal},         // unknown column
    {1062, ErrorKind::row},           // duplicate entry
    {1064, ErrorKind::fatal},         // syntax
    {1077, ErrorKind::disconnected},  // normal shutdown
    {1079, ErrorKind::disconnected},  // shutdown complete
    {1114, ErrorKind::disk_full},     // the table is full
    {1142, ErrorKind::fatal},         // command denied
    {1146, ErrorKind::fatal},         // no such table
    {1153, ErrorKind::too_large},     // packet bigger than max_allowed_packet
    {1180, ErrorKind::replay},        // error during COMMIT
    {1197, ErrorKind::too_large},     // transaction needs more binlog cache
    {1203, ErrorKind::overloaded},    // max_user_connections
    {1205, ErrorKind::replay},        // lock wait timeout
    {1206, ErrorKind::fatal},         // lock table full
    {1213, ErrorKind::replay},        // deadlock
    {1226, ErrorKind::overloaded},    // a resource limit of the user
    {1242, ErrorKind::row},           // a subquery returns more than one row
    {1264, ErrorKind::row},           // out of range
    {1265, ErrorKind::row},           // data truncated
    {1290, ErrorKind::failover},      // running with --read-only
    {1292, ErrorKind::row},           // incorrect value
    {1300, ErrorKind::row},           // invalid character string
    {1317, ErrorKind::interrupted},   // query was killed
    {1366, ErrorKind::row},           // incorrect value for a column
    {1406, ErrorKind::row},           // data too long
    {1411, ErrorKind::row},           // incorrect value for a function
    {1412, ErrorKind::replay},        // table definition has changed
    {1451, ErrorKind::row},           // a child row exists
    {1452, ErrorKind::row},           // no parent row
    {1644, ErrorKind::row},           // SIGNAL
    {1792, ErrorKind::failover},      // in a READ ONLY transaction
    {1836, ErrorKind::failover},      // read-only mode
    {1927, ErrorKind::disconnected},  // connection was killed
    {1969, ErrorKind::interrupted},   // max_statement_time
    {2002, ErrorKind::disconnected},  // can't connect through the socket
    {2003, ErrorKind::disconnected},  // can't connect to the host
    {2005, ErrorKind::disconnected},  // unknown host: name servers fail for a while too
    {2006, ErrorKind::disconnected},  // server has gone away
    {2012, ErrorKind::disconnected},  // error in the handshake
    {2013, ErrorKind::disconnected},  // lost connection
    {2020, ErrorKind::too_large},     // packet too large
    {2026, ErrorKind::disconnected},  // TLS failed
    {2027, ErrorKind::disconnected},  // malformed packet
    {2055, ErrorKind::disconnected},  // lost connection, with where
    {3024, ErrorKind::interrupted},   // max_execution_time
    {3058, ErrorKind::replay},        // deadlock over user-level locks
    {3100, ErrorKind::too_large},     // rejected by a replication hook
    {3101, ErrorKind::replay},        // rolled back by the replication plugin
    {3572, ErrorKind::replay},        // NOWAIT
    {3819, ErrorKind::row},           // CHECK constraint, MySQL
    {4025, ErrorKind::row},           // CHECK constraint, MariaDB
    {4031, ErrorKind::disconnected},  // disconnected for inactivity
});
static_assert(std::is_sorted(known.begin(), known.end(), [](Known a, Known b) { return a.code < b.code; }));

std::optional<ErrorKind> find_known(int code) {
    const auto* found = std::lower_bound(known.begin(), known.end(), code,
                                         [](const Known& entry, int wanted) { return entry.code < wanted; });
    if (found == known.end() || found->code != code) return {};
    return found->kind;
}

ErrorKind kind_of_class(std::string_view sqlstate) {
    const std::string_view first_two = sqlstate.substr(0, 2);
    if (first_two == "08") return ErrorKind::disconnected;
    if (first_two == "40") return ErrorKind::replay;
    if (first_two == "22" || first_two == "23" || first_two == "45") return ErrorKind::row;
    return ErrorKind::fatal;
}

/// A full disk has as many numbers as there are files: the binary log's, a temporary table's, an engine's. They have the
/// operating system's words in common.
bool tells_of_a_full_disk(std::string_view message) {
    return message.find("No space left on device") != std::string_view::npos ||
           message.find("Disk quota exceeded") != std::string_view::npos;
}

}  // namespace

ErrorKind kind_of(int server_code) {
    return find_known(server_code).value_or(ErrorKind::fatal);
}

ErrorKind kind_of(int server_code, std::string_view sqlstate) {
    if (const auto found = find_known(server_code)) return *found;
    return kind_of_class(sqlstate);
}

ErrorKind kind_of(int server_code, std::string_view sqlstate, std::string_view message) {
    const ErrorKind kind = kind_of(server_code, sqlstate);
    const bool may_be_the_disk = kind == ErrorKind::fatal || kind == ErrorKind::replay;
    return may_be_the_disk && tells_of_a_full_disk(message) ? ErrorKind::disk_full : kind;
}

bool loses_data(int warning_code) {
    // Null to NOT NULL, duplicate ignored, no default, out of range, truncated, incorrect value (2), too long, invalid
    // characters, incorrect for a function, foreign keys ignored, truncated function result, division by zero, CHECKs.
    constexpr std::array losing = std::to_array<int>({1048, 1062, 1261, 1262, 1263, 1264, 1265, 1292, 1300, 1364,
                                                      1365, 1366, 1406, 1411, 1441, 1451, 1452, 1690, 3819, 4025});
    return std::find(losing.begin(), losing.end(), warning_code) != losing.end();
}

std::string shortened(std::string_view statement) {
    const bool cut = statement.size() > longest_statement_shown;
    std::string_view head = statement.substr(0, longest_statement_shown);
    const auto continues_a_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    if (cut && continues_a_character(statement[head.size()])) {
        while (!head.empty() && continues_a_character(head.back())) head.remove_suffix(1);
        if (!head.empty()) head.remove_suffix(1);
    }
    std::string line;
    for (const char c : head) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return cut ? line + " …" : line;
}

Error server_error(int server_code, std::string_view sqlstate, std::string_view message, std::string_view statement) {
    std::string brief = shortened(statement);
    std::string sentence = std::string{message} + " (" + std::to_string(server_code);
    if (!sqlstate.empty()) sentence += ", " + std::string{sqlstate};
    sentence += ")";
    if (!brief.empty()) sentence += " in: " + brief;
    Error error{kind_of(server_code, sqlstate, message), sentence};
    error.server_code = server_code;
    error.sqlstate = sqlstate;
    error.statement = std::move(brief);
    return error;
}

std::string without_statement(const Error& error) {
    std::string sentence = error.what();
    const std::string end = " in: " + error.statement;
    if (!error.statement.empty() && sentence.ends_with(end)) sentence.resize(sentence.size() - end.size());
    return sentence;
}

}  // namespace rowmill::db
