#pragma once

#include "db/session.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rowmill::store {

/// A multi-row INSERT, sent in as many statements as the server's packet size asks for.
class RowInsert {
public:
    /// `head` is the statement up to VALUES.
    RowInsert(db::Session& session, std::string head);

    /// `row` is one parenthesis.
    void add(std::string_view row);
    /// Sends what is left.
    void finish();

private:
    db::Session& session_;
    std::string sql_;
    std::size_t head_size_;
    std::size_t most_bytes_;
};

}  // namespace rowmill::store
