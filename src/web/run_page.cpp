#include "web/chart.hpp"
#include "web/run_parts.hpp"

#include <boost/json.hpp>

namespace rowmill::web {
namespace {

Markup heading(const run::RunDetails& run, const LiveView& view) {
    const Markup job = run.offered_as.empty() ? Markup{} : markup(R"( · <a href="/jobs/{}">its job</a>)", path_part(run.offered_as));
    return markup(R"(<nav class="trail" aria-label="Where this is"><a href="/#runs">Runs</a>{}</nav><div class="heading"><h1>{} )"
                  R"(<span class="id">run {}</span></h1>{}<span class="connection" id="connection" role="status" hidden></span></div>)"
                  R"(<p class="unseen" aria-live="polite">{}</p>)",
                  job, run.now.job, run.now.run, state_badge(view), live_text(view, "announcement"));
}

/// How far it is, in figures that can be read from across a room.
Markup headline(const LiveView& view) {
    return markup(
        R"(<div class="headline"><div class="far"><span class="percent">{}</span><span class="of">{}</span></div><div class="pace"{}>)"
        R"(<span>{}</span><span{}>ETA {}</span></div></div><svg class="bar tall" viewBox="0 0 1000 8" preserveAspectRatio="none" )"
        R"(role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100"{}><rect class="succeeded" height="8"{}/>)"
        R"(<rect class="skipped" height="8"{}/><rect class="failed" height="8"{}/></svg><p class="standing"{}{}>{}</p>)"
        R"(<p class="problem"{}><b>Last error:</b> {}</p>)",
        live_text(view, "percent"), live_text(view, "settled"), live_show(view, "is_running"), live_text(view, "rate"),
        live_show(view, "has_eta"), live_text(view, "eta"), live_attributes(view, "bar"), live_attributes(view, "bar-succeeded"),
        live_attributes(view, "bar-skipped"), live_attributes(view, "bar-failed"), live_attributes(view, "state"),
        live_show(view, "has_standing"), live_text(view, "standing"), live_show(view, "has_error"), live_text(view, "last_error"));
}

Markup tile(const LiveView& view, const char* kind, const char* label, const char* name) {
    return markup(R"(<div class="tile {}"><dt>{}</dt><dd>{}</dd></div>)", kind, label, live_text(view, name));
}

/// Of what there is only while somebody works on it.
Markup passing_tile(const LiveView& view, const char* label, const char* name) {
    return markup(R"(<div class="tile"{}><dt>{}</dt><dd>{}</dd></div>)", live_show(view, "is_live"), label, live_text(view, name));
}

Markup tiles(const LiveView& view) {
    return markup(R"(<dl class="tiles">{}{}{}{}{}{}{}</dl>)", tile(view, "succeeded", "succeeded", "succeeded"),
                  tile(view, "skipped", "skipped", "skipped"), tile(view, "failed", "failed", "failed"),
                  tile(view, "", "waiting to retry", "waiting_retry"), passing_tile(view, "in flight", "in_flight"),
                  passing_tile(view, "rows a batch", "batch"), passing_tile(view, "a batch takes", "latency"));
}

Markup chart(const LiveView& view, const std::string& name, const char* title, const char* empty) {
    return markup(
        R"(<figure class="card chart"><figcaption>{} <span class="top">{}</span></figcaption><svg viewBox="0 0 {} {}" )"
        R"(preserveAspectRatio="none" role="img" aria-label="{} over time"><path class="waits"{}/><path class="area"{}/>)"
        R"(<path class="line"{}/></svg><p class="empty"{}>{}</p><p class="times"><span>{}</span><span>{}</span></p></figure>)",
        title, live_text(view, name + "_top"), Chart::width, Chart::height, title, live_attributes(view, name + "-waits"),
        live_attributes(view, name + "-area"), live_attributes(view, name + "-line"), live_show(view, name + "_is_empty"), empty,
        live_text(view, "chart_from"), live_text(view, "chart_to"));
}

Markup workers(const LiveView& view) {
    return markup(
        R"(<section class="card" aria-labelledby="workers-title"><h2 id="workers-title">Workers</h2><p class="empty"{}>Nobody works on )"
        R"(it now.</p><div class="scroll" role="group" aria-labelledby="workers-title" tabindex="0"{}><table class="workers"><thead><tr>)"
        R"(<th scope="col">Process</th><th scope="col">Sack</th><th scope="col">Rate</th><th scope="col">In flight</th>)"
        R"(<th scope="col">Now</th><th scope="col">Lease until (UTC)</th></tr></thead><tbody data-rows="workers">{}</tbody></table></div>)"
        R"(</section>)",
        live_show(view, "has_no_workers"), live_show(view, "has_workers"), live_rows(view, "workers"));
}

Markup notes(const LiveView& view) {
    return markup(
        R"(<section class="card" aria-labelledby="log-title"><h2 id="log-title">Log</h2><p class="empty"{}>Nothing has been noted.</p>)"
        R"(<div class="scroll log" id="log" role="group" aria-labelledby="log-title" tabindex="0"><table><caption class="unseen">)"
        R"(The last lines of its log, times in UTC</caption><tbody data-rows="notes">{}</tbody></table></div></section>)",
        live_show(view, "has_no_notes"), live_rows(view, "notes"));
}

Markup params(const std::string& text) {
    boost::system::error_code failed;
    const boost::json::value value = boost::json::parse(text, failed);
    if (failed || !value.is_object() || value.get_object().empty()) return {};
    return each(value.get_object(), [](const auto& param) {
        const boost::json::value& of = param.value();
        const std::string shown = of.is_string() ? std::string{of.get_string()} : boost::json::serialize(of);
        return markup("<dt>{}</dt><dd>{}</dd>", std::string_view{param.key()}, shown);
    });
}

Markup fact(const LiveView& view, const char* label, const char* name) {
    return view.texts.at(name).empty() ? Markup{} : markup("<dt>{}</dt><dd>{}</dd>", label, live_text(view, name));
}

Markup about(const run::RunDetails& run, const LiveView& view) {
    const Markup given = params(run.now.params_json);
    const Markup given_list = given.empty() ? Markup{} : markup(R"(<h3>Parameters</h3><dl class="facts">{}</dl>)", given);
    return markup(
        R"(<section class="card" aria-labelledby="about-title"><h2 id="about-title">About this run</h2>{}<dl class="facts">{}{}{}{}{}{})"
        R"(<dt>lag</dt><dd>{}</dd><dt>retried</dt><dd>{}</dd></dl><div{}><h3>Where it waited</h3><table><tbody data-rows="waited">{})"
        R"(</tbody></table></div><p class="hint">In a terminal: <code>{}</code> · as JSON: <a href="/api/runs/{}">/api/runs/{}</a></p>)"
        R"(</section>)",
        given_list, fact(view, "started", "started_at"), fact(view, "finished", "finished_at"),
        fact(view, "last progress", "last_progress_at"), fact(view, "sacks done", "sacks"), fact(view, "up to key", "bound"),
        fact(view, "server", "server"), live_text(view, "lag"), live_text(view, "retried"), live_show(view, "has_waited"),
        live_rows(view, "waited"), "curl -N …/runs/" + std::to_string(run.now.run) + "/progress", run.now.run, run.now.run);
}

}  // namespace

std::string run_page(const Frame& frame, const run::RunDetails& run, const std::string& error_class,
                     const std::vector<store::DeadLetterRecord>& letters, std::optional<std::uint64_t> more_after) {
    const LiveView view = view_of(run);
    const bool is_live = view.shows.at("is_live");
    const Markup charts = markup(R"(<div class="halves">{}{}</div>)", chart(view, "rate_chart", "Rate", "Drawn when it has run for a moment."),
                                 chart(view, "latency_chart", "Time of a batch", "Drawn when it has run for a moment."));
    return page(frame, {.title = view.texts.at("title"),
                        .main = markup(R"({}<section class="card lead-card" aria-label="Progress">{}{}{}</section>{}{}{}{}<div class="halves">{}{}</div>)",
                                       heading(run, view), headline(view), tiles(view), run_controls(frame, run, view), charts,
                                       range_map_part(run, view), letters_part(frame, run, view, error_class, letters, more_after),
                                       workers(view), notes(view), about(run, view)),
                        .script_role = is_live ? "run" : "ended-run",
                        .script_run = std::to_string(run.now.run),
                        .refresh_seconds = is_live ? 10U : 0U});
}

}  // namespace rowmill::web
