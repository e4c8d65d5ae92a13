#include "store/cells.hpp"
#include "store/chunks.hpp"
#include "store/store.hpp"

#include <map>

namespace rowmill::store {

std::vector<WaitingId> Store::lock_waiting(std::span<const WaitingClaim> claims) {
    std::vector<WaitingId> held;
    in_chunks(claims, [&](std::span<const WaitingClaim> chunk) {
        std::map<WaitingId, std::string> tokens;
        std::vector<WaitingId> ids;
        for (const WaitingClaim& claim : chunk) {
            tokens.emplace(claim.id, claim.token);
            ids.push_back(claim.id);
        }
        const db::ResultSet rows = session_.query(sql("lock_waiting", {{"ids", ids}}));
        for (std::size_t row = 0; row < rows.rows.size(); ++row) {
            Cells cells{rows, row};
            const WaitingId id = cells.number();
            if (tokens.at(id) == cells.text()) held.push_back(id);
        }
    });
    return held;
}

}  // namespace rowmill::store
