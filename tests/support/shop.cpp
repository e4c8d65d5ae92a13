#include "support/shop.hpp"

#include <doctest/doctest.h>

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace rowmill::test {
Shop::Shop(unsigned books) : dsn_{schema_.dsn()} {
    execute(
        "CREATE TABLE books (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0, price DECIMAL(6,2) NOT NULL DEFAULT 10,"
        " title VARCHAR(20) NOT NULL, CONSTRAINT fair CHECK (price < 100))");
    std::string rows;
    for (unsigned id = 1; id <= books; ++id)
        rows += (rows.empty() ? "(" : ",(") + std::to_string(id) + ",'t" + std::to_string(id) + "')";
    if (!rows.empty()) execute("INSERT INTO books (id, title) VALUES " + rows);
    execute("ANALYZE TABLE books");
}

Finished Shop::rowmill(const std::string& verb, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), verb);
    arguments.insert(arguments.end(), {"--store-schema", store_name()});
    return run_rowmill(arguments, {{{"ROWMILL_DSN", dsn_}}, {}, folder_.path()});
}

Finished Shop::run_job(const std::string& job, const std::vector<std::string>& flags) const {
    write("job.toml", job);
    std::vector<std::string> arguments{"job.toml"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return rowmill("run", arguments);
}

boost::json::object Shop::status() const {
    const Finished finished = rowmill("status", {"--json"});
    if (!finished.succeeded()) throw std::runtime_error{"rowmill status: " + finished.errors};
    return boost::json::parse(finished.output).as_object();
}

std::string Shop::write(const std::string& file, const std::string& text) const {
    const std::string path = folder_.path() + "/" + file;
    std::ofstream out{path};
    out << text;
    if (!out.flush()) throw std::runtime_error{path + " can't be written"};
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
}

bool Shop::has_store() {
    return scalar("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '" + store_name() + "'") == "1";
}

Account::Account(Shop& shop, const std::string& privileges)
    : shop_{shop}, name_{"u" + shop.name().substr(shop.name().size() - std::min<std::size_t>(shop.name().size(), 20))} {
    shop_.execute("CREATE USER '" + name_ + "'@'%' IDENTIFIED BY '" + password + "'");
    if (!privileges.empty()) grant(privileges, "`" + shop_.name() + "`.*");
}

Account::~Account() {
    try {
        shop_.execute("DROP USER '" + name_ + "'@'%'");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "the account %s was not dropped: %s\n", name_.c_str(), error.what());
    }
}

void Account::grant(const std::string& privileges, const std::string& on) {
    shop_.execute("GRANT " + privileges + " ON " + on + " TO '" + name_ + "'@'%'");
}

std::string Account::dsn(const std::string& given) const {
    const db::Endpoint server = server_endpoint();
    const std::string host = server.host.empty() ? "localhost" : server.host;
    const std::string at = server.socket.empty() ? host + ":" + std::to_string(server.port) : host;
    const std::string socket = server.socket.empty() ? "" : "?socket=" + server.socket;
    return "mysql://" + name_ + ":" + given + "@" + at + "/" + shop_.name() + socket;
}

std::string text_of(const boost::json::object& object, std::string_view name) {
    const boost::json::value& value = object.at(name);
    return value.is_string() ? std::string{value.get_string()} : boost::json::serialize(value);
}

bool says(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

void check_refusal(const Finished& finished, std::initializer_list<std::string_view> parts, int exit_code) {
    INFO(finished.errors);
    CHECK(finished.how() == "exit " + std::to_string(exit_code));
    CHECK(finished.output == "");
    CHECK(finished.errors.starts_with("rowmill: "));
    CHECK(std::ranges::count(finished.errors, '\n') == 1);
    for (const std::string_view part : parts) CHECK_MESSAGE(says(finished.errors, part), part);
}

}  // namespace rowmill::test
