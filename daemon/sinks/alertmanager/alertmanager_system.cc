#include "daemon/sinks/alertmanager/alertmanager_system.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/config/sink_types.h"
#include "daemon/json/json_value.h"
#include "daemon/log/log.h"
#include "daemon/sinks/ticket_life.h"
#include "daemon/sinks/ticket_sink.h"

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;
using std::chrono::milliseconds;

constexpr std::string_view kPath = "/api/v2/alerts";
constexpr size_t kBatchMax = 50;  // alerts in a request that says them again
// That are remembered. What is forgotten ends by itself, soon after its last word.
constexpr size_t kEndedMax = 10'000;

milliseconds WholeMilliseconds(Duration duration) {
  return std::chrono::ceil<milliseconds>(duration);
}

std::string AlertsUrl(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (!url.ends_with(kPath)) url += kPath;
  return url;
}

}  // namespace

AlertmanagerSystem::AlertmanagerSystem(const config::SinkConfig& config, const SinkParts& parts)
    : sink_(config.name),
      resend_(config::SettingOf<Duration>(config, "resend")),
      backoff_min_(WholeMilliseconds(config.backoff_min)),
      backoff_max_(WholeMilliseconds(config.backoff_max)),
      wording_(config::SettingOf<std::string>(config, "title"),
               config::SettingOf<std::string>(config, "body")),
      clock_(parts.clock),
      outbox_(parts.outbox),
      http_(parts.make_http(config.ca_file),
            static_cast<size_t>(config::SettingOf<int64_t>(config, "rate_per_minute")),
            WholeMilliseconds(config::SettingOf<Duration>(config, "timeout")), parts.clock) {
  for (std::string& url : config::SettingOf<std::vector<std::string>>(config, "urls")) {
    peers_.push_back({.url = AlertsUrl(std::move(url)), .number = peers_.size() + 1});
  }
}

Answer AlertmanagerSystem::Ready() {
  if (!Load()) return {.kind = Kind::kWait, .retry_after = kStoreRetry, .sink_down = true};
  const auto rest = static_cast<size_t>(std::count_if(
      peers_.begin(), peers_.end(), [this](const Peer& peer) { return Rests(peer); }));
  if (rest == peers_.size()) {
    return {.kind = Kind::kWait, .retry_after = RestLeft(), .sink_down = true};
  }
  // Of a revision there may be two. What has to be said again is not to starve behind a backlog.
  const bool round_is_due = !alerts_.empty() && round_at_ <= clock_.Steady();
  return http_.Ready((peers_.size() - rest) * (round_is_due ? 3 : 2));
}

Answer AlertmanagerSystem::Create(const Telling& telling, Made* made) {
  return Tell(telling, false, &made->handle);
}

Answer AlertmanagerSystem::Update(const Telling& telling, RemoteHandle* handle) {
  return Tell(telling, telling.delivery.state != "open", handle);
}

Answer AlertmanagerSystem::Reopen(const Telling& telling, RemoteHandle* handle) {
  return Tell(telling, false, handle);
}

Answer AlertmanagerSystem::Resolve(const Telling& telling, RemoteHandle* handle) {
  return Tell(telling, true, handle);
}

Answer AlertmanagerSystem::Tell(const Telling& telling, bool ends, RemoteHandle* handle) {
  const std::string& id = telling.delivery.ticket_id;
  if (told_ == std::pair(telling.reference, ends)) return {};
  Alert alert = MakeAlert(telling, wording_);
  if (ends) alert.ended_at = clock_.Wall();
  if (alerts_.empty()) round_at_ = clock_.Steady() + resend_;
  std::optional<Alert> before;
  if (const auto known = alerts_.find(id); known != alerts_.end()) before = known->second;
  const Alert& told = alerts_[id] = std::move(alert);

  bool is_taken = false;
  std::vector<Answer> answers;
  for (Peer& peer : peers_) {
    peer.owed.insert(id);
    if (Rests(peer)) continue;
    const Alert* const one[] = {&told};
    const Answer answer = Post(peer, one);
    if (answer.done() || answer.kind == Kind::kRefused) peer.owed.erase(id);
    is_taken |= answer.done();
    answers.push_back(answer);
  }
  if (!is_taken) {
    const Answer answer = NobodyTook(answers);
    // What it said before holds. Otherwise it is tried again, and a peer may have taken it.
    if (answer.kind == Kind::kRefused) {
      alerts_.erase(id);
      if (before) alerts_[id] = *std::move(before);
    }
    return answer;
  }
  told_ = {telling.reference, ends};
  handle->memo = ends && IsOwed(id) ? "owed" : "";
  if (ends && !IsOwed(id)) alerts_.erase(id);
  if (ends) KeepEndsInBounds();
  return {};
}

