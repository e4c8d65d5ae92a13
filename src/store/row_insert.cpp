#include "store/row_insert.hpp"

#include <algorithm>

namespace rowmill::store {
namespace {

constexpr std::size_t largest_statement = 1 << 20;

}  // namespace

RowInsert::RowInsert(db::Session& session, std::string head)
    : session_{session},
      sql_{std::move(head)},
      head_size_{sql_.size()},
      most_bytes_{std::min<std::size_t>(session.max_allowed_packet() / 2, largest_statement)} {}

void RowInsert::add(std::string_view row) {
    if (sql_.size() > head_size_ && sql_.size() + row.size() + 2 > most_bytes_) finish();
    sql_ += sql_.size() == head_size_ ? " " : ", ";
    sql_ += row;
}

void RowInsert::finish() {
    if (sql_.size() == head_size_) return;
    session_.execute(sql_);
    sql_.resize(head_size_);
}

}  // namespace rowmill::store
