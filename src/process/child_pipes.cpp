#include "process/child_pipes.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace rowmill::process {
namespace {

struct Pipe {
    Descriptor reader, writer;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error{errno, std::generic_category(), "a pipe"};
    return {Descriptor{ends[0]}, Descriptor{ends[1]}};
}

/// Our end of a pipe; the child's knows nothing of it.
int non_blocking(Descriptor& end) {
    ::fcntl(end.get(), F_SETFL, O_NONBLOCK);
    return end.release();
}

/// How much is read at a time from one child before the others have their turn.
constexpr int reads_a_turn = 4;
/// At its end: what a pipe of the usual size can hold. More would be a grandchild's that outlives it, still writing.
constexpr int last_reads = 16;

std::array<char, 65536>& read_buffer() {
    thread_local std::array<char, 65536> buffer;
    return buffer;
}

void close(boost::asio::posix::stream_descriptor& stream) {
    boost::system::error_code ignored;
    stream.close(ignored);
}

}  // namespace

ChildPipes::ChildPipes(boost::asio::io_context& io, bool input, Listener listener)
    : listener_{std::move(listener)}, input_{io}, output_{io}, errors_{io} {
    Pipe output = make_pipe(), errors = make_pipe();
    if (input) {
        Pipe pipe = make_pipe();
        input_.assign(non_blocking(pipe.writer));
        child_ends_.push_back(std::move(pipe.reader));
    }
    output_.assign(non_blocking(output.reader));
    errors_.assign(non_blocking(errors.reader));
    child_ends_.push_back(std::move(output.writer));
    child_ends_.push_back(std::move(errors.writer));
}

void ChildPipes::open() {
    wait_for_output(output_, listener_.output);
    wait_for_output(errors_, listener_.errors);
    if (input_.is_open()) watch_input();
}

void ChildPipes::wait_for_output(Stream& stream, const Hear& hear) {
    stream.async_wait(Stream::wait_read, [self = shared_from_this(), &stream, &hear](boost::system::error_code) {
        if (!stream.is_open()) return;
        for (int turn = 0; turn < reads_a_turn; ++turn) {
            if (!read_some(stream, hear)) break;
        }
        if (stream.is_open()) self->wait_for_output(stream, hear);
    });
}

/// False where there is nothing more for now. Closes the stream at its end.
bool ChildPipes::read_some(Stream& stream, const Hear& hear) {
    if (!stream.is_open()) return false;
    auto& buffer = read_buffer();
    const ssize_t size = ::read(stream.native_handle(), buffer.data(), buffer.size());
    if (size > 0) {
        if (hear) hear({buffer.data(), static_cast<std::size_t>(size)});
        return true;
    }
    if (size == 0 || (errno != EAGAIN && errno != EINTR)) close(stream);
    return false;
}

void ChildPipes::write(std::string bytes) {
    if (!input_.is_open() || finishing_) return;
    queue_ += bytes;
    if (!waits_for_room_) write_queued();
}

void ChildPipes::finish_input() {
    finishing_ = true;
    if (queue_.empty() && input_.is_open()) close_input(written_);
}

void ChildPipes::write_queued() {
    while (!queue_.empty()) {
        const ssize_t size = ::write(input_.native_handle(), queue_.data(), queue_.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno == EAGAIN) break;
        if (size < 0) return lose_input();
        written_ += static_cast<std::uint64_t>(size);
        queue_.erase(0, static_cast<std::size_t>(size));
    }
    if (queue_.empty()) {
        if (finishing_) close_input(written_);
        return;
    }
    waits_for_room_ = true;
    input_.async_wait(Stream::wait_write, [self = shared_from_this()](boost::system::error_code) {
        self->waits_for_room_ = false;
        if (self->input_.is_open()) self->write_queued();
    });
}

/// A pipe that nobody reads is in error.
void ChildPipes::watch_input() {
    input_.async_wait(Stream::wait_error, [self = shared_from_this()](boost::system::error_code) {
        if (self->input_.is_open()) self->lose_input();
    });
}

void ChildPipes::lose_input() {
    close_input(input_taken());
    queue_.clear();
    if (listener_.input_closed) listener_.input_closed(taken_);
}

std::uint64_t ChildPipes::input_taken() {
    if (!input_.is_open()) return taken_;
    int unread = 0;
    ::ioctl(input_.native_handle(), FIONREAD, &unread);
    return written_ - static_cast<std::uint64_t>(unread);
}

void ChildPipes::close_input(std::uint64_t taken) {
    taken_ = taken;
    close(input_);
}

void ChildPipes::end(Ending ending) {
    for (int turn = 0; turn < last_reads && read_some(output_, listener_.output); ++turn) {
    }
    for (int turn = 0; turn < last_reads && read_some(errors_, listener_.errors); ++turn) {
    }
    if (input_.is_open()) close_input(input_taken());
    ending.input_taken = taken_;
    close(output_);
    close(errors_);
    const auto ended = std::move(listener_.ended);
    listener_ = {};
    if (ended) ended(ending);
}

}  // namespace rowmill::process
