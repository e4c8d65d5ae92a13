#include "support/packets.hpp"
#include "support/tcp_proxy.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace rowmill::test;

namespace {

std::string packet(char sequence, const std::string& payload) {
    return std::string{static_cast<char>(payload.size() & 255), static_cast<char>(payload.size() >> 8), 0, sequence} +
           payload;
}

}  // namespace

TEST_CASE("packets come out whole however the bytes arrive") {
    const std::string bytes = packet(0, "\x03SELECT 1") + packet(0, std::string(300, 'x'));
    PacketReader reader;
    std::string joined;
    int count = 0;
    for (const char byte : bytes) {
        reader.feed(std::string(1, byte));
        while (const auto next = reader.next()) {
            joined += *next;
            ++count;
        }
    }
    CHECK(count == 2);
    CHECK(joined == bytes);
}

TEST_CASE("only commands that carry a statement have one") {
    CHECK(statement_of(packet(0,
                              "\x03"
                              "COMMIT")) == "COMMIT");
    CHECK(statement_of(packet(0, "\x16UPDATE t SET n = ?")) == "UPDATE t SET n = ?");
    CHECK_FALSE(statement_of(packet(0, "\x0e")));
    CHECK_FALSE(statement_of(packet(1, "\x03handshake")));
}

TEST_CASE("a statement is recognised whole, whatever its case and blanks") {
    const auto commit = statement_is("COMMIT");
    CHECK(commit(" commit ;"));
    CHECK_FALSE(commit("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"));
    CHECK_FALSE(commit("COMMI"));
}

TEST_CASE("a statement is recognised by a part of it, whatever its case") {
    CHECK(statement_has("from books")("SELECT 1 FROM Books WHERE 1"));
    CHECK_FALSE(statement_has("books")("SELECT 1"));
}
