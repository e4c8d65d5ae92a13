#include "progress/figures.hpp"
#include "web/sheet.hpp"

namespace rowmill::web {
namespace {

/// What a bar without a run looks like to the script: the same places, nothing in them.
Markup row(const LiveView& view, std::string_view run, std::string_view job) {
    return markup(
        R"(<tr data-run="{0}"><td class="name"><a href="/runs/{0}"><span data-text="job">{1}</span> <span class="id">#<span )"
        R"(data-text="run">{0}</span></span></a></td><td>{2}</td><td class="progress"><svg class="bar" viewBox="0 0 1000 8" )"
        R"(preserveAspectRatio="none" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"{3}>)"
        R"(<rect class="succeeded" height="8"{4}/><rect class="skipped" height="8"{5}/><rect class="failed" height="8"{6}/></svg>)"
        R"(<span class="figures"><b>{7}</b> {8}</span></td><td class="standing"><span class="figures">{9}<span class="eta"{10}> · )"
        R"(ETA {11}</span></span><span class="why"{12}>{13}</span></td><td class="when">{14}</td></tr>)",
        run, job, state_badge(view), live_attributes(view, "bar"), live_attributes(view, "bar-succeeded"),
        live_attributes(view, "bar-skipped"), live_attributes(view, "bar-failed"), live_text(view, "percent"),
        live_text(view, "settled"), markup(R"(<span{}>{}</span>)", live_show(view, "is_running"), live_text(view, "rate")),
        live_show(view, "has_eta"), live_text(view, "eta"), live_show(view, "has_standing"), live_text(view, "standing"),
        live_text(view, "started_minute"));
}

}  // namespace

Markup run_table(const std::string& caption, const std::vector<const progress::Snapshot*>& runs) {
    return markup(
        R"(<div class="scroll"><table class="runs"><caption class="unseen">{}</caption><thead><tr><th scope="col">Run</th>)"
        R"(<th scope="col">State</th><th scope="col">Progress</th><th scope="col">Now</th><th scope="col">Started (UTC)</th></tr></thead>)"
        R"(<tbody>{}</tbody></table></div>)",
        caption, each(runs, [](const progress::Snapshot* run) { return row(view_of(*run), std::to_string(run->run), run->job); }));
}

Markup run_row_template() {
    return markup(R"(<template id="run-row">{}</template>)", row(view_of(progress::Snapshot{}), "0", ""));
}

}  // namespace rowmill::web
