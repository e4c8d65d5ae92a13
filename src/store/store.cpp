#include "store/store.hpp"

#include "store/cells.hpp"

namespace rowmill::store {

Store::Store(db::Session& session, std::string schema)
    : session_{session},
      schema_{std::move(schema)},
      dialect_{db::quote_name(schema_),
               [&session](std::string& text, ValueView value) { session.quote_to(text, value); }} {}

std::string Store::sql(std::string_view statement, Arguments arguments) const {
    return render(statement, dialect_, arguments);
}

std::vector<std::uint64_t> Store::ids(const std::string& query) {
    const db::ResultSet result = session_.query(query);
    std::vector<std::uint64_t> ids;
    for (std::size_t row = 0; row < result.rows.size(); ++row) ids.push_back(Cells{result, row}.number());
    return ids;
}

}  // namespace rowmill::store
