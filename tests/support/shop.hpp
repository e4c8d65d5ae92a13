#pragma once

#include "support/process.hpp"
#include "support/server.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::test {

/// A schema with the table `books` (id 1 … rows, n = 0, price = 10, CHECK price < 100, title 't' and the id), a folder
/// for files, and the program, run on them as a user would. Schema, run store and folder go with the object.
class Shop {
public:
    explicit Shop(unsigned books = 20);

    void execute(std::string_view sql) { schema_.execute(sql); }
    std::string scalar(std::string_view sql) { return schema_.scalar(sql); }
    const std::string& name() const { return schema_.name(); }
    std::string store_name() const { return schema_.store_name(); }

    /// `rowmill VERB ARGUMENTS…` with the shop as its database and a run store of its own.
    Finished rowmill(const std::string& verb, std::vector<std::string> arguments = {}) const;
    /// `rowmill run` with a job file of this text.
    Finished run_job(const std::string& job, const std::vector<std::string>& flags = {}) const;
    /// The newest run, as `status --json` tells it.
    boost::json::object status() const;

    /// A file in the shop's folder, for the owner's eyes only; its path.
    std::string write(const std::string& file, const std::string& text) const;
    std::string folder() const { return folder_.path(); }
    /// Where the program connects to from now on.
    void use_dsn(std::string dsn) { dsn_ = std::move(dsn); }

    const std::string& dsn() const { return dsn_; }
    bool has_store();

private:
    Schema schema_;
    std::string dsn_;
    TemporaryFolder folder_;
};

/// An account of the server's, with these privileges on the shop ("SELECT, UPDATE"), or none; dropped with the object.
class Account {
public:
    Account(Shop& shop, const std::string& privileges);
    ~Account();
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;

    void grant(const std::string& privileges, const std::string& on);
    const std::string& name() const { return name_; }
    /// The shop, seen by this account. Another password than its own: a wrong one.
    std::string dsn(const std::string& password = Account::password) const;

    static constexpr const char* password = "open-sesame";

private:
    Shop& shop_;
    std::string name_;
};

/// What stands under a name: a text itself, anything else as JSON.
std::string text_of(const boost::json::object& object, std::string_view name);

bool says(std::string_view text, std::string_view part);

/// Claims that the program refused: this exit code, nothing on stdout, and one line on stderr that holds all `parts`.
void check_refusal(const Finished& finished, std::initializer_list<std::string_view> parts, int exit_code = 2);

}  // namespace rowmill::test
