#include "field.hpp"
#include "support/eventually.hpp"
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
    explicit ProxiedRun(Dice& dice) : field{schema.session(), dice}, proxy{schema.endpoint()} {}

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
            // Rules are asked in turn, each counts on its own: so they strike at different instants of the run.
            for (unsigned i = 0; i < strokes; ++i) {
                run.proxy.add({statement_is("COMMIT"), cut.deed, static_cast<unsigned>(dice.between(0, 20)), 1});
                ++struck;
            }
            run.work(form.statement);
            CHECK(run.proxy.struck() == struck);
        }
    }
}

TEST_CASE("a connection cut at any statement of the run store is made again, and no row is missed or repeated") {
    Dice dice{chaos_seed()};
    for (const Cut& cut : cuts) {
        for (const std::string statement : {"SAVEPOINT rowmill", "RELEASE SAVEPOINT", "INSERT INTO", "SKIP LOCKED",
                                            "SET `walk_position`", "FROM `t`"}) {
            CAPTURE(cut.name);
            CAPTURE(statement);
            ProxiedRun run{dice};
            run.proxy.add({statement_has(statement), cut.deed, static_cast<unsigned>(dice.between(2, 4)), 1});
            run.work("UPDATE t SET n = n + 1 WHERE :batch");
        }
    }
}
