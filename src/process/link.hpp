#pragma once

#include "process/message.hpp"
#include "process/supervisor_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace rowmill::process {

/// The conversation with one supervisor. Used on the thread that runs the io_context; `heard` and `lost` are called
/// there.
class Link : public std::enable_shared_from_this<Link> {
public:
    /// Starts the supervisor. Throws Error{fatal}.
    Link(boost::asio::io_context& io, const std::string& executable);

    /// `lost` is called once, where the supervisor dies, and nothing is heard after it.
    void open(std::function<void(const Message&)> heard, std::function<void()> lost);
    /// Sends a message with the descriptors that it speaks of.
    void send(const Message& message, std::vector<Descriptor> descriptors = {});
    /// Nothing is heard any more. The supervisor's end is waited for when this is destroyed.
    void close();

    pid_t supervisor() const { return supervisor_.pid(); }

private:
    struct Frame {
        std::string bytes;
        std::vector<Descriptor> descriptors;
        std::size_t sent = 0;
    };

    void wait_for_messages();
    void receive();
    void send_queued();
    bool send_some(Frame& frame);
    void lose();

    SupervisorProcess supervisor_;
    boost::asio::posix::stream_descriptor socket_;
    std::function<void(const Message&)> heard_;
    std::function<void()> lost_;
    MessageBuffer buffer_;
    std::deque<Frame> queue_;
    bool waits_for_room_ = false;
    bool open_ = false;
};

}  // namespace rowmill::process
