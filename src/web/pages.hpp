#pragma once

#include "run/desk.hpp"
#include "web/markup.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::web {

/// What every page has around what it shows.
struct Frame {
    std::string program = "rowmill";  ///< what it is called
    std::string csrf;                 ///< for its forms
    bool may_change = true;           ///< else no form, no button is shown
    bool has_login = false;           ///< there is something to log out of
    std::string notice;               ///< what came of the last thing that was asked for; empty: nothing
    bool notice_is_error = false;
    bool offers_changes = false;      ///< what was asked for last can be done where what has changed of the job is accepted
};

// Whole pages. Pure. Their forms are POSTs, each with a field "csrf":
//   /login                     token, to
//   /logout
//   /jobs/NAME                 the parameters by their names, `params_of` reads them; with a field "plan-only" it asks for the plan
//   /runs/ID/pause, /runs/ID/cancel
//   /runs/ID/resume            secrets as `secret_field` names them; `secrets_of` reads them; accept_changes, where they are accepted
//   /runs/ID/retry             class (empty: all), key (one, as `display` shows it; empty: by class), and secrets likewise
//   /runs/ID/set               every key of RunDetails.settings with its text, changed or not, and what the page showed as `shown_field`
//                              names it; `changed_settings` reads them
// and links: /runs/ID?class=C&after=LETTER#letters.
std::string index_page(const Frame& frame, const std::vector<run::Catalog::Entry>& jobs, const std::vector<progress::Snapshot>& runs);
/// `given` and `problems`: what was typed and what is wrong with it, by parameter; `runs`: the last ones of this job.
std::string job_page(const Frame& frame, const job::Job& job, const run::ParamTexts& given,
                     const std::map<std::string, std::string>& problems, const std::vector<progress::Snapshot>& runs);
/// What a run would do, for the job page's "plan" button.
std::string plan_page(const Frame& frame, const job::Job& job, const run::ParamTexts& given, const run::Plan& plan);
/// `letters`: of `error_class` (empty: of all); `more_after`: the id to go on behind, where there are more.
std::string run_page(const Frame& frame, const run::RunDetails& run, const std::string& error_class,
                     const std::vector<store::DeadLetterRecord>& letters, std::optional<std::uint64_t> more_after);
std::string login_page(const Frame& frame, const std::string& to, const std::string& problem);
/// With a way back.
std::string error_page(const Frame& frame, unsigned status, const std::string& sentence);

/// What a job's form was filled in with: an empty field is a parameter that was not given, but for a text with a default, which may be
/// emptied. What is no parameter of the job stays, but for "csrf" and "plan-only".
run::ParamTexts params_of(const job::Job& job, const std::map<std::string, std::string, std::less<>>& form);
/// The field that asks for a secret parameter of a run.
std::string secret_field(std::string_view param);
run::ParamTexts secrets_of(const std::map<std::string, std::string, std::less<>>& form);
/// The field that says what a page showed of a setting.
std::string shown_field(std::string_view key);
/// The settings of a form that its sender has changed: whose text is another than the page showed, whatever others have set since. Where
/// a form does not say what was shown, another than it is `now`.
job::Overrides changed_settings(const std::map<std::string, std::string, std::less<>>& form, const job::Overrides& now);

// What the script of the pages reads, one JSON object each: what `status --json` says, and in `shown` the same as the pages show it.
/// The data of a `progress` event.
std::string to_json(const progress::Snapshot& now);
/// {"runs": […]}
std::string to_json(const std::vector<progress::Snapshot>& runs);
/// Everything of a run that changes: beside its status `map`, `samples`, `notes`, `classes`, `settings`, `is_ours`, `can_be_resumed`,
/// `offered_as` and `missing_secrets`.
std::string to_json(const run::RunDetails& run);

/// A file that is built into the binary: "style.css", "page.js", "icon.svg".
struct Asset {
    std::string_view name, type, content;
};
/// Absent: there is none of this name.
std::optional<Asset> find_asset(std::string_view name);

}  // namespace rowmill::web
