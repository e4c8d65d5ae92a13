#include "run/doctor.hpp"

#include "store/store.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace rowmill::run {
namespace {

using Level = Finding::Level;
using Variables = std::map<std::string, std::string, std::less<>>;

constexpr unsigned oldest_mysql = 80013;
constexpr unsigned oldest_mariadb = 100600;
constexpr std::uint64_t small_packet = 4ULL << 20;

Variables read_variables(db::Session& session) {
    Variables variables;
    session.stream("SHOW VARIABLES", [&](const db::RowView& row) {
        std::string name{row[0]};
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
        variables.emplace(std::move(name), std::string{row[1]});
    });
    return variables;
}

class Examination {
public:
    Examination(db::Session& session, std::string store_schema)
        : session_{session}, schema_{std::move(store_schema)}, variables_{read_variables(session)} {}

    std::vector<Finding> run() {
        version();
        writable();
        transactions();
        binlog();
        replication_filters();
        cluster();
        proxy();
        packets();
        privileges();
        store();
        return std::move(findings_);
    }

private:
    void good(std::string what) { findings_.push_back({Level::good, std::move(what), {}}); }
    void advise(std::string what, std::string remedy) {
        findings_.push_back({Level::advice, std::move(what), std::move(remedy)});
    }
    void problem(std::string what, std::string remedy) {
        findings_.push_back({Level::problem, std::move(what), std::move(remedy)});
    }
    std::string variable(std::string_view name) const {
        const auto found = variables_.find(name);
        return found == variables_.end() ? "" : found->second;
    }
    bool is_on(std::string_view name) const { return variable(name) == "ON" || variable(name) == "1"; }

    void version() {
        const db::Server& server = session_.server();
        const unsigned oldest = server.is_mariadb() ? oldest_mariadb : oldest_mysql;
        if (server.version >= oldest) return good(server.display() + " is supported");
        problem(server.display() + " is older than rowmill supports", "MySQL 8.0.13 or MariaDB 10.6, or later");
    }

    void writable() {
        if (!session_.server().read_only) return good("the server takes writes");
        problem("the server is read-only (a replica?)", "connect to the primary");
    }

    void transactions() {
        if (session_.query("SELECT @@GLOBAL.autocommit").text(0, 0) == "0")
            advise("autocommit is off by default: sessions that forget to commit keep rows locked and undo growing",
                   "rowmill sets it for its own; a run waits, before it begins, for the transactions that others left "
                   "open");
        if (const std::string init = variable("init_connect"); !init.empty())
            advise("init_connect runs for every session of accounts without SUPER: " + init,
                   "make sure that it does not open a transaction or change autocommit; rowmill sets autocommit = 1 "
                   "itself");
        if (const std::string engine = variable("default_storage_engine"); engine != "InnoDB" && !engine.empty())
            advise("default_storage_engine is " + engine,
                   "tables without transactions can't be worked on exactly once");
        if (const std::string mode = variable("sql_mode"); mode.find("STRICT_") == std::string::npos)
            advise("sql_mode is not strict: values that do not fit are cut with a warning",
                   "rowmill takes such warnings for failures (warnings = \"fail\"); keep it so");
        const std::string flush = variable("innodb_flush_log_at_trx_commit");
        if (flush != "1")
            advise("innodb_flush_log_at_trx_commit is " + flush + ": a power cut may lose the last second",
                   "work and checkpoint are lost together, so that nothing is skipped; set it to 1 if that second "
                   "matters");
    }

    void binlog() {
        if (!is_on("log_bin")) return good("no binary log");
        const std::string format = variable("binlog_format");
        if (format != "STATEMENT") return good("binlog_format is " + (format.empty() ? "ROW" : format));
        advise("binlog_format is STATEMENT: batches with LIMIT or READ COMMITTED are unsafe or refused there",
               "use ROW or MIXED");
    }

