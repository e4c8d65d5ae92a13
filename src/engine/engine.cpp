#include "engine/engine.hpp"

#include "engine/checkpointer.hpp"
#include "engine/fault.hpp"
#include "engine/transacted.hpp"

#include <thread>

namespace rowmill::engine {
namespace {

/// One reader: lane after lane, until there is none or nothing is left of the limit.
void read_lanes(unsigned reader, Assignments& assignments, Work& work, Checkpointer& checkpointer,
                std::stop_source& no_more) {
    Pace pace{.batch = BatchSize{work.batch_limits()}, .page = PageSize{work.settings.page_items}};
    while (!work.budget.is_spent()) {
        auto lane = assignments.next(reader, no_more.get_token());
        if (!lane) return;
        const OriginId origin = lane->origin;
        if (lane->transaction) {
            const Assignments::End end = drive_transacted(*lane, work, pace, no_more.get_token());
            lane.reset();
            assignments.finished(reader, origin, end);
            continue;
        }
        const auto detached = std::make_shared<DetachedLane>(std::move(lane), work, checkpointer);
        checkpointer.add(detached);
        drive_detached(detached, work, pace, no_more.get_token());
    }
    no_more.request_stop();  // the limit is spent: the readers that wait for a lane are let go
}

}  // namespace

void run_lanes(Assignments& assignments, Work& work, const ThreadScope& scope) {
    Checkpointer checkpointer{work,
                              [&](OriginId origin, Assignments::End end) { assignments.finished(0, origin, end); }};
    checkpointer.start(scope);
    std::stop_source no_more;
    const std::stop_callback on_drain{work.stopping.draining(), [&no_more] { no_more.request_stop(); }};
    {
        std::vector<std::jthread> readers;
        for (unsigned reader = 0; reader < work.settings.readers; ++reader) {
            readers.emplace_back([&, reader] {
                try {
                    const auto held = scope ? scope() : nullptr;
                    read_lanes(reader, assignments, work, checkpointer, no_more);
                } catch (...) {
                    const Error error = current_error();
                    if (error.kind() != ErrorKind::stopped && !work.stopping.is_dropping()) work.fail(error);
                }
            });
        }
    }
    work.dispatcher.close();
    work.dispatcher.wait_until_empty();
    // Only now: what was begun within the limit is finished like everything else.
    if (work.budget.is_spent()) work.stopping.drain("the limit is reached");
    checkpointer.finish();
}

}  // namespace rowmill::engine
