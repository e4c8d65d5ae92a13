#include "engine/checkpointer.hpp"

#include "engine/failpoint.hpp"

namespace rowmill::engine {

void Checkpointer::start(ThreadScope scope) {
    thread_ = std::jthread{[this, scope] {
        const auto held = scope ? scope() : nullptr;
        loop();
    }};
}

void Checkpointer::add(std::shared_ptr<DetachedLane> lane) {
    const std::lock_guard lock{mutex_};
    lanes_.push_back(std::move(lane));
}

void Checkpointer::settled(std::uint64_t items) {
    const std::lock_guard lock{mutex_};
    settled_ += items;
    if (settled_ >= work_.settings.checkpoint_items) wake_.notify_one();
}

void Checkpointer::loop() {
    std::unique_lock lock{mutex_};
    while (!finishing_) {
        wake_.wait_for(lock, work_.settings.checkpoint_interval,
                       [this] { return finishing_ || settled_ >= work_.settings.checkpoint_items; });
        lock.unlock();
        write();
        lock.lock();
    }
}

void Checkpointer::write() {
    const std::lock_guard writing{writing_};
    std::vector<std::shared_ptr<DetachedLane>> lanes;
    {
        const std::lock_guard lock{mutex_};
        lanes = lanes_;
        settled_ = 0;
    }
    std::vector<Settlement> settlements;
    std::vector<std::shared_ptr<DetachedLane>> moved;
    for (const auto& lane : lanes) {
        if (auto settlement = lane->take_settlement()) {
            settlements.push_back(std::move(*settlement));
            moved.push_back(lane);
        }
    }
    if (settlements.empty()) return;
    try {
        const Stopwatch stopwatch{work_.clock, work_.counters.commit_us};
        moved.front()->ledger().record(settlements);
        failpoint("checkpoint-written");
    } catch (const Error& error) {
        for (std::size_t i = 0; i < moved.size(); ++i) moved[i]->give_back(std::move(settlements[i]));
        if (!work_.stopping.is_dropping()) work_.fail(error);
        return;
    }
    for (std::size_t i = 0; i < moved.size(); ++i) {
        work_.count(settlements[i]);
        if (!settlements[i].completes && !moved[i]->is_lost()) continue;
        const std::lock_guard lock{mutex_};
        std::erase(lanes_, moved[i]);
        finished_(moved[i]->origin(),
                  moved[i]->is_lost() ? Assignments::End::lost : Assignments::End::completed);
    }
}

void Checkpointer::finish() {
    {
        const std::lock_guard lock{mutex_};
        finishing_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    write();
    const std::lock_guard lock{mutex_};
    for (const auto& lane : lanes_) finished_(lane->origin(), Assignments::End::stopped);
    lanes_.clear();
}

}  // namespace rowmill::engine