    void replication_filters() {
        const bool mariadb = session_.server().is_mariadb();
        try {
            const auto status = session_.query(mariadb                              ? "SHOW MASTER STATUS"
                                               : session_.server().version >= 80200 ? "SHOW BINARY LOG STATUS"
                                                                                    : "SHOW MASTER STATUS");
            const auto only = status.find("Binlog_Do_DB"), ignored = status.find("Binlog_Ignore_DB");
            if (status.empty() || !only || !ignored) return;
            if (status.text(0, *only).empty() && status.text(0, *ignored).empty())
                return good("the binary log has no filter");
            problem("the binary log is filtered (binlog_do_db " + status.text(0, *only) + ", binlog_ignore_db " +
                        status.text(0, *ignored) + "): work and checkpoint may not reach a replica together",
                    "keep the run store in a schema that is logged with the tables (--store-schema)");
        } catch (const Error&) {
            advise("replication filters can't be read",
                   "GRANT REPLICATION CLIENT (MariaDB: BINLOG MONITOR) lets doctor look");
        }
        for (const char* name :
             {"replicate_do_db", "replicate_ignore_db", "replicate_do_table", "replicate_wild_do_table"}) {
            if (const std::string filter = variable(name); !filter.empty())
                advise(std::string{name} + " is " + filter,
                       "see that replicas take the run store's schema with the tables");
        }
    }

    void cluster() {
        const db::Server& server = session_.server();
        if (server.galera)
            advise("Galera: transactions certify at COMMIT; another node's writes may turn one back",
                   "rowmill replays those; send all its sessions to one node, and keep wsrep_sync_wait as it is");
        if (server.group_replication)
            advise("Group Replication: a commit may be turned back, and reads may lag on other members",
                   "connect to the primary of a single-primary group");
        if (!server.galera && !server.group_replication) good("no cluster");
    }

    void proxy() {
        const auto seen = session_.query("SELECT CONNECTION_ID()");
        const std::string id = seen.text(0, 0);
        const std::string comment = variable("version_comment");
        const bool named =
            comment.find("ProxySQL") != std::string::npos || comment.find("MaxScale") != std::string::npos;
        if (id == std::to_string(session_.connection_id()) && !named) return good("no proxy seen");
        problem("a proxy stands between rowmill and the server",
                "one that splits reads from writes or shares connections breaks exactly once: connect to the server "
                "itself");
    }

    void packets() {
        const std::uint64_t most = session_.max_allowed_packet();
        if (most >= small_packet) return;
        advise("max_allowed_packet is " + std::to_string(most) + " bytes", "4 MB or more let batches be large");
    }

    void privileges() {
        try {
            session_.query("SELECT COUNT(*) FROM information_schema.innodb_trx");
            good("open transactions can be seen, so a run's bound can be settled");
        } catch (const Error&) {
            advise(
                "open transactions can't be seen: ids that are uncommitted when a run starts may be left to the next "
                "one",
                "GRANT PROCESS ON *.* to this account, or give source.settle a duration");
        }
        session_.stream("SHOW GRANTS", [&](const db::RowView& row) {
            const std::string grant{row[0]};
            if (grant.find("ALL PRIVILEGES ON *.*") != std::string::npos)
                advise(
                    "this account may do everything",
                    "a run needs SELECT and what its statement does on the table, and all on the run store's schema");
        });
    }

    void store() {
        store::Store store{session_, schema_};
        try {
            if (store.is_current()) return good("the run store `" + schema_ + "` is there and up to date");
            advise("the run store `" + schema_ + "` is not there, or older than this rowmill",
                   "rowmill init creates it, and so does the first run where it may");
        } catch (const Error& error) {
            problem(error.what(), "use the newer rowmill, or another --store-schema");
        }
    }

    db::Session& session_;
    std::string schema_;
    Variables variables_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> examine(db::Session& session, const std::string& store_schema) {
    return Examination{session, store_schema}.run();
}

}  // namespace rowmill::run
