#pragma once

#include "progress/snapshot.hpp"
#include "web/live_view.hpp"
#include "web/pages.hpp"

#include <string>

namespace rowmill::web {

/// What goes into a frame.
struct Sheet {
    std::string title;
    Markup main;
    std::string script_role{};      ///< what the script does here: "run", "index"; empty: nothing
    std::string script_run{};       ///< of which run
    unsigned refresh_seconds = 0;   ///< without JavaScript; 0: never
};

/// The whole page: head, banner, notice, main part, foot.
std::string page(const Frame& frame, const Sheet& sheet);

/// `<input type="hidden" name="csrf" …>`
Markup csrf_field(const Frame& frame);

/// The table of runs on `/` and on a job's page; its rows are kept up by the script. Empty where there are none.
Markup run_table(const std::string& caption, const std::vector<const progress::Snapshot*>& runs);
/// A row of it without a run, for the script to fill in.
Markup run_row_template();

/// "running", with its colour.
Markup state_badge(const LiveView& view);

}  // namespace rowmill::web
