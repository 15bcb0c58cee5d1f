#include "daemon/http/http_server.h"

#include <atomic>
#include <optional>
#include <utility>

#include "daemon/http/closing_time.h"
#include "daemon/http/host_names.h"
#include "daemon/http/http_protocol.h"
#include "daemon/http/lane.h"
#include "daemon/http/listener.h"
#include "daemon/http/reception.h"
#include "daemon/http/routes.h"
#include "daemon/http/web_access.h"
#include "daemon/log/log.h"

namespace signinwatch {

class HttpServer::Impl {
 public:
  Impl(std::unique_ptr<Listener> listener, std::unique_ptr<WebAccess> access,
       const HttpConfig& config, HttpBackend backend, const HttpLimits& limits)
      : limits_(limits),
        listener_(std::move(listener)),
        access_(std::move(access)),
        host_names_(config),
        routes_(std::move(backend), limits),
        protocol_(limits, [this](const HttpRequest& request) { return Answer(request); }) {
    ordinary_.emplace(limits.ordinary, [this](std::unique_ptr<Visit> v) { Serve(std::move(v)); });
    health_.emplace(limits.health, [this](std::unique_ptr<Visit> v) { Serve(std::move(v)); });
    log_in_.emplace(limits.log_in, [this](std::unique_ptr<Visit> v) { LogIn(std::move(v)); });
    reception_.emplace(
        *listener_, limits_, closing_,
        [this](int socket, Peer peer) {
          return std::make_unique<Visit>(socket, std::move(peer), access_->Current());
        },
        [this](std::unique_ptr<Visit> visit) { Direct(std::move(visit)); });
  }

  // From the left: nobody new, then those who log in, then those who are answered.
  ~Impl() {
    closing_.Begin(limits_.stop_timeout);
    reception_.reset();
    log_in_.reset();
    health_.reset();
    ordinary_.reset();
  }

  [[nodiscard]] const Listener& listener() const { return *listener_; }
  [[nodiscard]] const WebAccess& access() const { return *access_; }
  [[nodiscard]] HttpCounts counts() const {
    return {.failed_log_ins = failed_log_ins_,
            .turned_away = turned_away_,
            .ended_for_room = reception_->ended_for_room()};
  }

 private:
  // On the reception's thread.
  void Direct(std::unique_ptr<Visit> visit) {
    const HeadGlance head = GlanceAtHead(visit->received);
    const WebAccess::State& access = visit->access();
    visit->for_health = IsHealthPath(head.path);
    visit->over_rate = !visit->for_health && !access.rate.Take();
    const bool has_to_log_in = !visit->over_rate && !access.passwords.empty() &&
                               !access.passwords.Glance(head.authorization).has_value();
    if (!has_to_log_in) return Enter(std::move(visit));
    visit->authorization = std::string(head.authorization);
    // A prober's log-in does not wait for those of guessers.
    const auto place = visit->for_health ? Lane::Place::kBefore : Lane::Place::kBehind;
    if (auto refused = log_in_->Enter(std::move(visit), place)) TurnAway(*refused);
  }

  void Enter(std::unique_ptr<Visit> visit) {
    Lane& lane = visit->for_health ? *health_ : *ordinary_;
    if (auto refused = lane.Enter(std::move(visit))) TurnAway(*refused);
  }

  void TurnAway(Visit& visit) {
    ++turned_away_;
    visit.TurnAway(TurnedAwayAnswer());
  }

  void LogIn(std::unique_ptr<Visit> visit) {
    visit->verdict = closing_.begun() ? Passwords::Verdict::kBusy
                                      : visit->access().passwords.Check(visit->authorization);
    if (*visit->verdict == Passwords::Verdict::kWrong) {
      ++failed_log_ins_;
      // Not the name: it is a password where somebody has mistaken the field.
      Log(LogLevel::kWarning, "an HTTP log-in failed", {{"peer", visit->peer().address}});
    }
    Enter(std::move(visit));
  }

  HttpReply Answer(const HttpRequest& request) {
    if (auto refusal = host_names_.Refusal(request)) return *std::move(refusal);
    return routes_.Answer(request, listener_->loopback());
  }

  void Serve(std::unique_ptr<Visit> visit) { protocol_.Serve(*visit, closing_); }

  const HttpLimits limits_;
  const std::unique_ptr<Listener> listener_;
  const std::unique_ptr<WebAccess> access_;
  const HostNames host_names_;
  Routes routes_;
  HttpProtocol protocol_;
  ClosingTime closing_;
  std::atomic<uint64_t> failed_log_ins_{0};
  std::atomic<uint64_t> turned_away_{0};
  // Set from the constructor to the destructor.
  std::optional<Lane> ordinary_, health_, log_in_;
  std::optional<Reception> reception_;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpConfig& config,
                                                              HttpBackend backend,
                                                              const HttpLimits& limits) {
  absl::StatusOr<std::unique_ptr<WebAccess>> access = WebAccess::Open(config.web_config_file);
  if (!access.ok()) return access.status();
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Open(config.listen);
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<HttpServer>(new HttpServer(std::make_unique<Impl>(
      *std::move(listener), *std::move(access), config, std::move(backend), limits)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;
int HttpServer::port() const { return impl_->listener().port(); }
std::string HttpServer::address() const { return impl_->listener().address(); }
std::string HttpServer::web_config_problem() const { return impl_->access().problem(); }
HttpCounts HttpServer::counts() const { return impl_->counts(); }

}  // namespace signinwatch
