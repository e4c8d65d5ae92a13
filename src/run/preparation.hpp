#pragma once

#include "action/sql.hpp"
#include "db/connector.hpp"
#include "run/request.hpp"
#include "store/store.hpp"
#include "table/sacks.hpp"

#include <memory>
#include <string>

namespace rowmill::run {

/// A request held against the server: everything that can be known, and refused, before a run exists. Reads only.
struct Preparation {
    db::Connector source;  ///< sessions that read the table
    db::Connector target;  ///< sessions that do the action's work
    db::Connector store;
    bool target_is_store = true;  ///< one server: work and checkpoint can commit together
    bool source_is_store = true;
    bool session_is_source = false;  ///< the session that it was made on is one of `source`
    std::string definition;          ///< of the table, read just before it was described; empty: not known
    std::shared_ptr<const table::Selection> selection;
    job::Fingerprint fingerprint;
    std::string identity;
    std::string server;  ///< for people
};

/// Describes the table, chooses the key, checks the filter, the statements and their plans. Throws Error{usage} or
/// Error{refused} that say what to do. `session` is one of `source_connector`.
Preparation prepare(const Request& request, db::Session& session);

/// The connectors alone, before anything is known of the table: what `prepare`'s session is opened with.
db::Connector source_connector(const Request& request);
/// For who only looks at the run store: without the settings that the job's own work needs.
db::Connector store_connector(const Request& request);

/// As far as the addresses tell.
bool is_same_server(const db::Endpoint& left, const db::Endpoint& right);

/// Rows to a sack: what the job says, else fitted to the table.
table::Spacing spacing_of(const Request& request, const table::Selection& selection);

/// The sql action's plan for a run. Absent for `none`.
std::shared_ptr<const action::SqlPlan> plan_action(const Request& request, const Preparation& preparation,
                                                   store::RunId run, const std::string& started_at);

/// Asks the server for the plans of the page query and the statements; throws Error{refused} for a scan or a sort, and
/// Error{usage} for SQL that the server does not take.
void check_plans(const Request& request, const Preparation& preparation, db::Session& session,
                 const table::Bounds& bounds);

/// The request with its secret parameters masked: what a plan shows is made from this one.
Request masked(const Request& request);

/// What is never to be shown: the values of secret parameters, and what ${…} stood for.
std::vector<std::string> secrets_of(const Request& request);
/// The error without them.
Error conceal(const Request& request, const Error& error);
/// Any text, without them.
std::string conceal(const Request& request, const std::string& text);

/// Errors of the server that come before the first row are the job's: bad SQL, a missing privilege. The same error as
/// Error{usage}, naming `where`.
Error as_usage(const Error& error, const std::string& where);

}  // namespace rowmill::run
