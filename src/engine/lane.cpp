#include "engine/lane.hpp"

namespace rowmill::engine {

Reply& Reply::operator=(Reply&& other) noexcept {
    if (this != &other) {
        deliver(Error{ErrorKind::row, "the action never answered"});
        deliver_ = std::exchange(other.deliver_, nullptr);
    }
    return *this;
}

Reply::~Reply() { deliver(Error{ErrorKind::row, "the action never answered"}); }

void Reply::deliver(Answer answer) {
    if (auto deliver = std::exchange(deliver_, nullptr)) deliver(std::move(answer));
}

}  // namespace rowmill::engine
