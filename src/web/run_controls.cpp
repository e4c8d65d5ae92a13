#include "web/param_fields.hpp"
#include "web/run_parts.hpp"

#include <algorithm>
#include <array>

namespace rowmill::web {
namespace {

/// Shown at once; the throttles, which are many, on demand.
constexpr std::array<std::string_view, 4> first_keys{"concurrency", "rate", "batch", "target_time"};
constexpr std::string_view shown_prefix = "shown-";

struct Explained {
    std::string_view key, text;
};
constexpr std::array<Explained, 15> explanations{{
    {"concurrency", "items in flight at once, of each process"},
    {"rate", "items a second of each process, 0: unlimited"},
    {"batch", "items a call or a transaction"},
    {"target_time", "a batch grows and shrinks toward this: 200ms; 0: fixed"},
    {"max_lag", "waits while a replica lags more: 1s"},
    {"replicas", "which ones are asked; empty: those found"},
    {"ignore_replicas", "host or host:port of those not asked"},
    {"heartbeat", "[schema.]table of pt-heartbeat"},
    {"max_load", "waits above it: Threads_running=25"},
    {"critical_load", "stops above it: Threads_running=200"},
    {"query", "a SELECT of one number: above 0 waits"},
    {"flag_file", "waits while this file is there"},
    {"window", "works only inside it: 01:00-05:00"},
    {"http", "a URL: waits unless it answers 2xx"},
    {"nice", "seconds of rest for a second of work"},
}};

/// As a field of one line sends it back.
std::string in_one_line(std::string text) {
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    return text;
}

Markup setting(const std::string& key, const std::string& value) {
    const auto* explained = std::ranges::find(explanations, std::string_view{key}, &Explained::key);
    return markup(R"(<div class="field"><label for="set-{0}">{0}</label><input type="text" autocomplete="off" spellcheck="false" )"
                  R"(id="set-{0}" name="{0}" value="{1}" data-setting="{0}" aria-describedby="set-{0}-hint">)"
                  R"(<input type="hidden" autocomplete="off" name="{3}" value="{1}"><p class="hint" id="set-{0}-hint">{2}</p></div>)",
                  key, value, explained == explanations.end() ? std::string_view{} : explained->text, shown_field(key));
}

Markup settings_form(const Frame& frame, const run::RunDetails& run) {
    Markup first, rest;
    for (const auto& [key, value] : run.settings)
        (std::ranges::find(first_keys, key) == first_keys.end() ? rest : first) += setting(key, value);
    const Markup throttles =
        rest.empty() ? Markup{} : markup(R"(<details><summary>Reasons to wait</summary><div class="grid">{}</div></details>)", rest);
    return markup(R"(<form method="post" action="/runs/{}/set" class="stack">{}<div class="grid">{}</div>{}<div class="buttons">)"
                  R"(<button class="primary">Set</button></div><p class="hint">For each of its processes, at once; an empty field )"
                  R"(turns a reason to wait off.</p></form>)",
                  run.now.run, csrf_field(frame), first, throttles);
}

Markup button_form(const Frame& frame, const run::RunDetails& run, const LiveView& view, const char* verb, const char* label,
                   const char* show, const Markup& fields) {
    return markup(R"(<form method="post" action="/runs/{}/{}"{}>{}{}<button class="{}">{}</button></form>)", run.now.run, verb,
                  live_show(view, show), csrf_field(frame), fields, std::string_view{verb} == "resume" ? "primary" : "", label);
}

Markup resume_fields(const Frame& frame, const run::RunDetails& run) {
    Markup fields = secret_fields(run.missing_secrets, "resume", run.now.workers.empty());
    if (frame.offers_changes)
        fields += markup(R"(<div class="field"><label for="accept-changes">Go on with the job as it is now</label>)"
                         R"(<input type="checkbox" id="accept-changes" name="accept_changes" value="1"></div>)");
    return fields;
}

Markup cancel_form(const Frame& frame, const run::RunDetails& run, const LiveView& view) {
    return markup(R"(<details class="confirm"{}><summary class="button">Cancel…</summary><form method="post" action="/runs/{}/cancel" )"
                  R"(class="panel">{}<p>A cancelled run does not come back: what is done stays done, and the rest is left.</p>)"
                  R"(<button class="danger">Cancel run {} for good</button></form></details>)",
                  live_show(view, "can_cancel"), run.now.run, csrf_field(frame), run.now.run);
}

}  // namespace

std::string shown_field(std::string_view key) {
    return std::string{shown_prefix} + std::string{key};
}

job::Overrides changed_settings(const std::map<std::string, std::string, std::less<>>& form, const job::Overrides& now) {
    const auto before = [&](const std::string& key) -> std::optional<std::string> {
        if (const auto shown = form.find(shown_field(key)); shown != form.end()) return in_one_line(shown->second);
        const auto set = std::ranges::find(now, key, &job::Overrides::value_type::first);
        return set == now.end() ? std::nullopt : std::optional{in_one_line(set->second)};
    };
    job::Overrides changed;
    for (const auto& [key, text] : form) {
        if (key == "csrf" || key.starts_with(shown_prefix)) continue;
        if (before(key) != in_one_line(text)) changed.emplace_back(key, text);
    }
    return changed;
}

Markup run_controls(const Frame& frame, const run::RunDetails& run, const LiveView& view) {
    if (!frame.may_change) return {};
    const Markup settings =
        markup(R"(<details class="settings"{}><summary class="button">Settings</summary><div class="panel">{}</div></details>)",
               live_show(view, "can_set"), settings_form(frame, run));
    const Markup elsewhere = markup(
        R"(<p class="hint"{}>It is of none of the jobs offered here. To go on with it: <code>{} resume {}</code></p>)",
        live_show(view, "must_resume_elsewhere"), frame.program, run.now.run);
    return markup(R"(<div class="controls" role="group" aria-label="Controls">{}{}{}{}{}</div>)",
                  button_form(frame, run, view, "pause", "Pause", "can_pause", {}),
                  button_form(frame, run, view, "resume", "Resume", "can_resume", resume_fields(frame, run)),
                  cancel_form(frame, run, view), settings, elsewhere);
}

}  // namespace rowmill::web
