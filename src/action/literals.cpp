#include "action/placeholders.hpp"
#include "action/sql.hpp"
#include "db/session.hpp"
#include "job/sql_token.hpp"

namespace rowmill::action {

void check_literals(db::Session& session, const job::Job& job) {
    const std::string sql_mode = session.query("SELECT @@SESSION.sql_mode").text(0, 0);
    if (!job.source.where.empty()) job::check_literals(job.source.where, place_of_filter(job), sql_mode);
    for (std::size_t i = 0; i < job.action.statements.size(); ++i)
        job::check_literals(job.action.statements[i], place_of_statement(job, i), sql_mode);
}

}  // namespace rowmill::action
