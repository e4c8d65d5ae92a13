#include "bookshop.hpp"

#include <stdexcept>

namespace rowmill::test {

Bookshop::Bookshop(unsigned books) {
    execute(
        "CREATE TABLE books (id INT PRIMARY KEY, title VARCHAR(20) NOT NULL, price DECIMAL(6,2) NOT NULL DEFAULT 10)");
    execute(
        "CREATE TABLE done (n INT AUTO_INCREMENT PRIMARY KEY, id INT NOT NULL, attempt INT NOT NULL, token CHAR(32) "
        "NOT NULL,"
        " what VARCHAR(40) NOT NULL)");
    std::string rows;
    for (unsigned id = 1; id <= books; ++id)
        rows += (rows.empty() ? "(" : ",(") + std::to_string(id) + ",'t" + std::to_string(id) + "')";
    execute("INSERT INTO books (id, title) VALUES " + rows);
    execute("ANALYZE TABLE books");
}

std::vector<std::string> Bookshop::command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), ROWMILL_BOOKSHOP);
    arguments.insert(arguments.end(), {"--store-schema", schema_.store_name()});
    return arguments;
}

ProcessOptions Bookshop::options() const {
    return {{{"ROWMILL_DSN", schema_.dsn()}, {"HOME", "/nonexistent"}}, {}, {}};
}

Finished Bookshop::run(std::vector<std::string> arguments, std::chrono::milliseconds limit) const {
    return run_process(command(std::move(arguments)), options(), limit);
}

boost::json::object Bookshop::status() const {
    const Finished finished = run({"status", "--json"});
    if (!finished.succeeded()) throw std::runtime_error{"bookshop status: " + finished.errors};
    return boost::json::parse(finished.output).as_object();
}

bool says(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace rowmill::test
