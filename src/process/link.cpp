#include "process/link.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace rowmill::process {
namespace {

using Wait = boost::asio::posix::stream_descriptor::wait_type;

constexpr std::size_t most_descriptors = 3;

}  // namespace

Link::Link(boost::asio::io_context& io, const std::string& executable)
    : supervisor_{executable}, socket_{io, supervisor_.socket().release()} {}

void Link::open(std::function<void(const Message&)> heard, std::function<void()> lost) {
    heard_ = std::move(heard);
    lost_ = std::move(lost);
    open_ = true;
    wait_for_messages();
}

void Link::send(const Message& message, std::vector<Descriptor> descriptors) {
    queue_.push_back({encode(message), std::move(descriptors)});
    if (!waits_for_room_) send_queued();
}

void Link::close() {
    open_ = false;
    queue_.clear();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void Link::wait_for_messages() {
    socket_.async_wait(Wait::wait_read, [self = shared_from_this()](boost::system::error_code) {
        if (self->open_) self->receive();
    });
}

void Link::receive() {
    std::array<char, 16384> bytes;
    const ssize_t size = ::recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return lose();
    if (size > 0) buffer_.append({bytes.data(), static_cast<std::size_t>(size)});
    while (open_) {
        const std::optional<Message> message = buffer_.next();
        if (!message) break;
        heard_(*message);
    }
    if (open_) wait_for_messages();
}

void Link::send_queued() {
    while (!queue_.empty() && send_some(queue_.front())) {
        if (queue_.front().sent == queue_.front().bytes.size()) queue_.pop_front();
    }
    if (queue_.empty() || !open_) return;
    waits_for_room_ = true;
    socket_.async_wait(Wait::wait_write, [self = shared_from_this()](boost::system::error_code) {
        self->waits_for_room_ = false;
        if (self->open_) self->send_queued();
    });
}

/// False where the socket has no room. What can't be sent at all is forgotten: the reader hears of the supervisor's
/// end.
bool Link::send_some(Frame& frame) {
    iovec part{frame.bytes.data() + frame.sent, frame.bytes.size() - frame.sent};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> control{};
    if (!frame.descriptors.empty()) {
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(frame.descriptors.size() * sizeof(int));
        cmsghdr* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(frame.descriptors.size() * sizeof(int));
        for (std::size_t index = 0; index < frame.descriptors.size(); ++index) {
            const int number = frame.descriptors[index].get();
            std::memcpy(CMSG_DATA(rights) + index * sizeof(int), &number, sizeof number);
        }
    }
    const ssize_t size = ::sendmsg(socket_.native_handle(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) return false;
    if (size < 0 && errno == EINTR) return true;
    frame.descriptors.clear();
    frame.sent = size < 0 ? frame.bytes.size() : frame.sent + static_cast<std::size_t>(size);
    return true;
}

void Link::lose() {
    const auto lost = lost_;
    close();
    lost();
}

}  // namespace rowmill::process
