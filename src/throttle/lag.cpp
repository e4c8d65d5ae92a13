#include "throttle/lag.hpp"

#include "db/errors.hpp"
#include "db/login.hpp"
#include "item/error_kind.hpp"
#include "job/read.hpp"
#include "throttle/probe.hpp"
#include "throttle/replicas.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace rowmill::throttle {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds list_again_after{5};
constexpr unsigned first_show_replicas = 80022;
constexpr double unknown_strain = 2;

const char* listing_of(const db::Server& server) {
    return server.is_mariadb() || server.version < first_show_replicas ? "SHOW SLAVE HOSTS" : "SHOW REPLICAS";
}

const char* status_of(const db::Server& server) {
    if (server.is_mariadb()) return "SHOW ALL SLAVES STATUS";
    return server.version < first_show_replicas ? "SHOW SLAVE STATUS" : "SHOW REPLICA STATUS";
}

/// As whom, beside the host, a replica is asked: like the run's own server.
db::Endpoint endpoint_at(const Place& place, db::Endpoint login) {
    login.host = place.host;
    login.port = place.port;
    login.socket.clear();
    login.database.clear();
    return login;
}

/// Who a server is: another one may stand at the same address after a failover.
std::string identity_of(const db::Server& server) {
    return server.uuid + "/" + std::to_string(server.server_id) + "/" + server.host + ":" + std::to_string(server.port);
}

bool is_about_the_job(const Error& error) {
    return error.kind() == ErrorKind::usage || error.kind() == ErrorKind::fatal || error.kind() == ErrorKind::row;
}

struct Replica {
    Replica(std::string given_name, db::Endpoint endpoint) : name{std::move(given_name)}, probe{{std::move(endpoint), {}}} {}

    std::string name;
    Probe probe;
};

class Lag : public Throttle {
public:
    Lag(const job::ThrottleSpec& spec, const db::Connector& server)
        : most_{std::chrono::duration<double>{*spec.max_lag}.count()},
          limit_text_{"max_lag " + job::display(*spec.max_lag)},
          login_{server.endpoint()},
          ignored_{spec.ignore_replicas},
          is_listed_{!spec.replicas.empty()},
          primary_{server} {
        for (const std::string& name : ignored_) parse_place(name, login_.port, "throttle.ignore_replicas");
        for (const std::string& name : spec.replicas) add_listed(name);
        if (!spec.heartbeat.empty()) read_heartbeat(spec.heartbeat);
    }

    std::string kind() const override { return "lag"; }
    std::string asks() const override {
        const std::lock_guard lock{mutex_};
        if (asked_ != nullptr) return "replica " + asked_->name;
        return is_listed_ ? "the replicas" : "the server, which replicas it has";
    }
    void interrupt() override {
        // The one that is asked stays while this is under way: only the thread that asks it takes it away.
        const std::lock_guard lock{mutex_};
        asked_ == nullptr ? primary_.interrupt() : asked_->probe.interrupt();
    }

    Reading look() override {
        if (!is_listed_ && (!is_found_ || steady_clock::now() - listed_at_ >= list_again_after)) list_again();
        if (!heartbeat_query_.empty() && !is_heartbeat_known_) check_heartbeat();
        Reading worst;
        for (auto at = replicas_.begin(); at != replicas_.end();) {
            const auto reading = measure(*at->second);
            at = reading ? std::next(at) : replicas_.erase(at);
            if (!reading) continue;
            const auto lag = std::max(worst.lag_seconds, reading->lag_seconds);
            if (reading->strain > worst.strain) worst = *reading;
            worst.lag_seconds = lag;
        }
        is_first_ = false;
        return worst;
    }

private:
    void add_listed(const std::string& name) {
        const std::string where = "throttle.replicas";
        db::Endpoint endpoint;
        if (name.find("://") == std::string::npos) {
            endpoint = endpoint_at(parse_place(name, login_.port, where), login_);
        } else {
            db::Endpoint base = login_;
            base.database.clear();
            endpoint = db::parse_dsn(name, std::move(base));
        }
        const Place place{endpoint.host, endpoint.port};
        const std::string shown = endpoint.socket.empty() ? place.display() : endpoint.socket;
        if (!is_ignored(place, ignored_)) replicas_.try_emplace(shown, std::make_unique<Replica>(shown, std::move(endpoint)));
    }

    void read_heartbeat(const std::string& table) {
        const std::size_t dot = table.find('.');
        const std::string schema = dot == std::string::npos ? login_.database : table.substr(0, dot);
        if (schema.empty()) throw Error{ErrorKind::usage, "throttle.heartbeat: write the table as schema.table"};
        heartbeat_query_ = "SELECT server_id, TIMESTAMPDIFF(MICROSECOND, CAST(ts AS DATETIME(6)), UTC_TIMESTAMP(6)) FROM " +
                           db::quote_name(schema, dot == std::string::npos ? table : table.substr(dot + 1));
    }

