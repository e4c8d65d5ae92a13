#include "crowd.hpp"

#include "support/eventually.hpp"
#include "support/field.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace rowmill::test {

Crowd::Crowd(const Trial& trial, Dice& dice, std::size_t size, std::vector<std::string> flags)
    : trial_{trial}, dice_{dice}, size_{size}, flags_{std::move(flags)} {
    flags_.insert(flags_.end(), {"--progress", "none"});
}

void Crowd::join() {
    std::vector<std::string> flags = flags_;
    flags.emplace_back("--join");
    members_.push_back({.process = trial_.start(flags)});
    ++joined_;
}

void Crowd::trouble_until(const std::function<bool()>& is_done) {
    while (!is_done()) {
        bury_the_dead();
        if (members_.size() < size_) join();
        wake_the_rested();
        const auto next = std::chrono::steady_clock::now() + std::chrono::milliseconds{dice_.between(20, 400)};
        (void)eventually([&] { return std::chrono::steady_clock::now() >= next; });
        trouble_one();
    }
}

void Crowd::wake_the_rested() {
    for (Member& member : members_) {
        if (!member.sleeps || std::chrono::steady_clock::now() < member.wake_at) continue;
        member.process->send_signal(SIGCONT);
        member.sleeps = false;
    }
}

void Crowd::trouble_one() {
    Member& member = members_[dice_.between(0, members_.size() - 1)];
    if (dice_.chance(0.3)) {
        member.process->kill();
        ++kills_;
    } else if (!member.sleeps && dice_.chance(0.5)) {
        suspend(member.process->pid());
        member.sleeps = true;
        member.wake_at = std::chrono::steady_clock::now() + std::chrono::milliseconds{dice_.between(500, 5000)};
        ++sleeps_;
    }
}

void Crowd::bury_the_dead() {
    for (Member& member : members_)
        if (has_ended(*member.process)) take_down(member);
    std::erase_if(members_, [](const Member& member) { return member.process == nullptr; });
}

void Crowd::take_down(Member& member) {
    const Finished finished = member.process->wait();
    ends_.push_back(finished.how());
    if (!finished.signal && !finished.succeeded()) complaints_ += finished.how() + ": " + finished.errors + "\n";
    member.process.reset();
}

std::vector<std::string> Crowd::dismiss() {
    for (Member& member : members_) member.process->send_signal(SIGCONT);
    for (Member& member : members_) take_down(member);
    members_.clear();
    std::ranges::sort(ends_);
    return std::exchange(ends_, {});
}

std::uint64_t shared_rows(std::uint64_t usually) {
    const char* said = std::getenv("ROWMILL_SHARED_ROWS");
    return said == nullptr || *said == '\0' ? usually : std::strtoull(said, nullptr, 10);
}

}  // namespace rowmill::test
