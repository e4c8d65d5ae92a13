#include "process/message.hpp"

#include <doctest/doctest.h>
#include <rowmill/error.hpp>

using namespace rowmill;
using process::Message;
using process::MessageBuffer;

namespace {

const Message start{Message::Kind::start, 7, 3, "/tmp", {"convert", "", std::string{"a\0b", 3}}, {"A=1"}};
const Message ended{Message::Kind::ended, 9, -1};

}  // namespace

TEST_CASE("a message arrives as it was sent") {
    MessageBuffer buffer;
    buffer.append(process::encode(start) + process::encode(ended));
    CHECK(buffer.next() == start);
    CHECK(buffer.next() == ended);
    CHECK_FALSE(buffer.next().has_value());
}

TEST_CASE("a message that comes byte by byte is taken when it is whole") {
    MessageBuffer buffer;
    const std::string bytes = process::encode(start) + process::encode(ended);
    std::vector<Message> heard;
    for (const char byte : bytes) {
        buffer.append({&byte, 1});
        while (const auto message = buffer.next()) heard.push_back(*message);
    }
    CHECK(heard == std::vector<Message>{start, ended});
}

TEST_CASE("the number of a frame can be set afterwards") {
    std::string frame = process::encode({Message::Kind::started, 9, 0});
    process::set_number(frame, 1234567890123);
    CHECK(frame == process::encode({Message::Kind::started, 9, 1234567890123}));
}

TEST_CASE("bytes that are no message are an error, not a message") {
    std::string frame = process::encode(ended);
    SUBCASE("an unknown kind") {
        frame[4] = 99;
    }
    SUBCASE("a text longer than the frame") {
        frame[21] = 100;
    }
    SUBCASE("a frame longer than its message") {
        frame[0] = static_cast<char>(frame[0] + 1);
        frame += '\0';
    }
    MessageBuffer buffer;
    buffer.append(frame);
    CHECK_THROWS_AS(buffer.next(), Error);
}
