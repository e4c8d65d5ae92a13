#pragma once

#include "job/job.hpp"

#include <map>
#include <string>
#include <vector>

namespace rowmill::job {

/// What a run depends on, part by part: a name ("table", "key", "filter", "statement 1", "collation of id" …) and
/// its text. Kept in the store whole, so that a difference can be told by name.
using Fingerprint = std::map<std::string, std::string>;

/// The parts that the job itself brings (source, filter, columns, action, order, session settings). The table's
/// are added by `table::fingerprint`.
Fingerprint fingerprint(const Job& job);

/// Lines such as `filter was "a = 1" and is now "a = 2"`; empty where nothing changed.
std::vector<std::string> differences(const Fingerprint& stored, const Fingerprint& now);

/// JSON for the store, and back. Throws Error{refused} for what it did not write.
std::string encode(const Fingerprint& fingerprint);
Fingerprint decode_fingerprint(std::string_view stored);

/// Identity of a run: 64 hex digits of the job's name (for an ad-hoc job: database, table, filter and
/// statement) and its parameters (secret ones as a digest). Two runs of the same identity are runs of the same work.
std::string identity(const Job& job, const Params& params, std::string_view database);

/// The parameters as a JSON object for the store and for people: secret ones are "***".
std::string masked_params(const Job& job, const Params& params);

}  // namespace rowmill::job
