#include "table/sacks.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>

namespace rowmill::table {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds tell_interval{1000};

}  // namespace

/// Calls `waiting` about once a second.
class Settling::Teller {
public:
    explicit Teller(const std::function<void(const std::string&)>& waiting) : waiting_{waiting} {}

    void tell(const std::string& reason) {
        const auto now = steady_clock::now();
        if (waiting_ && (!told_ || now - *told_ >= tell_interval)) {
            waiting_(reason);
            told_ = now;
        }
    }

private:
    const std::function<void(const std::string&)>& waiting_;
    std::optional<steady_clock::time_point> told_;
};

namespace {

/// InnoDB answers from a cache that it renews at most ten times a second.
constexpr milliseconds look_interval{120};
/// Waits, unless stop is asked for.
void pause(milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock{mutex};
    never.wait_for(lock, stop, time, [] { return false; });
    if (stop.stop_requested()) throw Error{ErrorKind::stopped, "stopped while waiting for the bound to settle"};
}

struct OpenTransactions {
    std::set<std::string> ids;
    std::string oldest;     ///< for people
    bool is_fresh = false;  ///< surely not from before the look began
};

/// Tells the transaction of a first look from all others of its session.
constexpr const char* marking_isolation = "READ UNCOMMITTED";

/// The transactions of others that have written. Those that have not yet (id 0 on MariaDB, a huge one made of an
/// address on MySQL) can only get ids that are handed out after the bound was read, above it; a dump that is only
/// reading must not hold up the run.
OpenTransactions look(db::Session& session) {
    const db::ResultSet result = session.query(
        "SELECT trx_id, trx_mysql_thread_id, trx_started, trx_isolation_level FROM information_schema.innodb_trx"
        " WHERE trx_id + 0 BETWEEN 1 AND 281474976710655 OR trx_mysql_thread_id = CONNECTION_ID()"
        " ORDER BY trx_started");
    const std::string own = std::to_string(session.connection_id());
    OpenTransactions open;
    for (std::size_t row = 0; row < result.rows.size(); ++row) {
        if (result.text(row, 1) == own) {
            open.is_fresh = result.text(row, 3) == marking_isolation;
            continue;
        }
        open.ids.insert(result.text(row, 0));
        if (open.oldest.empty()) open.oldest = "connection " + result.text(row, 1) + ", since " + result.text(row, 2);
    }
    return open;
}

/// Whether other sessions are executing statements now.
bool others_execute(db::Session& session) {
    return !session
                .query("SELECT 1 FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command NOT IN"
                       " ('Sleep', 'Daemon', 'Binlog Dump', 'Binlog Dump GTID') LIMIT 1")
                .empty();
}

/// A look from inside a transaction that no earlier answer can show: where it is seen, the answer is no cached one.
OpenTransactions look_marked(db::Session& session) {
    const char* variable = session.server().is_mariadb() ? "@@SESSION.tx_isolation" : "@@SESSION.transaction_isolation";
    const std::string usual = session.query(std::string{"SELECT REPLACE("} + variable + ", '-', ' ')").text(0, 0);
    session.defer(std::string{"SET TRANSACTION ISOLATION LEVEL "} + marking_isolation);
    // What it warns of, that there is no snapshot at this level, is no matter: it begins, which BEGIN alone does not.
    session.defer("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    OpenTransactions open = look(session);
    session.execute("ROLLBACK");
    open.is_fresh = open.is_fresh && usual != marking_isolation;
    return open;
}

bool is_missing_privilege(const Error& error) {
    return error.server_code == 1227 || error.server_code == 1142 || error.server_code == 1044;
}

}  // namespace

struct Settling::Looks {
    OpenTransactions first;
    bool was_quiet = false;  ///< nobody else executed anything
    steady_clock::time_point at = steady_clock::now();
    std::optional<Error> denied;
};

Settling::Settling(db::Session& session, const job::SourceSpec::Settle& settle)
    : session_{session}, settle_{settle}, looks_{std::make_unique<Looks>()} {
    if (!settle.automatic) return;
    try {
        looks_->was_quiet = !others_execute(session);
        looks_->first = look_marked(session);
    } catch (const Error& error) {
        if (!is_missing_privilege(error)) throw;
        looks_->denied = error;
    }
}

Settling::~Settling() = default;

std::string Settling::why_unknown() const {
    if (looks_->denied)
        return "the account may not see which transactions are open (no PROCESS privilege): rows of transactions that were open at "
               "the start may be missed; grant PROCESS, or set source.settle to a duration";
    return {};
}

SettleResult Settling::finish(std::stop_token stop, const std::function<void(const std::string&)>& waiting) {
    SettleResult result;
    const auto start = steady_clock::now();
    Teller teller{waiting};
    if (looks_->denied) {
        result.complete = false;
        result.why_not = why_unknown();
    } else if (settle_.automatic) {
        wait_for_transactions(stop, teller);
    } else {
        wait_fixed(settle_.fixed, stop, teller);
    }
    result.waited = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
    return result;
}

void Settling::wait_fixed(milliseconds time, const std::stop_token& stop, Teller& teller) {
    const auto end = steady_clock::now() + time;
    for (auto left = time; left > milliseconds{0};
         left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now())) {
        teller.tell("waits for the bound to settle");
        pause(std::min(left, tell_interval), stop);
    }
}

void Settling::wait_for_transactions(const std::stop_token& stop, Teller& teller) {
    std::set<std::string> there = looks_->first.ids;
    // A statement gets its id a moment before its transaction is listed as a writer. Where none was on its way when the
    // first look began, and that look was fresh, it has seen all.
    if (looks_->was_quiet && looks_->first.is_fresh && there.empty()) return;
    // Else a second one, past the cache.
    const auto since = std::chrono::duration_cast<milliseconds>(steady_clock::now() - looks_->at);
    if (since < look_interval) pause(look_interval - since, stop);
    OpenTransactions now = look(session_);
    there.insert(now.ids.begin(), now.ids.end());
    while (true) {
        std::erase_if(there, [&](const std::string& id) { return !now.ids.contains(id); });
        if (there.empty()) return;
        teller.tell("waits for " + std::to_string(there.size()) +
                    " transaction(s) that were open when the bound was read (the oldest: " + now.oldest + ")");
        pause(look_interval, stop);
        now = look(session_);
    }
}

SettleResult settle_bound(db::Session& session, const job::SourceSpec::Settle& settle, std::stop_token stop,
                          const std::function<void(const std::string&)>& waiting) {
    return Settling{session, settle}.finish(std::move(stop), waiting);
}

}  // namespace rowmill::table
