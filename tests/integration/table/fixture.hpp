#pragma once

#include "support/server.hpp"
#include "table/pages.hpp"
#include "table/sacks.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rowmill::test {

/// A schema with a session in UTC, and short ways to read its tables as a run does.
class Tables {
public:
    Tables() : session_{schema.endpoint(), utc()} {}

    Schema schema;

    db::Session& session() { return session_; }
    void execute(const std::string& sql) { session_.execute(sql); }
    /// What is read of a table by its primary key, or the index named.
    table::Selection select(const std::string& table, const std::string& key_index = {},
                            const std::vector<std::string>& columns = {});
    std::vector<table::PlannedSack> plan(const table::Selection& selection, std::uint64_t sack_rows,
                                         const std::vector<std::string>& from = {},
                                         const std::vector<std::string>& to = {});
    /// The keys of a stretch for people, in the order in which the pages brought them.
    std::vector<std::string> read(const table::Selection& selection, const table::Range& range, std::size_t page_size,
                                  std::uint64_t rows_hint = 0);
    /// The keys of all sacks, one after another.
    std::vector<std::string> read(const table::Selection& selection, const std::vector<table::PlannedSack>& sacks,
                                  std::size_t page_size);
    /// The same keys as the server orders them; `where` may be empty.
    std::vector<std::string> ordered_by_server(const table::Selection& selection, const std::string& where = {});
    /// Index entries that the session has read so far.
    std::uint64_t entries_read();

    table::Quote quote() {
        return [this](ValueView value) { return session_.quote(value); };
    }

private:
    static db::SessionSettings utc() {
        db::SessionSettings settings;
        settings.time_zone = "+00:00";
        return settings;
    }
    db::Session session_;
};

}  // namespace rowmill::test
