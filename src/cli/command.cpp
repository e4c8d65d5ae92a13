#include "cli/command.hpp"

#include "run/steering.hpp"

#include <CLI/CLI.hpp>

namespace rowmill::cli {

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description) {
    CLI::App* command = app.add_subcommand(name, description);
    command->set_help_flag("--help", "Show this help");
    return command;
}

void ConnectionFlags::add_to(CLI::App& command) {
    const std::string group = "Connection (as mysql's own; then ROWMILL_DSN, ~/.my.cnf [client] and [rowmill])";
    const auto add = [&](const char* names, auto& variable, const char* type, const char* help) {
        command.add_option(names, variable, help)->group(group)->type_name(type);
    };
    add("-h,--host", login.host, "HOST", "Server's host");
    add("-P,--port", login.port, "PORT", "Server's port (3306)");
    add("-u,--user", login.user, "USER", "Account's name");
    add("-S,--socket", login.socket, "FILE", "Unix socket, for a server on this machine");
    add("-D,--database", login.database, "NAME", "Database, of tables that are named without one");
    add("--password-file", login.password_file, "FILE", "File whose first line is the password, readable to you alone");
    add("--defaults-file", login.defaults_file, "FILE", "Read this option file, and no other");
    add("--ssl-mode", login.ssl_mode, "MODE", "disabled, preferred, required, verify_ca or verify_identity");
    add("--dsn", login.dsn, "DSN", "mysql://user@host:3306/database?socket=FILE&ssl-mode=MODE");
    add("--store-schema", store_schema, "NAME", "Schema of the run store (rowmill)");
}

run::Steering ConnectionFlags::steering(std::uint64_t run) const {
    return {db::Connector{db::resolve_login(login), {}}, schema_or("rowmill"), run};
}

}  // namespace rowmill::cli
