#include "daemon/http/http_server.h"

#include <utility>

#include "daemon/http/http_protocol.h"
#include "daemon/http/listener.h"
#include "daemon/http/routes.h"
#include "daemon/http/transport.h"
#include "daemon/http/web_access.h"

namespace signinwatch {

class HttpServer::Impl {
 public:
  Impl(std::unique_ptr<Listener> listener, std::unique_ptr<WebAccess> access, HttpBackend backend,
       const HttpLimits& limits)
      : access_(std::move(access)),
        routes_(std::move(backend), limits),
        protocol_(limits,
                  [this, loopback = listener->loopback()](const HttpRequest& request) {
                    return routes_.Answer(request, loopback);
                  }),
        listener_(std::move(listener)) {
    listener_->Start(TurnedAwayAnswer(),
                     [this](int socket, const Listener& at) { Serve(socket, at); });
  }

  [[nodiscard]] const Listener& listener() const { return *listener_; }
  [[nodiscard]] const WebAccess& access() const { return *access_; }

 private:
  void Serve(int socket, const Listener& at) {
    const std::shared_ptr<const WebAccess::State> state = access_->Current();
    if (state->tls == nullptr) {
      PlainTransport plain(socket);
      protocol_.Serve(socket, plain, *state, at);
    } else {
      protocol_.Serve(socket, *state->tls->Accept(socket), *state, at);
    }
  }

  std::unique_ptr<WebAccess> access_;
  Routes routes_;
  HttpProtocol protocol_;
  std::unique_ptr<Listener> listener_;  // last, so that it ends before what it serves
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpConfig& config,
                                                              HttpBackend backend,
                                                              const HttpLimits& limits) {
  absl::StatusOr<std::unique_ptr<WebAccess>> access = WebAccess::Open(config.web_config_file);
  if (!access.ok()) return access.status();
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Open(config.listen, limits);
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<HttpServer>(new HttpServer(std::make_unique<Impl>(
      *std::move(listener), *std::move(access), std::move(backend), limits)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
int HttpServer::port() const { return impl_->listener().port(); }
std::string HttpServer::address() const { return impl_->listener().address(); }
std::string HttpServer::web_config_problem() const { return impl_->access().problem(); }

}  // namespace signinwatch
