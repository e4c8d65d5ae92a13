#pragma once

#include "process/child.hpp"
#include "process/descriptor.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace rowmill::process {

/// Our ends of a child's pipes. Used on the thread that runs the io_context, where the listener is called too.
class ChildPipes : public std::enable_shared_from_this<ChildPipes> {
public:
    /// Throws std::system_error where there are no descriptors left.
    ChildPipes(boost::asio::io_context& io, bool input, Listener listener);

    /// The child's ends, once: stdin where it is a pipe, stdout, stderr.
    std::vector<Descriptor> take_child_ends() { return std::move(child_ends_); }
    void open();
    /// Appends to what is to be written to the child's stdin. Ignored once that is closed.
    void write(std::string bytes);
    /// Closes the child's stdin once all is written.
    void finish_input();
    /// The child is gone: reads what is left in its pipes, and tells its end.
    void end(Ending ending);

private:
    using Stream = boost::asio::posix::stream_descriptor;
    using Hear = std::function<void(std::string_view)>;

    void wait_for_output(Stream& stream, const Hear& hear);
    static bool read_some(Stream& stream, const Hear& hear);
    void write_queued();
    void watch_input();
    void lose_input();
    std::uint64_t input_taken();
    void close_input(std::uint64_t taken);

    Listener listener_;
    Stream input_, output_, errors_;
    std::vector<Descriptor> child_ends_;
    std::string queue_;          ///< not yet in the pipe
    std::uint64_t written_ = 0;  ///< into the pipe
    std::uint64_t taken_ = 0;    ///< out of it, once it is closed
    bool waits_for_room_ = false;
    bool finishing_ = false;
};

}  // namespace rowmill::process
