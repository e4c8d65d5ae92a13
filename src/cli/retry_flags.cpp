#include "cli/retry_flags.hpp"

#include "run/link.hpp"
#include "run/required.hpp"
#include "run/steering.hpp"

#include <CLI/CLI.hpp>

namespace rowmill::cli {
void RetryFlags::add_to(CLI::App& command) {
    command.add_option("RUN", run, "Run id")->type_name("")->required();
    command.add_option("--class", error_class, "Only those of this class, as failures shows it")->type_name("CLASS");
    command.add_option("--key", keys, "Only the row of this key, as failures shows it; may be repeated")
        ->type_name("KEY")
        ->take_all()
        ->allow_extra_args(false);
}

RetryFlags::Begun RetryFlags::find(const ConnectionFlags& connection) const {
    const db::Connector connector{db::resolve_login(connection.login), {}};
    const auto session = run::connect_first(connector, false);
    store::Store store{*session, connection.schema_or("rowmill")};
    run::require_store(store, connector);
    const store::RunRecord found = run::require_run(store, run);
    return {found.definition, run::retry_of(found, error_class, keys)};
}

}  // namespace rowmill::cli
