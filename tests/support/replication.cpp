#include "support/replication.hpp"

#include "db/session.hpp"
#include "support/trial.hpp"

#include <stdexcept>

namespace rowmill::test {

Replication::Replication(const std::vector<std::string>& server_options)
    : primary_{MariaDb::primary(server_options)},
      replica_{MariaDb::replica_of(primary_, server_options)},
      address_{primary_.endpoint()} {}

std::string Replication::dsn(const std::string& database) const { return dsn_with_database(address_.dsn(), database); }

void Replication::stop_receiving() { db::Session{replica_.endpoint(), {}}.execute("STOP SLAVE IO_THREAD"); }

void Replication::stop_applying() { db::Session{replica_.endpoint(), {}}.execute("STOP SLAVE SQL_THREAD"); }

void Replication::start_applying() { db::Session{replica_.endpoint(), {}}.execute("START SLAVE SQL_THREAD"); }

void Replication::catch_up() {
    db::Session primary{primary_.endpoint(), {}};
    const std::string position = primary.query("SELECT @@gtid_binlog_pos").text(0, 0);
    db::Session replica{replica_.endpoint(), {}};
    if (replica.query("SELECT MASTER_GTID_WAIT('" + position + "', 60)").text(0, 0) != "0")
        throw std::runtime_error{"the replica did not catch up with its primary within a minute"};
}

void Replication::fail_over() {
    replica_.promote();
    address_.lead_to(replica_.endpoint());
}

}  // namespace rowmill::test
