#include "served.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace rowmill::test {

Served::Served(unsigned rows) {
    make_counted_table(schema, rows);
    std::filesystem::create_directory(folder.path() + "/jobs");
    write("jobs/count.toml", "[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nstatement = \"UPDATE t SET n = n + 1 + SLEEP(0.02) WHERE id = :id\"\n"
                             "[run]\nworkers = 2\nbatch = 3\ntarget_time = \"0\"\nsack_rows = 20\n");
}

void Served::write(const std::string& name, const std::string& text) const {
    const std::string path = folder.path() + "/" + name;
    std::ofstream{path} << text;
    ::chmod(path.c_str(), 0600);
}

std::vector<std::string> Served::command(const std::vector<std::string>& flags) const {
    std::vector<std::string> arguments{"serve", "--store-schema", schema.store_name()};
    if (std::ranges::find(flags, "--jobs") == flags.end()) arguments.insert(arguments.end(), {"--jobs", folder.path() + "/jobs"});
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return rowmill_command(arguments);
}

void Served::start(const std::vector<std::string>& flags) {
    std::vector<std::string> all{"--listen", "127.0.0.1:0"};
    all.insert(all.end(), flags.begin(), flags.end());
    process = std::make_unique<Process>(command(all), options());
    REQUIRE(process->wait_for_output("Ctrl+C stops it"));
    const std::string said = process->errors();
    const std::string before = "http://127.0.0.1:";
    const std::size_t at = said.find(before);
    REQUIRE(at != std::string::npos);
    port = static_cast<std::uint16_t>(std::stoul(said.substr(at + before.size())));
}

Finished Served::refused(const std::vector<std::string>& flags) const { return run_process(command(flags), options()); }

Finished Served::rowmill(const std::string& verb, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), verb);
    arguments.insert(arguments.end(), {"--store-schema", schema.store_name()});
    return run_process(rowmill_command(arguments), options());
}

RawAnswer Served::get(const std::string& path) const {
    RawClient client{port};
    client.send(test::get(path, port, "Connection: close\r\n"));
    return client.answer();
}

RawAnswer Served::post(const std::string& path, const std::string& json) const {
    RawClient client{port};
    client.send("POST " + path + " HTTP/1.1\r\nHost: " + host() + "\r\nOrigin: http://" + host() +
                "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(json.size()) + "\r\n\r\n" + json);
    return client.answer();
}

std::uint64_t Served::begin(const std::string& job) const {
    const RawAnswer answer = post("/api/jobs/" + job + "/runs", R"({"params":{}})");
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    return boost::json::parse(answer.body).at("run").to_number<std::uint64_t>();
}

boost::json::object Served::run(std::uint64_t run) const {
    const RawAnswer answer = get("/api/runs/" + std::to_string(run));
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return boost::json::parse(answer.body).as_object();
}

bool Served::has_settled_some(std::uint64_t of) const {
    return eventually([&] { return run(of).at("settled").to_number<std::uint64_t>() > 0; });
}

std::string Served::state_of(std::uint64_t of) const {
    return std::string{boost::json::parse(rowmill("status", {std::to_string(of), "--json"}).output).at("state").as_string()};
}

}  // namespace rowmill::test
