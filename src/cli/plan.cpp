#include "run/plan.hpp"

#include "cli/command.hpp"
#include "cli/job_flags.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace rowmill::cli {
namespace {

struct Flags {
    JobFlags job;
    std::uint64_t sample = 0;
};

void print(const char* label, const std::string& text) {
    if (!text.empty()) std::printf("%-12s %s\n", label, text.c_str());
}

void print_list(const char* label, const std::vector<std::string>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) print(i == 0 ? label : "", lines[i]);
}

void print_sample(const run::Plan& plan) {
    std::printf("\n%llu of the first %llu rows would change (tried, and rolled back):\n",
                static_cast<unsigned long long>(plan.sample.size()), static_cast<unsigned long long>(plan.sampled));
    for (const run::Plan::Change& change : plan.sample) {
        std::printf("  %s\n", change.key.c_str());
        for (const auto& [column, values] : change.columns)
            std::printf("    %s: %s -> %s\n", column.c_str(), values.first.c_str(), values.second.c_str());
    }
}

}  // namespace

int print_plan(const run::Request& request, std::uint64_t sample) {
    const run::Plan plan = run::make_plan(request, sample);
    print("job", request.job.name);
    print("server", plan.server);
    print("table", plan.table + ", about " + std::to_string(plan.estimated_rows) + " rows");
    print("key", plan.key);
    print("filter", plan.filter);
    print("up to", plan.bound);
    print("promise", plan.promise);
    if (!plan.work.empty()) print("work", plan.work);
    print("resumes", plan.unfinished);
    print("page query", plan.page_query);
    print_list("  EXPLAIN", plan.page_plan);
    print_list("sacks", plan.sacks);
    print_list("statements", plan.statements);
    if (sample > 0) print_sample(plan);
    return run::ExitCode::succeeded;
}

void add_plan(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "plan", "What a run would do: key, page query and its EXPLAIN, first sacks");
    command->add_option("--sample", flags->sample, "Do it on the first N rows, show them before and after, roll back")
        ->type_name("N");
    flags->job.add_to(*command);
    command->callback(
        [flags, &chosen] { chosen = [flags] { return print_plan(flags->job.request(), flags->sample); }; });
}

}  // namespace rowmill::cli
