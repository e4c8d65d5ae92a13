#pragma once

#include "db/server.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rowmill::db {

using Variables = std::map<std::string, std::string, std::less<>>;

/// Asks for what `identify` looks at. SHOW VARIABLES, since it passes over names that a server does not know.
inline constexpr std::string_view identity_query =
    "SHOW VARIABLES WHERE Variable_name IN ('version', 'version_comment', 'hostname', 'port', 'server_uuid', "
    "'server_uid', "
    "'server_id', 'read_only', 'super_read_only', 'innodb_read_only', 'wsrep_on', 'group_replication_group_name', "
    "'max_allowed_packet')";

/// Who a server is, by its variables. Pure. `has_array_binding` is the protocol's to say, not a variable's.
Server identify(const Variables& variables);

}  // namespace rowmill::db