Answer AlertmanagerSystem::NobodyTook(const std::vector<Answer>& answers) const {
  Answer worst{.kind = Kind::kWait, .retry_after = RestLeft(), .sink_down = true};
  if (answers.empty()) return worst;
  worst = answers.front();
  for (const Answer& answer : answers) {
    // That it may have been taken outweighs that it was not, and that it is refused says nothing of
    // a peer that could not be asked.
    if (worst.kind == Kind::kRefused || answer.kind == Kind::kUnknown) worst = answer;
  }
  if (worst.kind == Kind::kUnknown || worst.kind == Kind::kNotDone) {
    worst.sink_down =
        std::all_of(peers_.begin(), peers_.end(), [this](const Peer& peer) { return Rests(peer); });
    worst.retry_after = worst.sink_down ? RestLeft() : milliseconds(0);
  }
  return worst;
}

Answer AlertmanagerSystem::Post(Peer& peer, std::span<const Alert* const> alerts) {
  http_client::HttpResponse response;
  Answer answer = http_.Send({.url = peer.url,
                              .headers = {{"Content-Type", "application/json"}},
                              .body = AlertsBody(alerts, clock_.Wall(), 3 * resend_)},
                             {}, &response);
  if (answer.kind == Kind::kWait) return answer;
  const bool was_up = peer.backoff.count() == 0;
  if (answer.done() || answer.kind == Kind::kRefused) {
    peer.backoff = {};
    if (!was_up)
      log::Log(config::LogLevel::kInfo, "an Alertmanager is up again",
               {{"sink", sink_}, {"url_number", peer.number}});
    return answer;
  }
  // What fires must be told as soon as it is up again, or it ends there.
  const milliseconds most = std::min(backoff_max_, WholeMilliseconds(resend_));
  peer.backoff = std::min(was_up ? backoff_min_ : 2 * peer.backoff, most);
  peer.rests_until = clock_.Steady() + std::max(peer.backoff, answer.retry_after);
  if (was_up) {
    log::Log(config::LogLevel::kWarning, "an Alertmanager does not take alerts, which wait for it",
             {{"sink", sink_}, {"url_number", peer.number}, {"error", answer.error}});
  }
  return answer;
}

clock::SteadyTime AlertmanagerSystem::Tend(clock::Instant /*now*/) {
  const clock::SteadyTime now = clock_.Steady();
  if (!Load()) return now + kStoreRetry;
  if (!alerts_.empty() && round_at_ <= now) {
    round_at_ = now + resend_;
    for (Peer& peer : peers_) {
      for (const auto& [id, alert] : alerts_) {
        if (!alert.ended_at) peer.owed.insert(id);
      }
    }
  }
  clock::SteadyTime next = clock::SteadyTime::max();
  for (Peer& peer : peers_) next = std::min(next, Pay(peer));
  return alerts_.empty() ? next : std::min(next, round_at_);
}

clock::SteadyTime AlertmanagerSystem::Pay(Peer& peer) {
  std::erase_if(peer.owed, [this](const std::string& id) { return !alerts_.contains(id); });
  if (peer.owed.empty()) return clock::SteadyTime::max();
  if (Rests(peer)) return peer.rests_until;
  std::vector<const Alert*> batch;
  for (const std::string& id : peer.owed) {
    batch.push_back(&alerts_[id]);
    if (batch.size() == kBatchMax) break;
  }
  const Answer answer = Post(peer, batch);
  if (answer.kind == Kind::kWait) return clock_.Steady() + answer.retry_after;
  if (!answer.done() && answer.kind != Kind::kRefused) return peer.rests_until;
  if (!answer.done()) {  // it has taken those that it could
    log::Log(config::LogLevel::kWarning, "an Alertmanager refused alerts that were said again",
             {{"sink", sink_}, {"url_number", peer.number}, {"error", answer.error}});
  }
  std::vector<std::string> ended;
  for (const Alert* alert : batch) {
    peer.owed.erase(alert->ticket_id);
    if (alert->ended_at && !IsOwed(alert->ticket_id)) ended.push_back(alert->ticket_id);
  }
  for (const std::string& id : ended) Forget(id);
  return peer.owed.empty() ? clock::SteadyTime::max() : clock_.Steady();
}

