#include "job/fingerprint.hpp"
#include "job/read.hpp"

#include "refusal.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace rowmill;
using job::ActionSpec;
using test::contains;
using test::refusal;
using Names = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

namespace {

/// Sets an environment variable for a test.
class Variable {
public:
    Variable(std::string name, const std::string& value) : name_{std::move(name)} {
        setenv(name_.c_str(), value.c_str(), 1);
    }
    ~Variable() { unsetenv(name_.c_str()); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    std::string name_;
};

job::Job job_with(const std::string& lines, const std::string& rest = {}) {
    return job::parse_job("[source]\ntable = \"t\"\n[action]\n" + lines + "\n" + rest, "j.toml");
}
ActionSpec action_with(const std::string& lines, const std::string& rest = {}) {
    return job_with(lines, rest).action;
}
/// The lines begin in the file's line 4.
std::string fault_of(const std::string& lines, const std::string& rest = {}) {
    return refusal([&] { job_with(lines, rest); });
}
std::string exec_fault(const std::string& lines) {
    return fault_of("kind = \"exec\"\n" + lines);
}
std::string http_fault(const std::string& lines) {
    return fault_of("kind = \"http\"\n" + lines);
}
std::string url_fault(const std::string& url) {
    return http_fault("url = \"" + url + "\"");
}

const std::string shop_param = "[params.shop]\ntype = \"integer\"\n";

}  // namespace

TEST_CASE("a command is read with its arguments and its environment") {
    const ActionSpec action = action_with(R"(
kind = "exec"
command = ["./resize.sh", "{id}", "", "{id}", "--shop={:shop}"]
env = { SIZE = "200x{height}", LANG = "C" })",
                                          shop_param);
    CHECK(action.kind == "exec");
    CHECK(action.command == Names{"./resize.sh", "{id}", "", "{id}", "--shop={:shop}"});
    CHECK_FALSE(action.ndjson);
    CHECK(action.env == Pairs{{"LANG", "C"}, {"SIZE", "200x{height}"}});
    CHECK(action.secrets.empty());
}

TEST_CASE("a coprocess is a command that is spoken to by lines") {
    CHECK(action_with("kind = \"exec\"\ncommand = [\"x\"]\nprotocol = \"ndjson\"").ndjson);
    CHECK_FALSE(action_with("kind = \"exec\"\ncommand = [\"x\"]\nprotocol = \"lines\"").ndjson);
    CHECK(contains(exec_fault("command = [\"x\"]\nprotocol = \"json\""), "must be \"lines\" or \"ndjson\""));
}

TEST_CASE("a request is read with its headers and its body") {
    const ActionSpec action = action_with(R"(
kind = "http"
method = "PUT"
url = "https://shop.example/orders/{id}?shop={:shop}"
headers = { Content-Type = "application/json", X-Order = "{id}" }
body = '{{"id":{id}}}'
per_host = 4)",
                                          shop_param);
    CHECK(action.kind == "http");
    CHECK(action.method == "PUT");
    CHECK(action.url == "https://shop.example/orders/{id}?shop={:shop}");
    CHECK(action.headers == Pairs{{"Content-Type", "application/json"}, {"X-Order", "{id}"}});
    CHECK(action.body == "{{\"id\":{id}}}");
    CHECK(action.per_host == 4);
}

TEST_CASE("a request that says no more than where to is a POST, 16 at once to a host") {
    const ActionSpec action = action_with("kind = \"http\"\nurl = \"http://h\"");
    CHECK(action.method == "POST");
    CHECK(action.per_host == 16);
    CHECK(action.body.empty());
}

