#pragma once

#include "support/server.hpp"
#include "support/trial.hpp"

#include <cstdint>
#include <string>

namespace rowmill::test {

/// A migration of real data: what one plain UPDATE does to a copy, done by the program in pieces.
struct Migration {
    std::string table;  ///< has a column `done`, 0 everywhere
    std::string copy;   ///< has the same rows, with the work done and `done` 1
    std::string same;   ///< when a row `a` of the table and `b` of the copy are the same row, with the same work done
    std::string assignments;  ///< of the UPDATE, without `done = done + 1`
};

/// Does it, killed with SIGKILL twice on the way, and claims that afterwards every row is as in the copy. `condition`
/// selects the rows of a statement: ":batch". Takes the work back first.
void check_migration(Schema& schema, const Migration& migration, const std::string& condition, std::uint64_t sack_rows,
                     std::uint64_t batch);

}  // namespace rowmill::test
