#include "cli/retry_flags.hpp"

#include "progress/program_name.hpp"
#include "run/link.hpp"
#include "store/store.hpp"

#include <CLI/CLI.hpp>

namespace rowmill::cli {
namespace {

/// Of the types that the run's key has.
std::vector<Key> keys_of(const store::RunRecord& run, const std::vector<std::string>& texts) {
    std::vector<ValueType> types;
    for (const Value& part : run.bound_upto) types.push_back(part.type());
    std::vector<Key> keys;
    for (const std::string& text : texts) keys.push_back(parse_key(text, types));
    return keys;
}

}  // namespace

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
    require_store(store, connector);
    const auto found = store.find_run(run);
    if (!found)
        throw Error{ErrorKind::usage, "there is no run " + std::to_string(run) + " in this store; " +
                                          progress::program_name() + " status --all lists those there are"};
    return {found->definition, {.run = run, .error_class = error_class, .keys = keys_of(*found, keys)}};
}

}  // namespace rowmill::cli
