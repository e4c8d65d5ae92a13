#pragma once

#include "job/job.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowmill::job {

/// A flag of `rowmill run` that sets a key of `[run]` or `[throttle]`: "sack_rows" = "1000".
using Overrides = std::vector<std::pair<std::string, std::string>>;

/// Reads and checks a job file; the overrides win over its `[run]` and `[throttle]`. `${NAME}` in a
/// dsn is taken from the environment. Throws Error{usage} whose sentence names file, line and column,
/// what is wrong, and for an unknown key the nearest known one.
Job read_job(const std::string& path, const Overrides& overrides = {});
/// The same from text; `path` only names it.
Job parse_job(std::string_view toml, const std::string& path, const Overrides& overrides = {});

/// A job without a file: `--table T --where W --sql S`. Its name is made from the table's. Its parameters are texts: those that
/// the filter uses, and of `given` those that the statement uses.
Job ad_hoc_job(const std::string& table, const std::string& where, const std::string& sql,
               const Overrides& overrides = {}, const std::vector<std::string>& given = {});

/// The keys of `[run]` and `[throttle]` with a line of help each, for the flags of `rowmill run`.
struct OverridableKey {
    std::string_view section, key, value_name, help;
};
const std::vector<OverridableKey>& overridable_keys();

/// The keys that `rowmill set` may change while a run is on.
const std::vector<std::string>& live_keys();
/// What they are in a job, in their order, as a flag would say it; empty: a throttle that is off. What may hold a password, the DSN of a
/// replica or an address with a query, is "***".
Overrides live_settings(const Job& job);
/// Such a text as it may be shown.
std::string shown_setting(const std::string& key, const std::string& text);
/// Changes them in a job as if they had been flags; an empty value turns a throttle off. Throws Error{usage} for a key that is
/// none of them, and like read_job for a value. Nothing is changed then.
void change_settings(Job& job, const Overrides& changes);

/// `K=V` of the command line against the specifications. Throws Error{usage} for an unknown, missing or
/// ill-typed parameter, with what would do. Typed: nothing that a parameter says can become SQL.
Params parse_params(const Job& job, const std::vector<std::string>& assignments);

/// "250ms", "30s", "10m", "2h", "1d", "0"; throws Error{usage} with `where`.
milliseconds parse_duration(std::string_view text, std::string_view where);
/// "8MB", "512KB", "1048576"; powers of 1024.
std::uint64_t parse_size(std::string_view text, std::string_view where);
/// For people: 1500 ms -> "1.5s".
std::string display(milliseconds duration);

/// The closest of `known` to `word`, where one is close enough to suggest: few slips of the finger away
/// (edit distance), or begun with the word.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace rowmill::job
