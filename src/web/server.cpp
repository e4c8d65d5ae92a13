#include "web/server.hpp"

#include "db/session.hpp"
#include "http/descriptors.hpp"
#include "web/connection.hpp"
#include "web/sockets.hpp"

#include <rowmill/error.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <thread>
#include <vector>

namespace rowmill::web {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t turned_away_at_once = 100;  // beyond these nobody is even told
constexpr unsigned other_descriptors = 512;       // the store's, the runs', the logs'

asio::ssl::context read_certificate(const ServerOptions& options) {
    asio::ssl::context tls{asio::ssl::context::tls_server};
    tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    SSL_CTX_set_mode(tls.native_handle(), SSL_MODE_RELEASE_BUFFERS);  // some 30 KB for each client that is silent
    const auto check = [](const error_code& error, const std::string& what, const std::string& file) {
        if (error) throw Error{ErrorKind::usage, "the TLS " + what + " of " + file + " can't be used: " + error.message()};
    };
    error_code error;
    tls.use_certificate_chain_file(options.tls_certificate, error);
    check(error, "certificate", options.tls_certificate);
    tls.use_private_key_file(options.tls_key, asio::ssl::context::pem, error);
    check(error, "key", options.tls_key);
    return tls;
}

tcp::endpoint endpoint_of(asio::io_context& io, const Address& address) {
    error_code error;
    tcp::resolver resolver{io};
    const auto found = resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
    if (error || found.empty()) throw Error{ErrorKind::usage, "there is no address \"" + address.host + "\" to listen on: " + error.message()};
    return *found.begin();
}

}  // namespace

struct Server::Inside {
    Inside(const ServerOptions& options, Handler handler, Estimate estimate)
        : hall{options.limits, std::move(handler), std::move(estimate)}, acceptor{hall.io}, pause{hall.io} {
        for (Crew& crew : hall.crews) stay.push_back(asio::make_work_guard(crew.io));
        if (!options.tls_certificate.empty()) tls.emplace(read_certificate(options));
        http::allow_descriptors(options.limits.connections + turned_away_at_once + other_descriptors);
        hall.bells = std::make_shared<Bells<Connection>>([this] { asio::post(hall.io, [this] { wake_the_rung(); }); });
        listen(options.address);
    }

    void listen(const Address& address) {
        const tcp::endpoint endpoint = endpoint_of(hall.io, address);
        error_code error;
        acceptor.open(endpoint.protocol(), error);
        if (!error) acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
        if (!error) acceptor.bind(endpoint, error);
        if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
        if (error) throw Error{ErrorKind::usage, "can't listen on " + shown(endpoint) + ": " + error.message()};
        bound = acceptor.local_endpoint();
    }

    void accept() {
        acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
            if (error == asio::error::operation_aborted) return;
            if (error) return accept_later();
            const std::size_t open = hall.connections;
            const std::size_t most = hall.limits.connections;
            if (open < most + turned_away_at_once) make_connection(hall, std::move(socket), tls ? &*tls : nullptr, open >= most)->start();
            accept();
        });
    }

    /// No descriptor is free, say: what waits to be let in goes on waiting.
    void accept_later() {
        pause.expires_after(std::chrono::milliseconds{100});
        pause.async_wait([this](const error_code& error) {
            if (!error) accept();
        });
    }

    void wake_the_rung() {
        for (const auto& sleeper : hall.bells->take())
            if (const auto connection = sleeper.lock()) connection->wake();
    }

    Hall hall;
    std::optional<asio::ssl::context> tls;
    tcp::acceptor acceptor;
    asio::steady_timer pause;
    tcp::endpoint bound;
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> stay;  ///< has the crews wait for what is to be answered
    std::jthread connecting;
    std::vector<std::jthread> answering;
};

Server::Server(const ServerOptions& options, Handler handler, Estimate estimate)
    : inside_{std::make_unique<Inside>(options, std::move(handler), std::move(estimate))} {
    const auto run = [](asio::io_context& io) {
        return std::jthread{[&io] {
            const db::ThreadScope scope;
            while (!io.stopped()) {
                try {
                    io.run();
                } catch (...) {  // out of memory, say: what threw has let go of its connection, the others go on
                }
            }
        }};
    };
    inside_->accept();
    inside_->connecting = run(inside_->hall.io);
    for (Crew& crew : inside_->hall.crews)
        for (unsigned i = 0; i < crew.threads; ++i) inside_->answering.push_back(run(crew.io));
}

/// An answer that is being made is waited for, and sent as far as its client takes it at once. With the threads gone, what waits is
/// destroyed with the contexts, and the connections and their streams with it.
Server::~Server() {
    for (Crew& crew : inside_->hall.crews) crew.io.stop();
    inside_->answering.clear();
    asio::post(inside_->hall.io, [this] { inside_->hall.io.stop(); });
    inside_->connecting = {};
    inside_->hall.bells->silence();
}

std::string Server::url() const {
    return (inside_->tls ? "https://" : "http://") + shown(inside_->bound);
}

std::uint16_t Server::port() const {
    return inside_->bound.port();
}

std::size_t Server::connections() const {
    return inside_->hall.connections;
}

}  // namespace rowmill::web