TEST_CASE("a key of another kind of action is refused") {
    CHECK(exec_fault("command = [\"x\"]\nurl = \"http://h\"") ==
          "j.toml:6:7: action.url means nothing with kind = \"exec\"; leave one of them out");
    CHECK(contains(exec_fault("command = [\"x\"]\nlock = true"), "action.lock means nothing with kind = \"exec\""));
    CHECK(contains(exec_fault("command = [\"x\"]\nstatement = \"SELECT 1\""), "action.statement means nothing"));
    CHECK(contains(http_fault("url = \"http://h\"\ncommand = [\"x\"]"), "action.command means nothing"));
    CHECK(contains(fault_of("statement = \"SELECT 1\"\nenv = { A = \"1\" }"),
                   "action.env means nothing with kind = \"sql\""));
    CHECK(contains(fault_of("kind = \"none\"\nbody = \"\""), "action.body means nothing with kind = \"none\""));
    for (const char* work : {"kind = \"exec\"\ncommand = [\"x\"]", "kind = \"http\"\nurl = \"http://h\""}) {
        CHECK(contains(fault_of(work + std::string{"\ndsn = \"mysql://h/\""}), "works outside of the database"));
    }
}

TEST_CASE("a misspelt key of a command or of a request is told the nearest") {
    CHECK(contains(exec_fault("comand = [\"x\"]"), "did you mean \"command\"?"));
    CHECK(contains(http_fault("uri = \"http://h\""), "did you mean \"url\"?"));
    CHECK(contains(http_fault("url = \"http://h\"\nmethod = \"PSOT\""), "did you mean \"POST\"?"));
}

TEST_CASE("what a command or a request lacks is named") {
    CHECK(contains(fault_of("kind = \"exec\""), "[action] command is missing"));
    CHECK(contains(fault_of("kind = \"http\""), "[action] url is missing"));
    CHECK(contains(fault_of("command = [\"x\"]"), "[action] kind is missing"));
}

TEST_CASE("a handler is a program's, not a job file's") {
    CHECK(contains(fault_of("kind = \"handler\""), "for programs that use rowmill as a library"));
}

TEST_CASE("a command is a list that begins with a program") {
    for (const char* command : {"\"ls -l\"", "[]", "{}", "5"}) {
        CAPTURE(command);
        CHECK(contains(exec_fault("command = " + std::string{command}), "must be a list of texts, [\"PROGRAM\""));
    }
    CHECK(contains(exec_fault("command = [\"x\", 5]"), "j.toml:5:17: action.command must be a text in quotes, not 5"));
    CHECK(contains(exec_fault("command = [\"\"]"), "names no program"));
    CHECK(contains(exec_fault("command = [\"{tool}\"]"), "takes the program to run from a row"));
    CHECK(contains(exec_fault("command = [\"a\\u0000b\"]"), "zero byte"));
    CHECK(contains(exec_fault("command = [\"a\"]\nenv = { A = \"\\u0000\" }"), "zero byte"));
}

TEST_CASE("environment variables that rowmill sets, or that can't be, are refused") {
    CHECK(contains(exec_fault("command = [\"x\"]\nenv = { ROWMILL_TOKEN = \"1\" }"), "is set by rowmill"));
    CHECK(action_with("kind = \"exec\"\ncommand = [\"x\"]\nenv = { ROWMILL_DSN = \"1\" }").env.size() == 1);
    CHECK(contains(exec_fault("command = [\"x\"]\nenv = { \"A=B\" = \"1\" }"), "is not the name of"));
    CHECK(contains(exec_fault("command = [\"x\"]\nenv = [\"A\"]"), "must be a table"));
    CHECK(contains(exec_fault("command = [\"x\"]\nenv = { A = 1 }"), "action.env.A must be a text in quotes, not 1"));
}

TEST_CASE("a coprocess, which is there before its rows, takes no columns but those of its lines") {
    const std::string coprocess = "command = [\"x\"]\nprotocol = \"ndjson\"\n";
    CHECK(contains(exec_fault("protocol = \"ndjson\"\ncommand = [\"x\", \"{id}\"]"), "names {id}, but with protocol"));
    CHECK(contains(exec_fault(coprocess + "env = { A = \"{id}\" }"), "names {id}, but with protocol"));
    CHECK(fault_of("kind = \"exec\"\n" + coprocess + "env = { A = \"{:shop}\" }", shop_param) == "(no error)");
}

