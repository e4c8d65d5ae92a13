#pragma once

#include "support/shop.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rowmill::test {

/// A shop with the table `orders` (id AUTO_INCREMENT, n = 0), worked through every night: each row's n is raised by one, and only what
/// came after the night before is read.
class Nightly : public Shop {
public:
    /// `source` is added to the job's [source], `more` follows it.
    explicit Nightly(unsigned orders = 0, const std::string& source = "", const std::string& more = "");

    void insert(unsigned orders);
    Finished run(const std::vector<std::string>& flags = {}) const;
    /// The same in the background.
    std::unique_ptr<Process> start(const std::vector<std::string>& flags = {}) const;
    /// How many orders have been worked on so many times.
    std::string with(unsigned times) { return scalar("SELECT COUNT(*) FROM orders WHERE n = " + std::to_string(times)); }

    /// READ COMMITTED: else a batch's locks would reach the next row, and wait for whoever has just inserted that.
    static constexpr const char* action =
        "[session]\nisolation = \"READ COMMITTED\"\n[action]\nstatement = \"UPDATE orders SET n = n + 1 WHERE :batch\"\n";
    static constexpr const char* source = "[source]\ntable = \"orders\"\nsince = \"last-run\"\n";
};

/// A transaction of somebody else's, held open.
class Writer {
public:
    explicit Writer(const Nightly& shop);
    ~Writer();

    /// An order, in a transaction of its own; its id.
    std::uint64_t begin();
    void commit() { end("COMMIT"); }
    void roll_back() { end("ROLLBACK"); }
    bool is_open() const { return open_; }

private:
    void end(const std::string& how);

    std::unique_ptr<db::Session> session_;
    bool open_ = false;
};

}  // namespace rowmill::test
