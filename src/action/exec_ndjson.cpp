#include "action/exec_ndjson.hpp"

#include "action/coprocess.hpp"
#include "action/exec_command.hpp"
#include "action/ndjson.hpp"

#include <algorithm>
#include <deque>
#include <vector>

namespace rowmill::action {
namespace {

/// Gives each row to the coprocess that can begin it the soonest. All but start runs on the launcher's thread.
class NdjsonAction : public engine::Action {
public:
    NdjsonAction(const Outside& outside, ExecOptions options);

    engine::Where runs_on() const override { return engine::Where::io; }
    /// Coprocesses that are no longer needed stay, without work.
    std::uint64_t make_room(std::uint64_t items) override;
    void start(const engine::Batch& batch, engine::Context context, engine::Reply reply) override;

private:
    void add_coprocesses(std::uint64_t rows);
    void give_out();
    Coprocess* readiest();

    const std::string run_token_;
    const ExecLog log_;
    CoprocessSetting setting_;
    std::vector<std::unique_ptr<Coprocess>> coprocesses_;
    std::deque<std::shared_ptr<CoprocessWork>> queue_;
    process::Launcher launcher_;  ///< the last: it calls the others until it is destroyed
};

NdjsonAction::NdjsonAction(const Outside& outside, ExecOptions options)
    : run_token_{outside.run_token},
      log_{outside},
      setting_{&launcher_, CommandTemplate{outside}.render(), &log_, options},
      launcher_{options.launcher} {
    setting_.command.input = true;
    add_coprocesses(outside.slots);
}

/// As many in all as so many rows at once need. Nothing is started before there is work for it.
void NdjsonAction::add_coprocesses(std::uint64_t rows) {
    const std::uint64_t rows_a_coprocess = std::max(1U, setting_.options.rows_a_coprocess);
    while (coprocesses_.size() * rows_a_coprocess < std::max<std::uint64_t>(rows, 1))
        coprocesses_.push_back(std::make_unique<Coprocess>(setting_, [this] { give_out(); }));
}

std::uint64_t NdjsonAction::make_room(std::uint64_t items) {
    const std::uint64_t room = room_for_children(items);
    launcher_.post([this, room] {
        add_coprocesses(room);
        give_out();
    });
    return room;
}

void NdjsonAction::start(const engine::Batch& batch, engine::Context context, engine::Reply reply) {
    const auto work = std::make_shared<CoprocessWork>();
    const Key key = batch.items[0].key();
    work->subject = {display(key), batch.attempt};
    work->last_class = batch.last_class;
    work->request = [items = batch.items, attempt = batch.attempt, token = idempotency_token(run_token_, key)](
                        std::uint64_t id) { return request_line(id, attempt, token, items[0]); };
    work->stop = std::move(context.stop);
    work->reply = std::move(reply);
    launcher_.post([this, work] {
        queue_.push_back(work);
        give_out();
    });
}

void NdjsonAction::give_out() {
    while (!queue_.empty()) {
        Coprocess* coprocess = readiest();
        if (coprocess == nullptr) return;
        auto work = std::move(queue_.front());
        queue_.pop_front();
        coprocess->give(std::move(work));
    }
}

Coprocess* NdjsonAction::readiest() {
    Coprocess* best = nullptr;
    std::optional<Coprocess::Readiness> least;
    for (const auto& coprocess : coprocesses_) {
        const auto readiness = coprocess->readiness();
        if (!readiness || (least && *least <= *readiness)) continue;
        best = coprocess.get();
        least = readiness;
        if (*least == Coprocess::Readiness::idle) break;
    }
    return best;
}

}  // namespace

std::shared_ptr<engine::Action> ndjson_action(const Outside& outside, ExecOptions options) {
    return std::make_shared<NdjsonAction>(outside, std::move(options));
}

}  // namespace rowmill::action
