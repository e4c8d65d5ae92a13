#pragma once

#include "support/server.hpp"

#include <string>

namespace rowmill::test {

/// Makes a table `t` (id 1 … rows, n = 0), for jobs that count n up. `constraint`: on n, "CHECK (n < 5)".
inline void make_counted_table(Schema& schema, unsigned rows, const std::string& constraint = {}) {
    schema.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0 " + constraint + ")");
    std::string values;
    for (unsigned id = 1; id <= rows; ++id) values += (id > 1 ? ",(" : "(") + std::to_string(id) + ")";
    schema.execute("INSERT INTO t (id) VALUES " + values);
}

/// Whether each of its rows was counted up once.
inline bool is_counted_once(Schema& schema) {
    return schema.scalar("SELECT MIN(n) = 1 AND MAX(n) = 1 FROM t") == "1";
}

}  // namespace rowmill::test
