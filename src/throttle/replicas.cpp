#include "throttle/replicas.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace rowmill::throttle {
namespace {

constexpr std::string_view reading_the_log = "Binlog Dump";

std::string same_host(std::string_view host) {
    std::string text{host};
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return text.empty() || text == "localhost" ? "127.0.0.1" : text;
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
    return number;
}

/// A cell by any of a column's names over the versions; absent where it is NULL, or where there is no such column.
std::optional<std::string> cell(const db::ResultSet& result, std::size_t row, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names)
        if (const auto column = result.find(name)) return result.rows[row][*column];
    return {};
}

/// Cuts the port off "host:port" or "[host]:port".
std::pair<std::string_view, std::string_view> split(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return {"", text};
        const std::string_view rest = text.substr(end + 1);
        return {text.substr(1, end - 1), rest.starts_with(':') ? rest.substr(1) : rest};
    }
    const std::size_t colon = text.find(':');
    // More than one: an IPv6 address without a port.
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) return {text, ""};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

/// The host of a processlist's "10.0.0.7:51234".
std::string_view client_host(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    const std::string_view host = text.substr(0, colon);
    return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

std::string why_not_running(const char* thread, const std::string& state, const std::optional<std::string>& error) {
    std::string why = std::string{"its "} + thread + " thread " + (state == "No" || state.empty() ? "does not run" : "is " + state);
    if (error && !error->empty()) why += ": " + *error;
    return why;
}

Standing standing_of_channel(const db::ResultSet& status, std::size_t row) {
    const std::string applying = cell(status, row, {"Replica_SQL_Running", "Slave_SQL_Running"}).value_or("");
    if (applying != "Yes") return {{}, why_not_running("SQL", applying, cell(status, row, {"Last_SQL_Error"}))};
    const std::string receiving = cell(status, row, {"Replica_IO_Running", "Slave_IO_Running"}).value_or("");
    if (receiving != "Yes") return {{}, why_not_running("IO", receiving, cell(status, row, {"Last_IO_Error"}))};
    const auto behind = cell(status, row, {"Seconds_Behind_Source", "Seconds_Behind_Master"});
    const auto seconds = behind ? number_in<double>(*behind) : std::nullopt;
    if (!seconds) return {{}, "it does not say how far behind it is"};
    return {seconds, ""};
}

}  // namespace

std::string Place::display() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Place parse_place(std::string_view text, unsigned default_port, std::string_view where) {
    const auto [host, port_text] = split(text);
    const bool has_port = !port_text.empty() || text.ends_with(':');
    const auto port = has_port ? number_in<unsigned>(port_text) : default_port;
    if (host.empty() || !port || *port == 0 || *port > 65535 || host.find_first_of(" /@,") != std::string_view::npos)
        throw Error{ErrorKind::usage, std::string{where} + ": \"" + std::string{text} + "\" is no host and no host:port"};
    return {same_host(host), *port};
}

std::vector<Place> replicas_in(const db::ResultSet& listed, const db::ResultSet& processes, unsigned own_port) {
    std::set<Place> replicas;
    std::set<std::string> named;
    std::set<unsigned> nameless_ports;
    for (std::size_t row = 0; row < listed.rows.size(); ++row) {
        const std::string host = cell(listed, row, {"Host"}).value_or("");
        const unsigned port = number_in<unsigned>(cell(listed, row, {"Port"}).value_or("")).value_or(0);
        if (host.empty()) {
            nameless_ports.insert(port);
        } else {
            replicas.insert({same_host(host), port == 0 ? own_port : port});
            named.insert(same_host(host));
        }
    }
    // A replica that has just connected may be in one list only.
    if (!listed.rows.empty() && nameless_ports.empty()) return {replicas.begin(), replicas.end()};
    nameless_ports.erase(0);
    const unsigned port = nameless_ports.size() == 1 ? *nameless_ports.begin() : own_port;
    for (std::size_t row = 0; row < processes.rows.size(); ++row) {
        if (!cell(processes, row, {"Command"}).value_or("").starts_with(reading_the_log)) continue;
        const std::string host = same_host(client_host(cell(processes, row, {"Host"}).value_or("")));
        if (!named.contains(host)) replicas.insert({host, port});
    }
    return {replicas.begin(), replicas.end()};
}

bool is_ignored(const Place& replica, const std::vector<std::string>& ignored) {
    return std::ranges::any_of(ignored, [&](const std::string& text) {
        const auto [host, port] = split(text);
        return same_host(host) == replica.host && (port.empty() || number_in<unsigned>(port) == replica.port);
    });
}

Standing standing_in(const db::ResultSet& status) {
    if (status.empty()) return {{}, "it is no replica"};
    Standing furthest{0.0, ""};
    for (std::size_t row = 0; row < status.rows.size(); ++row) {
        Standing standing = standing_of_channel(status, row);
        const std::string channel = cell(status, row, {"Channel_Name", "Connection_name"}).value_or("");
        if (!standing.lag_seconds) {
            if (!channel.empty()) standing.why += " (channel " + channel + ")";
            return standing;
        }
        if (*standing.lag_seconds > *furthest.lag_seconds) furthest = standing;
    }
    return furthest;
}

Standing standing_by_heartbeat(const db::ResultSet& beats, std::uint32_t primary) {
    // Clocks that differ by more than this are not to be measured with.
    constexpr double most_ahead = 5;
    std::optional<double> newest;
    for (std::size_t row = 0; row < beats.rows.size(); ++row) {
        const auto microseconds = number_in<double>(beats.text(row, 1));
        if (!microseconds) continue;
        const double lag = *microseconds / 1e6;
        const bool is_of_primary = beats.text(row, 0) == std::to_string(primary);
        if (is_of_primary || !newest || lag < *newest) newest = lag;
        if (is_of_primary) break;
    }
    if (!newest) return {{}, "there is no heartbeat in its table"};
    if (*newest < -most_ahead)
        return {{}, "its heartbeat is ahead of its clock: the table is to be written in UTC (pt-heartbeat --utc), and the clocks to agree"};
    return {std::max(0.0, *newest), ""};
}

}  // namespace rowmill::throttle
