#include "run/doctor.hpp"

#include "cli/command.hpp"
#include "run/link.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace rowmill::cli {
namespace {

const char* name_of(run::Finding::Level level) {
    switch (level) {
        case run::Finding::Level::good:
            return "ok     ";
        case run::Finding::Level::advice:
            return "advice ";
        case run::Finding::Level::problem:
            return "PROBLEM";
    }
    return "";
}

int doctor(const ConnectionFlags& flags) {
    const db::Connector connector{db::resolve_login(flags.login), {}};
    const auto session = run::connect_first(connector, false);
    bool problems = false;
    for (const run::Finding& finding : run::examine(*session, flags.schema_or("rowmill"))) {
        problems = problems || finding.level == run::Finding::Level::problem;
        std::printf("%s  %s\n", name_of(finding.level), finding.what.c_str());
        if (!finding.remedy.empty()) std::printf("         -> %s\n", finding.remedy.c_str());
    }
    return problems ? run::ExitCode::usage : run::ExitCode::succeeded;
}

}  // namespace

void add_doctor(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<ConnectionFlags>();
    CLI::App* command = add_command(app, "doctor", "Look for what will hurt on this server, and what to do about it");
    flags->add_to(*command);
    command->footer("Reads only. Exits with 2 where it found a problem, else with 0: advice is no problem.");
    command->callback([flags, &chosen] { chosen = [flags] { return doctor(*flags); }; });
}

}  // namespace rowmill::cli
