#include "progress/figures.hpp"
#include "web/sheet.hpp"
#include "web/param_fields.hpp"

#include <algorithm>

namespace rowmill::web {
namespace {

Markup fact(const std::string& name, const std::string& value) {
    return value.empty() ? Markup{} : markup("<dt>{}</dt><dd>{}</dd>", name, value);
}

Markup code(const std::string& name, const std::string& text) {
    return markup("<dt>{}</dt><dd><pre>{}</pre></dd>", name, text);
}

/// What is done and to what, as the job was written: what a ${NAME} in it stands for is not shown.
Markup what_it_does(const job::Job& job) {
    const std::string table = (job.source.schema.empty() ? "" : job.source.schema + ".") + job.source.table;
    Markup facts = fact("table", table);
    if (!job.source.where.empty()) facts += code("filter", job.source.where);
    if (job.source.since_last_run) facts += fact("rows", "those above the last run’s");
    facts += fact("action", job.action.kind);
    facts += each(job.action.statements, [](const std::string& statement) { return code("statement", statement); });
    facts += each(job.action.written, [](const auto& text) { return code(text.first, text.second); });
    if (job.once) facts += fact("once", "A run that succeeded with the same parameters is not repeated.");
    return markup(R"(<dl class="facts">{}</dl>)", facts);
}

Markup complaints(const job::Job& job, const std::map<std::string, std::string>& problems) {
    if (problems.empty()) return {};
    const Markup list = each(problems, [&](const auto& problem) {
        return job.find_param(problem.first) == nullptr
                   ? markup("<li>{}</li>", problem.second)
                   : markup(R"(<li><a href="#param-{}">{}</a></li>)", problem.first, problem.second);
    });
    return markup(R"(<div class="notice error" role="alert"><p>{} Nothing was started.</p><ul>{}</ul></div>)",
                  problems.size() == 1 ? "One value won’t do." : std::to_string(problems.size()) + " values won’t do.", list);
}

Markup form(const Frame& frame, const job::Job& job, const run::ParamTexts& given, const std::map<std::string, std::string>& problems) {
    if (!frame.may_change) return markup(R"(<p class="empty">This server only shows: jobs can’t be started from it.</p>)");
    const Markup fields = job.params.empty() ? markup(R"(<p class="empty">It takes no parameters.</p>)") : param_fields(job, given, problems);
    return markup(R"(<form method="post" class="stack" id="start">{}{}<div class="buttons"><button class="primary">Start</button>)"
                  R"(<button name="plan-only" value="1">Plan</button></div>)"
                  R"(<p class="hint">Plan shows what would be read and done, and changes nothing.</p></form>)",
                  csrf_field(frame), fields);
}

Markup heading(const job::Job& job) {
    return markup(R"(<nav class="trail" aria-label="Where this is"><a href="/#jobs">Jobs</a></nav><h1>{}</h1>{})", job.name,
                  job.description.empty() ? Markup{} : markup(R"(<p class="lead">{}</p>)", job.description));
}

Markup last_runs(const std::vector<progress::Snapshot>& runs) {
    std::vector<const progress::Snapshot*> all;
    for (const progress::Snapshot& run : runs) all.push_back(&run);
    return runs.empty() ? markup(R"(<p class="empty">It has not been run yet.</p>)") : run_table("Last runs", all);
}

Markup lines(const std::vector<std::string>& texts) {
    std::string joined;
    for (const std::string& text : texts) joined += (joined.empty() ? "" : "\n") + text;
    return markup("<pre>{}</pre>", joined);
}

Markup change(const run::Plan::Change& one) {
    return each(one.columns, [&](const auto& column) {
        return markup("<tr><td>{}</td><td>{}</td><td><del>{}</del></td><td><ins>{}</ins></td></tr>", one.key, column.first,
                      column.second.first, column.second.second);
    });
}

Markup plan_facts(const run::Plan& plan) {
    Markup facts = fact("promise", plan.promise) + fact("rows", "about " + progress::grouped(plan.estimated_rows)) +
                   fact("up to key", plan.bound) + fact("table", plan.table) + fact("key", plan.key) + fact("filter", plan.filter) +
                   fact("server", plan.server) + fact("goes on with", plan.unfinished);
    if (!plan.work.empty()) facts += code("work", plan.work);
    return markup(R"(<dl class="facts">{}</dl>)", facts);
}

}  // namespace

std::string job_page(const Frame& frame, const job::Job& job, const run::ParamTexts& given,
                     const std::map<std::string, std::string>& problems, const std::vector<progress::Snapshot>& runs) {
    Frame around = frame;
    if (!problems.empty()) around.notice.clear();  // they say the same, one by one
    return page(around, {.title = job.name,
                        .main = markup(R"({}{}<div class="halves"><section aria-labelledby="start-title"><h2 id="start-title">Start it</h2>)"
                                       R"({}</section><section aria-labelledby="does-title"><h2 id="does-title">What it does</h2>{})"
                                       R"(</section></div><section aria-labelledby="last-title"><h2 id="last-title">Last runs</h2>{})"
                                       R"(</section>)",
                                       heading(job), complaints(job, problems), form(frame, job, given, problems), what_it_does(job),
                                       last_runs(runs)),
                        .script_role = "job"});
}

std::string plan_page(const Frame& frame, const job::Job& job, const run::ParamTexts& given, const run::Plan& plan) {
    Markup sample;
    if (!plan.sample.empty())
        sample = markup(R"(<h3>The change, on {} rows</h3><div class="scroll"><table><thead><tr><th scope="col">Key</th>)"
                        R"(<th scope="col">Column</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>)"
                        R"(<tbody>{}</tbody></table></div>)",
                        plan.sampled, each(plan.sample, change));
    const Markup statements = plan.statements.empty() ? Markup{} : markup("<h3>Statements for the first rows</h3>{}", lines(plan.statements));
    return page(frame, {.title = "Plan of " + job.name,
                        .main = markup(R"({}<section aria-labelledby="plan-title"><h2 id="plan-title">The plan</h2>{}<h3>How rows are read</h3>)"
                                       R"({}{}{}{}<h3>The first sacks</h3>{}</section><section aria-labelledby="start-title">)"
                                       R"(<h2 id="start-title">Start it</h2>{}</section>)",
                                       heading(job), plan_facts(plan), lines({plan.page_query}), lines(plan.page_plan), statements, sample,
                                       lines(plan.sacks), form(frame, job, given, {})),
                        .script_role = "job"});
}

}  // namespace rowmill::web
