#include "daemon/http/http_server.h"

#include <optional>
#include <sstream>
#include <utility>

#include "daemon/http/dispatcher.h"
#include "daemon/http/host_names.h"
#include "daemon/http/http_connections.h"
#include "daemon/http/listener.h"
#include "daemon/http/routes.h"
#include "daemon/http/web_access.h"

namespace signinwatch::http {

using boost::asio::ip::tcp;

class HttpServer::Impl {
 public:
  Impl(const clock::Clock& clock, std::unique_ptr<boost::asio::io_context> io,
       HttpConnections::Acceptor acceptor, std::unique_ptr<WebAccess> access,
       const config::HttpConfig& config, HttpBackend backend, const HttpLimits& limits)
      : clock_(clock),
        limits_(limits),
        local_(acceptor.local_endpoint()),
        access_(std::move(access)),
        host_names_(config),
        routes_(clock, std::move(backend), limits),
        io_(std::move(io)),
        dispatcher_(clock, *io_, limits,
                    [this](const HttpRequest& request) { return Answer(request); }) {
    connections_.emplace(
        clock_, *io_, std::move(acceptor), limits_,
        [this](tcp::socket socket) {
          return std::make_shared<HttpConnection>(clock_, std::move(socket), access_->Current(),
                                                  limits_);
        },
        [this](const auto& connection, auto error) { dispatcher_.Direct(connection, error); });
  }
  ~Impl() { dispatcher_.StopLogIns(); }

  [[nodiscard]] const tcp::endpoint& local() const { return local_; }
  [[nodiscard]] const WebAccess& access() const { return *access_; }
  [[nodiscard]] HttpCounts counts() const {
    return {.failed_log_ins = dispatcher_.failed_log_ins(),
            .turned_away = dispatcher_.turned_away(),
            .ended_for_room = connections_->ended_for_room()};
  }

 private:
  HttpReply Answer(const HttpRequest& request) {
    if (auto refusal = host_names_.Refusal(request)) return *std::move(refusal);
    return routes_.Answer(request, local_.address().is_loopback());
  }

  const clock::Clock& clock_;
  const HttpLimits limits_;
  const tcp::endpoint local_;
  const std::unique_ptr<WebAccess> access_;
  const HostNames host_names_;
  Routes routes_;
  const std::unique_ptr<boost::asio::io_context> io_;
  Dispatcher dispatcher_;
  std::optional<HttpConnections>
      connections_;  // set from the constructor to the destructor; ends first
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const clock::Clock& clock,
                                                              const config::HttpConfig& config,
                                                              HttpBackend backend,
                                                              const HttpLimits& limits) {
  absl::StatusOr<std::unique_ptr<WebAccess>> access =
      WebAccess::Open(clock, config.web_config_file);
  if (!access.ok()) return access.status();
  auto io = std::make_unique<boost::asio::io_context>(1);
  absl::StatusOr<HttpConnections::Acceptor> acceptor = Listen(*io, config.listen);
  if (!acceptor.ok()) return acceptor.status();
  return std::unique_ptr<HttpServer>(new HttpServer(
      std::make_unique<Impl>(clock, std::move(io), *std::move(acceptor), *std::move(access), config,
                             std::move(backend), limits)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
int HttpServer::port() const { return impl_->local().port(); }
std::string HttpServer::address() const {
  std::ostringstream text;
  text << impl_->local();
  return text.str();
}
std::string HttpServer::web_config_problem() const { return impl_->access().problem(); }
HttpCounts HttpServer::counts() const { return impl_->counts(); }

}  // namespace signinwatch::http
