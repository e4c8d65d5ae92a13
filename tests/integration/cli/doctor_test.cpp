#include "support/mariadb.hpp"
#include "support/shop.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;

namespace {

Finished doctor_of(const MariaDb& server, const std::vector<std::string>& flags = {}) {
    std::vector<std::string> arguments{"doctor"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return run_rowmill(arguments, {{{"ROWMILL_DSN", server.dsn()}}, {}, {}});
}

}  // namespace

TEST_CASE("doctor finds no problem on a plain server, and changes nothing") {
    Shop shop;
    const Finished doctor = shop.rowmill("doctor");
    INFO(doctor.output);
    CHECK(doctor.how() == "exit 0");
    CHECK(doctor.errors == "");
    for (const std::string part : {" is supported", "the server takes writes", "no cluster", "no proxy seen",
                                   "open transactions can be seen", "rowmill init creates it"})
        CHECK_MESSAGE(says(doctor.output, part), part);
    CHECK_FALSE(says(doctor.output, "PROBLEM"));
    CHECK_FALSE(shop.has_store());
    REQUIRE(shop.rowmill("init").how() == "exit 0");
    CHECK(says(shop.rowmill("doctor").output, "is there and up to date"));
}

TEST_CASE("doctor names the settings that will hurt, each with what to do") {
    const MariaDb server{{"--log-bin", "--binlog-format=STATEMENT", "--binlog-ignore-db=rowmill",
                          "--sql-mode=", "--init-connect=SET @x = 1", "--max-allowed-packet=1M",
                          "--default-storage-engine=MyISAM", "--autocommit=0"}};
    const Finished doctor = doctor_of(server);
    INFO(doctor.output);
    CHECK(doctor.how() == "exit 2");
    for (const std::string part :
         {"PROBLEM  the binary log is filtered", "rowmill", "binlog_format is STATEMENT", "sql_mode is not strict",
          "init_connect", "SET @x = 1", "max_allowed_packet is 1048576", "default_storage_engine is MyISAM",
          "autocommit is off"})
        CHECK_MESSAGE(says(doctor.output, part), part);
    std::size_t found = 0, remedies = 0;
    for (std::size_t at = 0; (at = doctor.output.find('\n', at)) != std::string::npos; ++at) ++found;
    for (std::size_t at = 0; (at = doctor.output.find("         -> ", at)) != std::string::npos; ++at) ++remedies;
    CHECK(remedies >= 7);
    CHECK(found > 2 * remedies);
}

TEST_CASE("doctor tells an account what it may not see or do") {
    Shop shop;
    const Account account{shop, "SELECT"};
    shop.use_dsn(account.dsn());
    const Finished doctor = shop.rowmill("doctor");
    INFO(doctor.output);
    CHECK(doctor.how() == "exit 0");
    CHECK(says(doctor.output, "open transactions can't be seen"));
    CHECK(says(doctor.output, "GRANT PROCESS"));
    CHECK_FALSE(says(doctor.output, "this account may do everything"));
}
