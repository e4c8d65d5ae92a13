#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/server.hpp"
#include "support/tcp_proxy.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 3000;

struct Cut {
    std::string name;
    Deed deed;
};

const std::vector<Cut> cuts{{"before the server sees it", Deed::cut_before},
                            {"when the server may have seen it", Deed::cut_after},
                            {"before the server's answer", Deed::cut_before_answer},
                            {"with the transaction still open on the server", Deed::orphan}};

/// A field, and a run over it whose connections lead through a proxy.
class ProxiedRun {
public:
    explicit ProxiedRun(Dice& dice) : field{schema.session(), dice}, proxy{schema.endpoint()} {
        // On a server that has just started no connection is ended: it might be another one of the same number.
        REQUIRE(eventually([&] {
            return std::stoi(schema.session().query("SHOW GLOBAL STATUS LIKE 'Uptime'").text(0, 1)) >= 3;
        }));
    }

    Schema schema;
    Field field;
    TcpProxy proxy;

    /// To its end, which must be a success without a restart.
    void work(const std::string& statement) {
        field.sow(rows);
        Trial trial{proxy.dsn(), schema.store_name(), job_over_field(statement)};
        const Finished finished = trial.run();
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
        proxy.release();
        trial.set_dsn(schema.dsn());
        check_exactly_once(trial, field);
    }
};

}  // namespace

TEST_CASE("a connection cut during COMMIT leaves no doubt about what was committed") {
    Dice dice{chaos_seed()};
    for (const Cut& cut : cuts) {
        const unsigned strokes = cut.deed == Deed::orphan ? 2 : 4;  // an orphan's lock is waited for
        for (const Form& form : forms()) {
            CAPTURE(cut.name);
            CAPTURE(form.name);
            ProxiedRun run{dice};
            unsigned struck = 0;
            // Rules are asked in turn, each counts on its own: so they strike at different instants of the run. The first
            // COMMIT is that of the run's creation: until then a lost server is not waited for.
            for (unsigned i = 0; i < strokes; ++i) {
                run.proxy.add({statement_is("COMMIT"), cut.deed, static_cast<unsigned>(dice.between(1, 20)), 1});
                ++struck;
            }
            run.work(form.statement);
            CHECK(run.proxy.struck() == struck);
        }
    }
}

TEST_CASE("a connection cut at any statement is made again, and no row is missed or repeated") {
    Dice dice{chaos_seed()};
    struct Place {
        std::string statement;
        unsigned passes;  ///< how often, at least, it is sent in a run
    };
    const std::vector<Place> places{{"SET `walk_position`", 1},
                                    {"`sacks` (`run_id`", 1},
                                    {"SKIP LOCKED", 5},
                                    {"LIMIT 40", 20},
                                    {"SAVEPOINT rowmill", 20},
                                    {"RELEASE SAVEPOINT", 20},
                                    {"SET `state` = 'succeeded'", 1},
                                    {"DELETE FROM", 1}};
    for (const Cut& cut : cuts) {
        for (const Place& place : places) {
            CAPTURE(cut.name);
            CAPTURE(place.statement);
            ProxiedRun run{dice};
            const auto skip = static_cast<unsigned>(dice.between(place.passes / 4, place.passes - 1));
            run.proxy.add({statement_has(place.statement), cut.deed, skip, 1});
            run.work("UPDATE t SET n = n + 1 WHERE :batch");
            CHECK(run.proxy.struck() == 1);
        }
    }
}
