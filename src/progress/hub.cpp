#include "progress/hub.hpp"

#include <cstdio>
#include <exception>
#include <utility>

namespace rowmill::progress {
namespace {

// A listener's fault (a full disk, a closed pipe) must neither stop the run nor keep the others from hearing.
template <typename Tell>
void tell_each(const std::vector<std::shared_ptr<Listener>>& listeners, Tell tell) {
    for (const std::shared_ptr<Listener>& listener : listeners) {
        try {
            tell(*listener);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "progress could not be shown: %s\n", error.what());
        } catch (...) {
            std::fprintf(stderr, "progress could not be shown\n");
        }
    }
}

}  // namespace

void Hub::add(std::shared_ptr<Listener> listener) {
    const std::scoped_lock lock{mutex_};
    listeners_.push_back(std::move(listener));
}

void Hub::progress(const Snapshot& now) {
    const std::scoped_lock lock{mutex_};
    tell_each(listeners_, [&](Listener& listener) { listener.progress(now); });
}

void Hub::note(const std::string& line) {
    const std::scoped_lock lock{mutex_};
    tell_each(listeners_, [&](Listener& listener) { listener.note(line); });
}

void Hub::warning(const std::string& line) {
    const std::scoped_lock lock{mutex_};
    tell_each(listeners_, [&](Listener& listener) { listener.warning(line); });
}

void Hub::detail(const std::string& line) {
    const std::scoped_lock lock{mutex_};
    tell_each(listeners_, [&](Listener& listener) { listener.detail(line); });
}

void Hub::finished(const Summary& summary) {
    const std::scoped_lock lock{mutex_};
    tell_each(listeners_, [&](Listener& listener) { listener.finished(summary); });
}

}  // namespace rowmill::progress
