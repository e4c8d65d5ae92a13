#pragma once

#include "run/desk.hpp"

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
};

/// `&`, `<`, `>`, `"` and `'` as entities, bytes that are not UTF-8 and control characters as U+FFFD: for text and for quoted attributes.
std::string escaped(std::string_view text);

// Whole pages. Pure.
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

/// What the page's script reads: everything of a run that changes, as one JSON object: `status --json`, and beside it `map`, `samples`,
/// `notes`, `classes`, `settings`.
std::string to_json(const run::RunDetails& run);

/// A file that is built into the binary: "style.css", "page.js", "icon.svg".
struct Asset {
    std::string_view name, type, content;
};
/// Absent: there is none of this name.
std::optional<Asset> find_asset(std::string_view name);

}  // namespace rowmill::web
