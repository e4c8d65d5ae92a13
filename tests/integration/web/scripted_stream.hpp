#pragma once

#include "web/message.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rowmill::test {

/// What a test has streams say, and how many of them there are.
class Script {
public:
    void say(std::string piece) {
        std::vector<std::function<void()>> wakes;
        {
            const std::lock_guard lock{mutex_};
            pieces_.push_back(std::make_shared<const std::string>(std::move(piece)));
            wakes = wakes_;
        }
        for (const auto& wake : wakes) wake();
    }
    void end() {
        over_ = true;
        const std::lock_guard lock{mutex_};
        for (const auto& wake : wakes_) wake();
    }
    int streams() const { return streams_; }

    std::string beat;

private:
    friend class ScriptedStream;
    std::mutex mutex_;
    std::vector<std::shared_ptr<const std::string>> pieces_;
    std::vector<std::function<void()>> wakes_;
    std::atomic<int> streams_{0};
    std::atomic<bool> over_{false};
};

class ScriptedStream : public web::Stream {
public:
    explicit ScriptedStream(Script& script) : script_{script} { ++script_.streams_; }
    ~ScriptedStream() override { --script_.streams_; }

    std::shared_ptr<const std::string> next() override {
        const std::lock_guard lock{script_.mutex_};
        return seen_ < script_.pieces_.size() ? script_.pieces_[seen_++] : nullptr;
    }
    bool is_over() const override {
        const std::lock_guard lock{script_.mutex_};
        return script_.over_ && seen_ == script_.pieces_.size();
    }
    void wake_with(std::function<void()> wake) override {
        const std::lock_guard lock{script_.mutex_};
        script_.wakes_.push_back(std::move(wake));
    }
    std::string heartbeat() const override { return script_.beat; }

private:
    Script& script_;
    std::size_t seen_ = 0;
};

/// Answers every request with a stream of the script.
inline web::Handler streaming(Script& script) {
    return [&script](const web::Request&) {
        web::Response response;
        response.stream = std::make_unique<ScriptedStream>(script);
        return response;
    };
}

}  // namespace rowmill::test