TEST_CASE("a template that is none is found where it stands in the file") {
    CHECK(contains(exec_fault("command = [\"x\",\n\"{id\"]"), "j.toml:6:1: action.command has a { without its }"));
    CHECK(contains(url_fault("http://h/{id"), "j.toml:5:7: action.url has a { without its }"));
    CHECK(contains(http_fault("url = \"http://h\"\nheaders = { A = \"}\" }"),
                   "j.toml:6:17: action.headers.A has a } without its {"));
    CHECK(contains(http_fault("url = \"http://h\"\nbody = '{\"id\": {id}}'"), "a brace itself is written twice"));
}

TEST_CASE("a template uses parameters that the job declares") {
    CHECK(contains(url_fault("http://h/{:shop}"), "uses {:shop}, which is no parameter; declare [params.shop]"));
    CHECK(contains(fault_of("kind = \"exec\"\ncommand = [\"x\", \"{:shp}\"]", shop_param), "did you mean \"shop\"?"));
}

TEST_CASE("the server that a request goes to is the job's to name") {
    for (const char* url : {"", "shop.example/x", "ftp://h/", "{base}/x", "file:///etc/passwd"}) {
        CAPTURE(url);
        CHECK(contains(url_fault(url), "must begin with https:// or http://"));
    }
    for (const char* url : {"http://{host}/x", "https://", "https://h{rest}", "https://h:{port}/x"}) {
        CAPTURE(url);
        CHECK(contains(url_fault(url), "must name the server itself"));
    }
    CHECK(contains(url_fault("https://h/a b"), "a URL writes as %20"));
    CHECK(contains(url_fault("https://h/a\\nb"), "holds a control character"));
    for (const char* url : {"HTTPS://h", "http://h:80/{id}", "http://h?{id}", "http://[::1]/"}) {
        CAPTURE(url);
        CHECK(url_fault(url) == "(no error)");
    }
}

TEST_CASE("headers that break a request are refused") {
    const std::string to = "url = \"http://h\"\nheaders = ";
    CHECK(contains(http_fault(to + "{ \"A B\" = \"1\" }"), "is not the name of a header"));
    CHECK(contains(http_fault(to + "{ content-length = \"1\" }"), "is set by rowmill"));
    CHECK(contains(http_fault(to + "{ A = \"1\", a = \"2\" }"), "is there twice"));
    CHECK(contains(http_fault(to + "{ A = \"x\\r\\nB: y\" }"), "holds a control character"));
}

TEST_CASE("a body goes with no GET") {
    CHECK(contains(http_fault("url = \"http://h\"\nmethod = \"GET\"\nbody = \"x\""),
                   "means nothing with method = \"GET\""));
}

TEST_CASE("secrets are taken from the environment, and kept apart so that nothing shows them") {
    const Variable token{"ROWMILL_TEST_TOKEN", "s3cret"};
    const Variable longer{"ROWMILL_TEST_LONGER", "s3cret-and-more"};
    const ActionSpec action = action_with(R"(
kind = "http"
url = "https://h/${ROWMILL_TEST_TOKEN}/{id}"
headers = { Authorization = "Bearer ${ROWMILL_TEST_TOKEN}", X = "${ROWMILL_TEST_LONGER}" })");
    CHECK(action.url == "https://h/s3cret/{id}");
    CHECK(action.headers.front().second == "Bearer s3cret");
    CHECK(action.secrets == Names{"s3cret-and-more", "s3cret"});
    const ActionSpec command = action_with(
        "kind = \"exec\"\ncommand = [\"x\", \"${ROWMILL_TEST_TOKEN}\"]\nenv = { A = "
        "\"${ROWMILL_TEST_LONGER}\" }");
    CHECK(command.command.back() == "s3cret");
    CHECK(command.env.front().second == "s3cret-and-more");
    CHECK(command.secrets.size() == 2);
}

