#pragma once

#include "job/job.hpp"
#include "job/section.hpp"

#include <vector>

namespace rowmill::job {

// One function for each section of a job file: reads it, checks it, and refuses unknown keys. All throw
// Error{usage} with the place.

std::vector<ParamSpec> read_params(Section params);
SourceSpec read_source(Section source, const std::vector<ParamSpec>& params);
ActionSpec read_action(Section action, const std::vector<ParamSpec>& params);
/// The rest of [action] with kind = "exec", and with kind = "http".
void read_exec(Section& action, const std::vector<ParamSpec>& params, ActionSpec& spec);
void read_http(Section& action, const std::vector<ParamSpec>& params, ActionSpec& spec);
SessionSpec read_session(Section session);
/// Keys that are not there leave `spec` as it is.
RunSpec read_run(Section run, RunSpec spec = {});
ThrottleSpec read_throttle(Section throttle, ThrottleSpec spec = {});
HooksSpec read_hooks(Section hooks);

/// A table's name, `table` or `schema.table`, each part bare or in backquotes.
struct QualifiedTable {
    std::string schema, table;
};
QualifiedTable parse_table_name(std::string_view text, std::string_view where);

}  // namespace rowmill::job
