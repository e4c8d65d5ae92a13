#include "web/sheet.hpp"
#include "web/markup.hpp"

#include <algorithm>
#include <array>

namespace rowmill::web {
namespace {

using progress::Snapshot;

/// Runs that are looked at together. The script sorts by `states` too.
struct Group {
    const char *id, *title, *states, *empty;
};
constexpr std::array<Group, 3> groups{{
    {"working", "At work", "pending running", "Nothing is running."},
    {"stopped", "Stopped on the way", "paused interrupted failed", ""},
    {"done", "Finished", "succeeded cancelled", "No run has finished yet."},
}};

bool is_in(const Group& group, const Snapshot& run) {
    const std::string_view states = group.states;
    return (" " + std::string{states} + " ").find(" " + run.state + " ") != std::string::npos;
}

Markup group_section(const Group& group, const std::vector<Snapshot>& runs) {
    std::vector<const Snapshot*> members;
    for (const Snapshot& run : runs)
        if (is_in(group, run)) members.push_back(&run);
    const Markup hidden = members.empty() && *group.empty == '\0' ? markup(" hidden") : Markup{};
    return markup(
        R"(<section class="group" id="{0}" data-states="{1}"{2}><h2>{3} <span class="count" data-count>{4}</span></h2>)"
        R"(<p class="empty"{5}>{6}</p><div{7}>{8}</div></section>)",
        group.id, group.states, hidden, group.title, members.size(), members.empty() ? Markup{} : markup(" hidden"), group.empty,
        members.empty() ? markup(" hidden") : Markup{}, run_table(group.title, members));
}

Markup job_item(const run::Catalog::Entry& job) {
    const Markup text = job.problem.empty() ? markup("<p>{}</p>", job.description)
                                            : markup(R"(<p class="problem"><b>Can’t be started:</b> {}</p>)", job.problem);
    return markup(R"(<li><a class="job" href="/jobs/{}">{}</a>{}</li>)", path_part(job.name), job.name, text);
}

Markup jobs_section(const Frame& frame, const std::vector<run::Catalog::Entry>& jobs) {
    Markup list;
    if (jobs.empty()) {
        list = markup(
            R"(<p class="empty">No jobs are offered here. Put job files (<code>*.toml</code>) into a folder and start )"
            R"(<code>{} serve --jobs FOLDER</code>: each of them gets a page to start it from.</p>)",
            frame.program);
    } else {
        list = markup(R"(<ul class="jobs">{}</ul>)", each(jobs, job_item));
    }
    return markup(R"(<section id="jobs" aria-labelledby="jobs-title"><h1 id="jobs-title">Jobs</h1>{}</section>)", list);
}

}  // namespace

std::string index_page(const Frame& frame, const std::vector<run::Catalog::Entry>& jobs, const std::vector<Snapshot>& runs) {
    const Markup welcome = markup(
        R"(<p class="empty" id="no-runs"{}>No runs yet. Start one of the jobs on this page, or work a job file from anywhere with the same )"
        R"(run store: <code>{} run JOB.toml</code>. It shows up here by itself.</p>)",
        runs.empty() ? Markup{} : markup(" hidden"), frame.program);
    const Markup sections = each(groups, [&](const Group& group) { return group_section(group, runs); });
    return page(frame, {.title = "Runs and jobs",
                        .main = markup(R"(<div class="index"><section id="runs" aria-labelledby="runs-title"><h1 id="runs-title">Runs</h1>)"
                                       R"({}<div id="groups"{}>{}</div>{}</section>{}</div>)",
                                       welcome, runs.empty() ? markup(" hidden") : Markup{}, sections, run_row_template(),
                                       jobs_section(frame, jobs)),
                        .script_role = "index",
                        .refresh_seconds = 10});
}

}  // namespace rowmill::web
