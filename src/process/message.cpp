#include "process/message.hpp"

#include <rowmill/error.hpp>

#include <cstring>

namespace rowmill::process {
namespace {

template <typename Number>
void put(std::string& bytes, Number number) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put_text(std::string& bytes, const std::string& text) {
    put(bytes, static_cast<std::uint32_t>(text.size()));
    bytes += text;
}

void put_list(std::string& bytes, const std::vector<std::string>& list) {
    put(bytes, static_cast<std::uint32_t>(list.size()));
    for (const std::string& text : list) put_text(bytes, text);
}

class Cursor {
public:
    explicit Cursor(std::string_view bytes) : rest_{bytes} {}

    template <typename Number>
    Number take() {
        Number number{};
        std::memcpy(&number, take_bytes(sizeof number).data(), sizeof number);
        return number;
    }
    std::string take_text() { return std::string{take_bytes(take<std::uint32_t>())}; }
    std::vector<std::string> take_list() {
        std::vector<std::string> list;
        for (auto left = take<std::uint32_t>(); left > 0; --left) list.push_back(take_text());
        return list;
    }
    bool is_empty() const { return rest_.empty(); }

private:
    std::string_view take_bytes(std::size_t size) {
        if (size > rest_.size())
            throw Error{ErrorKind::internal, "a frame between rowmill and its supervisor is cut short"};
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
};

Message decode(std::string_view body) {
    Cursor cursor{body};
    Message message;
    const auto kind = cursor.take<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(Message::Kind::ended))
        throw Error{ErrorKind::internal, "a frame between rowmill and its supervisor is of no known kind"};
    message.kind = static_cast<Message::Kind>(kind);
    message.id = cursor.take<std::uint64_t>();
    message.number = cursor.take<std::int64_t>();
    message.text = cursor.take_text();
    message.arguments = cursor.take_list();
    message.environment = cursor.take_list();
    if (!cursor.is_empty()) throw Error{ErrorKind::internal, "a frame between rowmill and its supervisor is too long"};
    return message;
}

}  // namespace

std::string encode(const Message& message) {
    std::string body;
    put(body, static_cast<std::uint8_t>(message.kind));
    put(body, message.id);
    put(body, message.number);
    put_text(body, message.text);
    put_list(body, message.arguments);
    put_list(body, message.environment);
    std::string frame;
    put_text(frame, body);
    return frame;
}

void set_number(std::string& frame, std::int64_t number) {
    constexpr std::size_t before = sizeof(std::uint32_t) + sizeof(std::uint8_t) + sizeof(std::uint64_t);
    std::memcpy(frame.data() + before, &number, sizeof number);
}

std::optional<Message> MessageBuffer::next() {
    const std::string_view rest = std::string_view{bytes_}.substr(taken_);
    std::uint32_t size = 0;
    if (rest.size() >= sizeof size) {
        std::memcpy(&size, rest.data(), sizeof size);
        if (rest.size() - sizeof size >= size) {
            taken_ += sizeof size + size;
            return decode(rest.substr(sizeof size, size));
        }
    }
    bytes_.erase(0, taken_);
    taken_ = 0;
    return {};
}

}  // namespace rowmill::process