    void check_heartbeat() {
        try {
            primary_.ask(heartbeat_query_);
            primary_id_ = primary_.server().server_id;
        } catch (const Error& error) {
            if (is_first_ && is_about_the_job(error))
                throw Error{ErrorKind::usage, "throttle.heartbeat: " + db::without_statement(error)};
            throw;
        }
        is_heartbeat_known_ = true;
    }

    /// Where replicas are known, a server that does not tell now is no reason to wait: the run itself finds out.
    void list_again() {
        try {
            list();
            listed_at_ = steady_clock::now();
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::usage || replicas_.empty()) throw;
        }
    }

    void list() {
        std::string refused;
        const auto ask = [&](const char* sql) {
            try {
                return primary_.ask(sql);
            } catch (const Error& error) {
                if (!is_about_the_job(error)) throw;
                refused += "; " + db::without_statement(error);
                return db::ResultSet{};
            }
        };
        const db::Server server = primary_.server();
        const db::ResultSet listed = ask(listing_of(server));
        const db::ResultSet processes = ask("SHOW PROCESSLIST");
        if (const std::string identity = identity_of(server); identity != primary_identity_) {
            replicas_.clear();
            primary_identity_ = identity;
            primary_id_ = server.server_id;
        }
        const std::vector<Place> found = replicas_in(listed, processes, server.port == 0 ? login_.port : server.port);
        for (const Place& place : found)
            if (!is_ignored(place, ignored_) && !replicas_.contains(place.display()))
                replicas_.try_emplace(place.display(), std::make_unique<Replica>(place.display(), endpoint_at(place, login_)));
        if (replicas_.empty() && ignored_.empty())
            throw Error{is_found_ ? ErrorKind::fatal : ErrorKind::usage,
                        "throttle.max_lag: " + primary_.place() + " knows of no replica" + refused +
                            "; list them in throttle.replicas, or leave max_lag out (`rowmill set RUN max_lag=`, where it "
                            "was set while the run was on)"};
        is_found_ = true;
    }

    /// None where it is the server itself, as after a failover.
    std::optional<Reading> measure(Replica& replica) {
        const auto ask_whom = [this](Replica* whom) {
            const std::lock_guard lock{mutex_};
            asked_ = whom;
        };
        ask_whom(&replica);
        const auto forget = [&](void*) { ask_whom(nullptr); };
        const std::unique_ptr<void, decltype(forget)> asked{this, forget};
        try {
            const db::Server& server = replica.probe.server();
            if (!is_listed_ && server.server_id == primary_id_) return {};
            return judge(replica.name, heartbeat_query_.empty()
                                           ? standing_in(replica.probe.ask(status_of(server)))
                                           : standing_by_heartbeat(replica.probe.ask(heartbeat_query_), primary_id_));
        } catch (const Error& error) {
            const std::string what = "replica " + replica.name + ": " + db::without_statement(error);
            if (is_first_ && is_about_the_job(error))
                throw Error{ErrorKind::usage, "throttle.max_lag: " + what +
                                                  "; the run's account needs REPLICATION CLIENT there (MariaDB: REPLICA MONITOR), or "
                                                  "list the replica in throttle.ignore_replicas"};
            return Reading{.strain = unknown_strain, .reason = what};
        }
    }

    Reading judge(const std::string& name, const Standing& standing) const {
        if (!standing.lag_seconds) return {.strain = unknown_strain, .reason = "replica " + name + ": " + standing.why};
        const double lag = *standing.lag_seconds;
        return {.strain = most_ > 0 ? lag / most_ : (lag > 0 ? unknown_strain : 0),
                .reason = "replica " + name + " lags " + display(lag) + " s behind (" + limit_text_ + ")",
                .lag_seconds = lag};
    }

    const double most_;
    const std::string limit_text_;
    const db::Endpoint login_;
    const std::vector<std::string> ignored_;
    const bool is_listed_;  ///< by the job
    std::string heartbeat_query_;
    Probe primary_;
    std::uint32_t primary_id_ = 0;
    std::string primary_identity_;
    std::map<std::string, std::unique_ptr<Replica>> replicas_;
    bool is_found_ = false, is_first_ = true, is_heartbeat_known_ = false;
    steady_clock::time_point listed_at_;
    mutable std::mutex mutex_;
    Replica* asked_ = nullptr;
};

}  // namespace

std::unique_ptr<Throttle> lag(const job::ThrottleSpec& spec, const db::Connector& server) {
    return std::make_unique<Lag>(spec, server);
}

}  // namespace rowmill::throttle
