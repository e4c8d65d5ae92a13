#include "cli/command.hpp"
#include "run/link.hpp"
#include "store/store.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace rowmill::cli {
namespace {

int init(const ConnectionFlags& flags) {
    const auto session = run::connect_first({db::resolve_login(flags.login), {}}, true);
    store::Store store{*session, flags.schema_or("rowmill")};
    const auto applied = store.migrate();
    for (const std::string& name : applied) std::printf("applied %s\n", name.c_str());
    std::printf("the run store %s on %s is ready\n", store.schema().c_str(), session->server().display().c_str());
    return run::ExitCode::succeeded;
}

}  // namespace

void add_init(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<ConnectionFlags>();
    CLI::App* command = add_command(app, "init", "Create the run store, or bring it up to date");
    flags->add_to(*command);
    command->callback([flags, &chosen] { chosen = [flags] { return init(*flags); }; });
}

}  // namespace rowmill::cli
