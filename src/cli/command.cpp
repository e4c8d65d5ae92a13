#include "cli/command.hpp"

#include <CLI/CLI.hpp>

namespace rowmill::cli {

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description) {
    CLI::App* command = app.add_subcommand(name, description);
    command->set_help_flag("--help", "Show this help");
    return command;
}

void ConnectionFlags::add_to(CLI::App& command) {
    const std::string group = "Connection (as mysql's own; then ROWMILL_DSN, ~/.my.cnf [client] and [rowmill])";
    command.add_option("-h,--host", login.host, "Server's host")->group(group);
    command.add_option("-P,--port", login.port, "Server's port")->group(group);
    command.add_option("-u,--user", login.user, "User")->group(group);
    command.add_option("-S,--socket", login.socket, "Unix socket")->group(group);
    command.add_option("-D,--database", login.database, "Database")->group(group);
    command.add_option("--password-file", login.password_file, "File whose first line is the password")->group(group);
    command.add_option("--defaults-file", login.defaults_file, "Read only this option file")->group(group);
    command.add_option("--ssl-mode", login.ssl_mode, "disabled|preferred|required|verify_ca|verify_identity")
        ->group(group);
    command.add_option("--dsn", login.dsn, "mysql://user@host:3306/db?socket=…&ssl-mode=…")->group(group);
    command.add_option("--store-schema", store_schema, "Schema of the run store (rowmill)")->group(group);
}

}  // namespace rowmill::cli