TEST_CASE("a secret is text, whatever braces it holds, and no message shows it") {
    const Variable braces{"ROWMILL_TEST_TOKEN", "{id}}{${HOME}"};
    const ActionSpec action = action_with("kind = \"http\"\nurl = \"https://h/{n}\"\nbody = \"${ROWMILL_TEST_TOKEN}\"");
    CHECK(action.body == "{{id}}}}{{${{HOME}}");
    CHECK(action.secrets == Names{"{id}}{${HOME}"});
    const std::string fault = http_fault("url = \"https://h/{a${ROWMILL_TEST_TOKEN}}\"");
    CHECK(contains(fault, "has a { without its }"));
    CHECK_FALSE(contains(fault, "HOME"));
}

TEST_CASE("a secret that would break a header is refused without being shown") {
    const Variable token{"ROWMILL_TEST_TOKEN", "s3cret\r\nX-Admin: 1"};
    const std::string fault = http_fault("url = \"http://h\"\nheaders = { A = \"${ROWMILL_TEST_TOKEN}\" }");
    CHECK(contains(fault, "holds a control character"));
    CHECK_FALSE(contains(fault, "s3cret"));
}

TEST_CASE("a secret may be the first line of a file") {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("rowmill-unit-secret-" + std::to_string(::getpid()))).string();
    std::ofstream{path} << "s3cret\r\nsecond\n";
    const std::string lines = "kind = \"exec\"\ncommand = [\"x\", \"${file:" + path + "}\"]";
    const ActionSpec action = action_with(lines);
    CHECK(action.command.back() == "s3cret");
    CHECK(action.secrets == Names{"s3cret"});
    std::ofstream{path, std::ios::trunc}.flush();
    CHECK(contains(fault_of(lines), "takes the first line of the file " + path + ", which has none"));
    std::filesystem::remove(path);
    CHECK(contains(fault_of(lines), "takes the first line of the file " + path + ": No such file"));
}

TEST_CASE("what the environment does not have is missed by name, where it is asked for") {
    CHECK(exec_fault("command = [\"x\",\n\"${ROWMILL_TEST_NONE}\"]") ==
          "j.toml:6:1: action.command takes ${ROWMILL_TEST_NONE} from the environment, where it is not set");
    CHECK(contains(url_fault("http://h/${"), "has a ${ without its }"));
}

TEST_CASE("a doubled dollar sign before a brace takes nothing from the environment") {
    const ActionSpec action = action_with("kind = \"exec\"\ncommand = [\"x\", \"$${price}\", \"$${{HOME}}\", \"$$\"]");
    CHECK(action.command == Names{"x", "${price}", "${{HOME}}", "$$"});
}

TEST_CASE("the fingerprint holds what a command or a request says, and the names of its secrets alone") {
    const std::string lines =
        "kind = \"http\"\nurl = \"http://u:pass@h/${ROWMILL_TEST_TOKEN}\"\nbody = \"{id}\"\nheaders = { A = \"b\" }";
    const auto with = [&](const std::string& value) {
        const Variable token{"ROWMILL_TEST_TOKEN", value};
        return job::fingerprint(job_with(lines));
    };
    const auto parts = with("one");
    CHECK(parts == with("two"));
    CHECK(parts.at("action") == "http");
    CHECK(parts.at("method") == "POST");
    CHECK(parts.at("url") == "http://u@h/${ROWMILL_TEST_TOKEN}");
    CHECK(parts.at("header A") == "b");
    CHECK(parts.at("body") == "{id}");
    const auto exec = job::fingerprint(job_with("kind = \"exec\"\ncommand = [\"x\", \"{id}\"]\nenv = { A = \"b\" }"));
    CHECK(exec.at("protocol") == "lines");
    CHECK(exec.at("command 2") == "{id}");
    CHECK(exec.at("env A") == "b");
    CHECK(exec != job::fingerprint(job_with("kind = \"exec\"\ncommand = [\"x\", \"{n}\"]\nenv = { A = \"b\" }")));
}

TEST_CASE("a secret that is written out in a job file is not stored with the run") {
    const auto with = [](const std::string& value) {
        return job::fingerprint(
            job_with("kind = \"http\"\nurl = \"http://h\"\nheaders = { Authorization = \"Bearer " + value + "\" }"));
    };
    CHECK(with("s3cret").at("header Authorization").find("s3cret") == std::string::npos);
    CHECK(with("s3cret") != with("other"));
}
