#include "store/cells.hpp"
#include "store/microseconds.hpp"
#include "store/store.hpp"
#include "store/transaction.hpp"

#include <charconv>

namespace rowmill::store {
namespace {

std::string join(std::span<const std::uint64_t> numbers) {
    std::string text;
    for (const std::uint64_t number : numbers) {
        if (!text.empty()) text += ',';
        text += std::to_string(number);
    }
    return text;
}

std::vector<std::uint64_t> split(const std::string& text) {
    std::vector<std::uint64_t> numbers;
    const char* at = text.data();
    const char* const end = at + text.size();
    std::uint64_t number = 0;
    for (; at < end; ++at) {
        const auto parsed = std::from_chars(at, end, number);
        if (parsed.ec != std::errc{}) break;
        numbers.push_back(number);
        at = parsed.ptr;
    }
    return numbers;
}

WorkerRecord read(Cells cells) {
    WorkerRecord worker;
    worker.id = cells.number();
    worker.run = cells.number();
    worker.identity.host = cells.text();
    worker.identity.boot_id = cells.text();
    worker.identity.pid = cells.number();
    worker.identity.start_ticks = cells.number();
    worker.connection_ids = split(cells.text());
    worker.lease_expires_at = cells.text();
    worker.lease_expired = cells.flag();
    if (cells.is_null())
        cells.skip();
    else
        worker.sack = cells.number();
    worker.report = cells.text();
    return worker;
}

}  // namespace

WorkerId Store::register_worker(RunId run, const WorkerIdentity& identity, std::chrono::milliseconds lease,
                                std::span<const std::uint64_t> connection_ids) {
    return session_
        .execute(sql("register_worker", {{"run", run},
                                         {"host", Value::text(identity.host)},
                                         {"boot_id", Value::text(identity.boot_id)},
                                         {"pid", identity.pid},
                                         {"start_ticks", identity.start_ticks},
                                         {"connection_ids", Value::text(join(connection_ids))},
                                         {"server", Value::text(session_.server().identity())},
                                         {"uptime", server_uptime_seconds()},
                                         {"lease", in_microseconds(lease)}}))
        .last_insert_id;
}

bool Store::renew_lease(WorkerId worker, const WorkerIdentity& identity, std::chrono::milliseconds lease) {
    const auto renewed = session_.execute(sql("renew_lease", {{"worker", worker},
                                                              {"host", Value::text(identity.host)},
                                                              {"boot_id", Value::text(identity.boot_id)},
                                                              {"pid", identity.pid},
                                                              {"start_ticks", identity.start_ticks},
                                                              {"lease", in_microseconds(lease)}}));
    return renewed.matched == 1;
}

void Store::note_connections(WorkerId worker, std::span<const std::uint64_t> connection_ids) {
    session_.execute(sql("note_connections", {{"worker", worker},
                                              {"connection_ids", Value::text(join(connection_ids))},
                                              {"server", Value::text(session_.server().identity())},
                                              {"uptime", server_uptime_seconds()}}));
}

std::vector<std::uint64_t> Store::connections_of(WorkerId worker) {
    const db::ResultSet result =
        session_.query(sql("connections_of_worker", {{"worker", worker},
                                                     {"server", Value::text(session_.server().identity())},
                                                     {"uptime", server_uptime_seconds()}}));
    return result.empty() ? std::vector<std::uint64_t>{} : split(result.text(0, 0));
}

std::uint64_t Store::server_uptime_seconds() {
    const db::ResultSet shown = session_.query(sql("server_uptime"));
    Cells cells{shown, 0};
    cells.skip();  // its name
    constexpr std::uint64_t ten_years = 315'360'000;
    const std::uint64_t seconds = cells.number();
    return seconds > ten_years ? 0 : seconds;  // in its first second a server may tell a negative number
}

std::vector<WorkerRecord> Store::workers(RunId run) {
    return records(session_.query(sql("workers_of_run", {{"run", run}})), read);
}

void Store::leave(WorkerId worker) {
    remove_worker(worker, "delete_worker");
}

void Store::declare_gone(WorkerId worker) {
    remove_worker(worker, "delete_worker");
}

bool Store::declare_expired(WorkerId worker) {
    return remove_worker(worker, "delete_expired_worker");
}

bool Store::remove_worker(WorkerId worker, std::string_view remove) {
    const std::vector<SackId> sacks = ids(sql("sacks_of_worker", {{"worker", worker}}));
    const std::vector<WaitingId> waiting = ids(sql("waiting_of_worker", {{"worker", worker}}));
    // First the worker, by itself: from now on its sacks are orphans, whatever happens to us.
    if (session_.execute(sql(remove, {{"worker", worker}})).matched != 1) return false;
    return_sacks(worker, sacks);
    return_waiting(worker, waiting);
    return true;
}

void Store::return_sacks(WorkerId worker, std::span<const SackId> held) {
    if (held.empty()) return;
    Transaction transaction{session_};
    const std::vector<SackId> free =
        ids(sql("lock_sacks_of_worker", {{"worker", worker}, {"ids", std::vector(held.begin(), held.end())}}));
    if (free.empty()) return;
    session_.execute(sql("return_sacks", {{"ids", free}}));
    transaction.commit();
}

}  // namespace rowmill::store