bool AlertmanagerSystem::IsOwed(const std::string& ticket_id) const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [&](const Peer& peer) { return peer.owed.contains(ticket_id); });
}

milliseconds AlertmanagerSystem::RestLeft() const {
  clock::SteadyTime first = clock::SteadyTime::max();
  for (const Peer& peer : peers_) first = std::min(first, peer.rests_until);
  return std::max(std::chrono::ceil<milliseconds>(first - clock_.Steady()), milliseconds(1));
}

void AlertmanagerSystem::Forget(const std::string& ticket_id) {
  alerts_.erase(ticket_id);
  std::vector<store::RemoteTicket> known;
  if (!outbox_.RemoteTickets(sink_, ticket_id, &known).ok() || known.empty()) return;
  if (known.back().state != store::RemoteState::kClosed || known.back().memo.empty()) return;
  known.back().memo.clear();
  (void)outbox_.NoteRemote(known.back());  // else the end is said once more after a restart
}

void AlertmanagerSystem::ForgetAll() {
  alerts_.clear();
  for (Peer& peer : peers_) peer.owed.clear();
  is_loaded_ = false;
}

void AlertmanagerSystem::KeepEndsInBounds() {
  auto oldest = alerts_.end();
  size_t ended = 0;
  for (auto at = alerts_.begin(); at != alerts_.end(); ++at) {
    if (!at->second.ended_at) continue;
    ++ended;
    if (oldest == alerts_.end() || at->second.ended_at < oldest->second.ended_at) oldest = at;
  }
  if (ended > kEndedMax) Forget(std::string(oldest->first));
}

bool AlertmanagerSystem::Load() {
  if (is_loaded_) return true;
  std::vector<store::ToldTicket> told;
  if (const absl::Status status = outbox_.ToldTickets(sink_, &told); !status.ok()) {
    log::Log(config::LogLevel::kError, "what was told to Alertmanager cannot be read",
             {{"sink", sink_}, {"error", std::string(status.message())}});
    return false;
  }
  is_loaded_ = true;
  for (store::ToldTicket& each : told) {
    const uint32_t intended = each.remote.intent ? each.remote.intent->revision : 0;
    const json::JsonDocument document(each.json);
    const json::JsonValue ticket = document.root();
    store::Delivery delivery;
    delivery.ticket_id = each.remote.ticket_id;
    delivery.revision = std::max(each.remote.revision, intended);
    delivery.state = ticket["state"].Text();
    delivery.json = std::move(each.json);
    Alert alert = MakeAlert({.delivery = delivery,
                             .reference = absl::StrCat(delivery.ticket_id, "/", delivery.revision),
                             .parent = {.ticket_id = ticket["parent_ticket_id"].Text()},
                             .continues = {.ticket_id = ticket["continues"].Text()},
                             .merged_into = {.ticket_id = ticket["merged_into"].Text()}},
                            wording_);
    if (delivery.state != "open") alert.ended_at = clock_.Wall();
    for (Peer& peer : peers_) peer.owed.insert(delivery.ticket_id);
    alerts_[delivery.ticket_id] = std::move(alert);
  }
  round_at_ = clock_.Steady() + resend_;
  return true;
}

Answer AlertmanagerSystem::Ask(std::string* said) {
  for (const Peer& peer : peers_) {
    http_client::HttpResponse response;
    // The same path takes alerts by POST, and lists those of a filter by GET.
    Answer answer = http_.Send({.method = "GET", .url = peer.url + "?filter=alertname%3D%22%22"},
                               {.wants_json = true}, &response);
    if (answer.done()) continue;
    answer.error = absl::StrCat("url ", peer.number, ": ", answer.error);
    return answer;
  }
  *said = "alerts can be read";
  return {};
}

TicketSinkOr MakeAlertmanagerSink(const config::SinkConfig& config, const SinkParts& parts) {
  return std::make_unique<TicketLife>(
      config.name, std::make_unique<AlertmanagerSystem>(config, parts), parts.outbox, parts.clock);
}

}  // namespace signinwatch::sinks
