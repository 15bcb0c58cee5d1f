#include "daemon/http/http_server.h"

#include <utility>

#include "daemon/http/http_protocol.h"
#include "daemon/http/listener.h"
#include "daemon/http/routes.h"

namespace signinwatch {

class HttpServer::Impl {
 public:
  Impl(std::unique_ptr<Listener> listener, HttpBackend backend, const HttpLimits& limits)
      : routes_(std::move(backend), limits),
        protocol_(limits,
                  [this, loopback = listener->loopback()](const HttpRequest& request) {
                    return routes_.Answer(request, loopback);
                  }),
        listener_(std::move(listener)) {
    listener_->Start(TurnedAwayAnswer(),
                     [this](int socket, const Listener& at) { protocol_.Serve(socket, at); });
  }

  [[nodiscard]] const Listener& listener() const { return *listener_; }

 private:
  Routes routes_;
  HttpProtocol protocol_;
  std::unique_ptr<Listener> listener_;  // last, so that it ends before what it serves
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpConfig& config,
                                                              HttpBackend backend,
                                                              const HttpLimits& limits) {
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Open(config.listen, limits);
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<HttpServer>(
      new HttpServer(std::make_unique<Impl>(*std::move(listener), std::move(backend), limits)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
int HttpServer::port() const { return impl_->listener().port(); }
std::string HttpServer::address() const { return impl_->listener().address(); }

}  // namespace signinwatch
