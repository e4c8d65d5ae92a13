#include "action/warnings.hpp"

#include "db/errors.hpp"

#include <algorithm>

namespace rowmill::action {

void judge_warnings(std::span<const db::Warning> seen, unsigned given, bool fail_on_loss) {
    constexpr int range_memory_exceeded = 3170;
    for (const db::Warning& warning : seen) {
        if (warning.code == range_memory_exceeded)
            throw Error{ErrorKind::fatal,
                        "the server read the whole table instead of the batch's keys: " + warning.message +
                            "; raise range_optimizer_max_mem_size or lower run.batch"};
    }
    if (!fail_on_loss) return;
    // A note tells of what even a strict sql_mode lets pass: a decimal rounded to its column's scale, trailing blanks
    // cut off.
    const auto lossy = std::find_if(seen.begin(), seen.end(), [](const db::Warning& warning) {
        return warning.level != "Note" && db::loses_data(warning.code);
    });
    if (lossy != seen.end()) {
        Error error{ErrorKind::row, "warning " + std::to_string(lossy->code) + ", which loses data: " + lossy->message};
        error.server_code = lossy->code;
        throw error;
    }
    if (given > seen.size())
        throw Error{ErrorKind::row, "the statement gave " + std::to_string(given) +
                                        " warnings, of which the server shows " + std::to_string(seen.size()) +
                                        "; those unseen may tell of lost data"};
}

void ask_for_all_warnings(db::Session& session) {
    // MySQL lets only administrators raise how many it keeps; a batch with more than its 1024 is split.
    session.defer(session.server().is_mariadb() ? "SET SESSION sql_notes = 0, max_error_count = 65535"
                                                : "SET SESSION sql_notes = 0");
}

}  // namespace rowmill::action
