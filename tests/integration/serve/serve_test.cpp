#include "served.hpp"

#include <sys/stat.h>

#include <csignal>

using namespace rowmill::test;

namespace {

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a run that was on when its server was killed shows as interrupted, and resume takes it up") {
    Served served;
    served.start();
    const std::uint64_t run = served.begin();
    REQUIRE(served.has_settled_some(run));
    served.process->kill();
    CHECK(served.process->wait().signal == SIGKILL);
    CHECK(eventually([&] { return served.state_of(run) == "interrupted"; }));
    CHECK_FALSE(served.is_done_once());
    CHECK(served.rowmill("resume", {std::to_string(run), "--progress", "none"}).exit_code == 0);
    CHECK(served.is_done_once());
}

TEST_CASE("a server that is started again shows the run that was killed with it, and one click takes it up") {
    Served served;
    served.start();
    const std::uint64_t run = served.begin();
    REQUIRE(served.has_settled_some(run));
    served.process->kill();
    served.process->wait();
    served.start();
    CHECK(served.run(run).at("state").as_string() == "interrupted");
    CHECK(served.post("/api/runs/" + std::to_string(run) + "/resume", "{}").status == 200);
    CHECK(eventually([&] { return served.run(run).at("state").as_string() == "succeeded"; }));
    CHECK(served.is_done_once());
}

TEST_CASE("a signal lets the runs of a server finish what is in flight, and leaves them to be resumed") {
    Served served;
    served.start();
    const std::uint64_t run = served.begin();
    REQUIRE(served.has_settled_some(run));
    served.process->send_signal(SIGTERM);
    const Finished finished = served.process->wait();
    CHECK(finished.how() == "exit 0");
    CHECK(says(finished.errors, "finishing what is in flight of 1 run"));
    CHECK(served.state_of(run) == "interrupted");
    CHECK(served.schema.scalar("SELECT SUM(n) = (SELECT SUM(succeeded) FROM `" + served.schema.store_name() + "`.sacks) FROM t") == "1");
    CHECK(served.rowmill("resume", {std::to_string(run), "--progress", "none"}).exit_code == 0);
    CHECK(served.is_done_once());
}

TEST_CASE("a second signal leaves at once") {
    Served served{4};
    served.write("jobs/sleep.toml", "[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\ncommand = [\"sh\", \"-c\", \"echo {id} >> " +
                                        served.folder.path() + "/begun; exec sleep 600\"]\n[run]\ntimeout = \"1h\"\n");
    served.start();
    const std::uint64_t run = served.begin("sleep");
    REQUIRE(eventually([&] {
        struct stat status {};
        return ::stat((served.folder.path() + "/begun").c_str(), &status) == 0;
    }));
    served.process->send_signal(SIGTERM);
    REQUIRE(served.process->wait_for_output("once more leaves at once"));
    served.process->send_signal(SIGTERM);
    CHECK(served.process->wait(std::chrono::seconds{30}).how() == "exit 4");
    CHECK(eventually([&] { return served.state_of(run) == "interrupted"; }));
}

TEST_CASE("a port that is taken is said so, and nothing is served") {
    Served served;
    served.start();
    const Finished second = served.refused({"--listen", "127.0.0.1:" + std::to_string(served.port)});
    CHECK(second.exit_code == 2);
    CHECK(says(second.errors, std::to_string(served.port)));
}

TEST_CASE("an address that others can reach needs a token, and that it travels encrypted") {
    const Served served;
    served.write("token", "open-sesame-0123456789\n");
    served.write("short", "sesame\n");
    served.write("cert", "none\n");
    const std::string token = served.folder.path() + "/token";
    const auto check_refused = [&](const std::vector<std::string>& flags, const std::string& part) {
        const Finished finished = served.refused(flags);
        INFO(finished.errors);
        CHECK(finished.exit_code == 2);
        CHECK(says(finished.errors, part));
    };
    check_refused({"--listen", "0.0.0.0:0"}, "--token-file");
    check_refused({"--listen", "0.0.0.0:0", "--behind-proxy"}, "--token-file");
    check_refused({"--listen", "0.0.0.0:0", "--token-file", token}, "--behind-proxy");
    check_refused({"--listen", "[::]:0", "--token-file", token}, "--tls-cert");
    check_refused({"--listen", "127.0.0.1:0", "--token-file", served.folder.path() + "/short"}, "shorter than 16");
    check_refused({"--listen", "127.0.0.1:0", "--token-file", served.folder.path() + "/none"}, "cannot read");
    check_refused({"--listen", "127.0.0.1:0", "--tls-cert", token}, "belong together");
    check_refused({"--listen", "127.0.0.1:0", "--tls-cert", served.folder.path() + "/cert", "--tls-key", served.folder.path() + "/cert"}, "cert");
    check_refused({"--listen", "nowhere"}, "no address");
    check_refused({"--listen", "127.0.0.1:0", "--jobs", served.folder.path() + "/none"}, "can't be read");
    ::chmod(token.c_str(), 0644);
    check_refused({"--listen", "127.0.0.1:0", "--token-file", token}, "chmod 600");
}

TEST_CASE("who has no token sees no run, and who has it does") {
    Served served;
    served.write("token", "  open-sesame-0123456789 \n");
    served.start({"--token-file", served.folder.path() + "/token"});
    CHECK(served.get("/api/runs").status == 401);
    RawClient client{served.port};
    client.send(get("/api/runs", served.port, "Authorization: Bearer open-sesame-0123456789\r\nConnection: close\r\n"));
    CHECK(client.answer().status == 200);
}

TEST_CASE("the run store is made where there is none, but not by one that only reads") {
    Served served;
    const std::string count = "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '" + served.schema.store_name() + "'";
    const Finished reader = served.refused({"--listen", "127.0.0.1:0", "--read-only"});
    CHECK(reader.exit_code == 2);
    CHECK(says(reader.errors, "no run store"));
    CHECK(served.schema.scalar(count) == "0");
    served.start();
    CHECK(served.get("/api/runs").status == 200);
    CHECK(served.schema.scalar(count) == "1");
}
