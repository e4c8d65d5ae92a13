#include "progress/figures.hpp"
#include "web/param_fields.hpp"
#include "web/run_parts.hpp"
#include "web/times.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace rowmill::web {
namespace {

using progress::grouped;

/// What belongs to the retry forms of a page.
struct Retrying {
    const Frame& frame;
    const run::RunDetails& run;
    const LiveView& view;
};

Markup retry_form(const Retrying& with, const std::string& error_class, const std::string& key, const std::string& label) {
    if (!with.frame.may_change) return {};
    // Where secrets have to be given, each form would ask for them: they are asked for once, in the one for all of a class.
    const bool asks = key.empty();
    if (!asks && !with.run.missing_secrets.empty()) return {};
    return markup(R"(<form method="post" action="/runs/{}/retry"{}>{}<input type="hidden" name="class" value="{}">)"
                  R"(<input type="hidden" name="key" value="{}">{}<button>{}</button></form>)",
                  with.run.now.run, live_show(with.view, "can_retry"), csrf_field(with.frame), error_class, key,
                  asks ? secret_fields(with.run.missing_secrets, "retry", true) : Markup{}, label);
}

Markup class_link(const run::RunDetails& run, const std::string& error_class, const std::string& label, const Markup& count,
                  const std::string& chosen) {
    return markup(R"(<li><a href="/runs/{}{}#letters"{}>{} <b>{}</b></a></li>)", run.now.run,
                  error_class.empty() ? Markup{} : markup("?class={}", path_part(error_class)),
                  error_class == chosen ? markup(R"( aria-current="true")") : Markup{}, label, count);
}

Markup filter(const run::RunDetails& run, const LiveView& view, const std::string& chosen) {
    return markup(R"(<nav aria-label="Classes of dead letters"><ul class="chips">{}{}</ul></nav>)",
                  class_link(run, "", "all", live_text(view, "dead_letters"), chosen), each(run.classes, [&](const store::ErrorClassRecord& one) {
                      return class_link(run, one.error_class, one.error_class, markup("{}", grouped(one.count)), chosen);
                  }));
}

/// Of an item that is JSON still, which one that was cut need not be, its columns; else the text itself.
Markup item_markup(const std::string& item) {
    boost::system::error_code failed;
    const boost::json::value value = boost::json::parse(item, failed);
    if (failed || !value.is_object()) return markup("<pre>{}</pre>", item);
    return markup(R"(<dl class="facts">{}</dl>)", each(value.get_object(), [](const auto& column) {
                      const boost::json::value& of = column.value();
                      const std::string text = of.is_string() ? std::string{of.get_string()} : boost::json::serialize(of);
                      return markup("<dt>{}</dt><dd>{}</dd>", std::string_view{column.key()}, text);
                  }));
}

Markup letter_markup(const Retrying& with, const store::DeadLetterRecord& letter) {
    const std::string key = display(letter.key);
    const Markup item = letter.item.empty() ? markup(R"(<p class="empty">What was read of the row was not kept.</p>)")
                                            : item_markup(letter.item);
    return markup(R"(<li><details><summary><b class="key">{}</b> <span class="class">{}</span> <span class="reason">{}</span></summary>)"
                  R"(<div class="letter"><p class="whole">{}</p><p class="hint">{} {}, last at {}</p>{}{}</div></details></li>)",
                  key, letter.error_class, letter.reason, letter.reason, grouped(letter.attempts),
                  letter.attempts == 1 ? "attempt" : "attempts", time_text(letter.last_at), item,
                  retry_form(with, "", key, "Retry this one"));
}

Markup hints(const Frame& frame, const run::RunDetails& run, const LiveView& view) {
    return markup(R"(<p class="hint"{}>They can be tried again as soon as the run has ended or stopped.</p><p class="hint"{}>To try them )"
                  R"(again: <code>{} retry {}</code>, where the run was begun.</p>)",
                  live_show(view, "must_retry_later"), live_show(view, "must_retry_elsewhere"), frame.program, run.now.run);
}

std::string retry_label(const run::RunDetails& run, const std::string& error_class) {
    if (error_class.empty()) return run.now.dead_letters == 1 ? "Retry it" : "Retry all " + grouped(run.now.dead_letters);
    const auto found = std::ranges::find(run.classes, error_class, &store::ErrorClassRecord::error_class);
    const std::string count = found == run.classes.end() ? "those" : grouped(found->count);
    return "Retry the " + count + " of class " + error_class;
}

Markup more_link(const run::RunDetails& run, const std::string& error_class, std::optional<std::uint64_t> after) {
    if (!after) return {};
    return markup(R"(<p><a href="/runs/{}?class={}&amp;after={}#letters">Further ones</a></p>)", run.now.run, path_part(error_class),
                  *after);
}

}  // namespace

Markup letters_part(const Frame& frame, const run::RunDetails& run, const LiveView& view, const std::string& error_class,
                    const std::vector<store::DeadLetterRecord>& letters, std::optional<std::uint64_t> more_after) {
    const Retrying with{frame, run, view};
    Markup list = each(letters, [&](const store::DeadLetterRecord& letter) { return letter_markup(with, letter); });
    if (list.empty()) list = markup(R"(<li class="empty">There is none{}.</li>)", error_class.empty() ? "" : " of this class any more");
    return markup(
        R"(<section class="card letters" id="letters" aria-labelledby="letters-title" data-count="{}"{}>)"
        R"(<h2 id="letters-title">Dead letters <span class="count">{}</span></h2>)"
        R"(<p class="hint" id="letters-changed" hidden>There are others by now. <button type="button" class="quiet">Show them</button></p>)"
        R"({}{}{}<ul class="list">{}</ul>{}</section>)",
        run.now.dead_letters, live_show(view, "has_dead_letters"), live_text(view, "dead_letters"),
        filter(run, view, error_class), hints(frame, run, view), retry_form(with, error_class, "", retry_label(run, error_class)), list,
        more_link(run, error_class, more_after));
}

}  // namespace rowmill::web
