#include "daemon/sinks/delivery.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "daemon/config/sink_types.h"
#include "daemon/log/log.h"

namespace signinwatch::sinks {
namespace {

constexpr size_t kLoadMax = 100;  // deliveries a look at the store
// Outcomes are acknowledged together: a transaction of the store costs more than many of them.
constexpr size_t kAcknowledgeAt = 100;
constexpr std::chrono::milliseconds kAcknowledgeAfter{200};
constexpr size_t kUnacknowledgedMax = 1'000;

DeliverySchedule::Options WithRulesOf(const TicketSink& sink, DeliverySchedule::Options options) {
  options.leaves_out = sink.leaves_out_superseded();
  return options;
}

}  // namespace

DeliveryOptions DeliveryOptionsOf(const config::SinkConfig& config, uint64_t seed) {
  DeliveryOptions options{.sink = config.name, .type = config.type, .schedule = {}};
  options.schedule.backoff_min = config.backoff_min;
  options.schedule.backoff_max = config.backoff_max;
  if (config::HasSetting(config, "rate_per_second")) {
    options.schedule.rate_per_second = config::SettingOf<double>(config, "rate_per_second");
  }
  if (config::HasSetting(config, "flap_after")) {
    options.schedule.flap_after =
        static_cast<size_t>(config::SettingOf<int64_t>(config, "flap_after"));
  }
  options.schedule.seed = seed;
  return options;
}

DeliveryStage::DeliveryStage(DeliveryOptions options, store::Outbox& outbox,
                             std::unique_ptr<TicketSink> sink, const clock::Clock& clock,
                             DeliveryObserver observer)
    : name_(options.sink),
      outbox_(outbox),
      sink_(std::move(sink)),
      clock_(clock),
      observer_(std::move(observer)),
      unacknowledged_max_(sink_->keeps_remote_tickets() ? 1 : kUnacknowledgedMax),
      schedule_(WithRulesOf(*sink_, options.schedule)),
      busy_(clock.Steady()) {
  status_.sink = options.sink;
  status_.type = options.type;
}

steps::StepResult DeliveryStage::Step(clock::Instant now) {
  bool ends = false;
  {
    const std::lock_guard lock(mutex_);
    ends = ends_at_.has_value();
    if (std::exchange(committed_, false)) more_in_store_ = true;
    if (ends && now.steady >= *ends_at_) return Finish(now);
  }
  if (!FollowClaims(now)) return steps::StepResult::At(store_retry_at_);
  Load(now);
  ShowFlapping();
  const bool sent = SendSome(now.steady);
  if (sent) now = clock_.Now();
  AcknowledgeIfDue(now);
  if (sent) return steps::StepResult::AtOnce();
  if (ends) return Finish(now);
  Tend(now);
  return NextStep(now.steady);
}

void DeliveryStage::NoteCommit() {
  const std::lock_guard lock(mutex_);
  committed_ = true;
}

void DeliveryStage::End(clock::SteadyTime until) {
  const std::lock_guard lock(mutex_);
  ends_at_ = until;
  committed_ = true;
}

DeliveryStatus DeliveryStage::status() const {
  const std::lock_guard lock(mutex_);
  DeliveryStatus status = status_;
  status.breaker = breaker_.StateAt(clock_.Steady());
  status.busy_ratio = busy_.Ratio(clock_.Steady());
  return status;
}

bool DeliveryStage::FollowClaims(clock::Instant now) {
  const absl::StatusOr<uint64_t> version = outbox_.ClaimsVersion(now.steady);
  if (!version.ok()) {
    NoteStoreError("whose deliveries they are is not known", version.status(), now.steady);
    return false;
  }
  if (*version == claims_version_) return true;
  // Those of shards that are still ours would be sent again.
  Acknowledge(now);
  if (!outcomes_.empty()) return false;
  schedule_.Forget();
  sink_->ForgetAll();
  loaded_to_ = -1;
  more_in_store_ = true;
  claims_version_ = *version;
  return true;
}

bool DeliveryStage::WantsMore() const { return more_in_store_ && schedule_.HasRoomFor(kLoadMax); }

void DeliveryStage::ShowFlapping() {
  const std::set<std::string>& flapping = schedule_.flapping();
  const std::lock_guard lock(mutex_);
  if (status_.damped == schedule_.damped() && status_.flapping.empty() && flapping.empty()) return;
  status_.damped = schedule_.damped();
  status_.flapping.clear();
  for (const std::string& ticket_id : flapping) {
    if (status_.flapping.size() == kFlappingShown) break;
    status_.flapping.push_back(ticket_id);
  }
}

// Fills the window from the store.
void DeliveryStage::Load(clock::Instant now) {
  while (WantsMore() && now.steady >= store_retry_at_) {
    std::vector<store::Delivery> deliveries;
    const absl::Status status = outbox_.NextDeliveries(name_, loaded_to_, kLoadMax, &deliveries);
    if (!status.ok()) return NoteStoreError("the outbox cannot be read", status, now.steady);
    more_in_store_ = deliveries.size() == kLoadMax;
    for (store::Delivery& delivery : deliveries) {
      loaded_to_ = delivery.sequence;
      const Duration age = std::max(Duration(0), now.wall - delivery.committed_at);
      schedule_.Add(std::move(delivery), now.steady, age);
    }
  }
}

bool DeliveryStage::SendSome(clock::SteadyTime now) {
  if (outcomes_.size() >= unacknowledged_max_) return false;
  std::vector<store::Delivery> batch = schedule_.Take(now, sink_->batch_max());
  if (batch.empty()) return false;
  std::vector<SendResult> results;
  {
    const steps::BusyMeter::Span busy(busy_, clock_);
    results = sink_->Send(batch);
  }
  // A sink that breaks its contract would lose or double deliveries.
  if (results.size() != batch.size()) std::abort();
  for (size_t i = 0; i < batch.size(); ++i) {
    if (results[i].kind == SendResult::Kind::kWaits) continue;
    Report(batch[i], results[i]);
    if (observer_) observer_(name_, batch[i], results[i]);
  }
  const clock::Instant sent = clock_.Now();
  if (outcomes_.empty()) acknowledge_at_ = sent.steady + kAcknowledgeAfter;
  const bool was_down = IsDown();
  std::vector<store::DeliveryOutcome> over =
      schedule_.Finish(std::move(batch), results, sent.steady);
  std::move(over.begin(), over.end(), std::back_inserter(outcomes_));
  UpdateStatus(results, sent.wall);
  if (IsDown() != was_down) ReportTurn(results);
  tend_at_ = sent.steady;
  return true;
}

void DeliveryStage::Tend(clock::Instant now) {
  if (now.steady >= tend_at_) tend_at_ = sink_->Tend(now);
}

steps::StepResult DeliveryStage::Finish(clock::Instant now) {
  store_retry_at_ = {};
  Acknowledge(now);
  return steps::StepResult::Done();
}

void DeliveryStage::Report(const store::Delivery& delivery, const SendResult& result) const {
  if (result.kind == SendResult::Kind::kDelivered) return;
  const bool permanent = result.kind == SendResult::Kind::kPermanent;
  log::Log(permanent || result.sink_down ? config::LogLevel::kError : config::LogLevel::kWarning,
           permanent ? "a ticket was refused and is not sent again"
                     : "a ticket could not be sent and is tried again",
           {{"sink", name_},
            {"ticket_id", delivery.ticket_id},
            {"revision", delivery.revision},
            {"error", result.error}});
}

void DeliveryStage::ReportTurn(const std::vector<SendResult>& results) const {
  if (!IsDown()) return log::Log(config::LogLevel::kInfo, "a sink is up again", {{"sink", name_}});
  const auto down = std::find_if(results.begin(), results.end(),
                                 [](const SendResult& result) { return result.IsOutage(); });
  log::Log(config::LogLevel::kError, "a sink is down, its tickets wait",
           {{"sink", name_}, {"error", down->error}});
}

void DeliveryStage::UpdateStatus(const std::vector<SendResult>& results, EventTime now) {
  const std::lock_guard lock(mutex_);
  for (const SendResult& result : results) {
    switch (result.kind) {
      case SendResult::Kind::kDelivered:
        ++status_.delivered;
        status_.last_delivered_at = now;
        break;
      case SendResult::Kind::kTemporary:
        ++status_.temporary_failures;
        break;
      case SendResult::Kind::kPermanent:
        ++status_.permanent_failures;
        break;
      case SendResult::Kind::kWaits:
        continue;
    }
    status_.last_error = result.error;
  }
  status_.waiting_by_reason = schedule_.waiting();
  status_.waiting_retry = schedule_.waiting_retry();
  status_.down = IsDown();
  breaker_ = schedule_.breaker();
}

void DeliveryStage::AcknowledgeIfDue(clock::Instant now) {
  if (outcomes_.size() >= std::min(kAcknowledgeAt, unacknowledged_max_) ||
      now.steady >= acknowledge_at_) {
    Acknowledge(now);
  }
}

void DeliveryStage::Acknowledge(clock::Instant now) {
  if (outcomes_.empty() || now.steady < store_retry_at_) return;
  const absl::Status status = outbox_.Acknowledge(name_, outcomes_, now.wall);
  if (!status.ok()) {
    return NoteStoreError("deliveries cannot be acknowledged", status, now.steady);
  }
  outcomes_.clear();
}

void DeliveryStage::NoteStoreError(const char* what, const absl::Status& status,
                                   clock::SteadyTime now) {
  store_retry_at_ = now + kStoreRetry;
  log::Log(config::LogLevel::kError, what,
           {{"sink", name_}, {"error", std::string(status.message())}});
}

steps::StepResult DeliveryStage::NextStep(clock::SteadyTime now) const {
  clock::SteadyTime next = tend_at_;
  if (!outcomes_.empty()) next = std::min(next, std::max(acknowledge_at_, store_retry_at_));
  if (WantsMore()) next = std::min(next, store_retry_at_);
  if (outcomes_.size() < unacknowledged_max_) {
    if (const auto ready = schedule_.NextTime(now)) next = std::min(next, *ready);
  }
  return steps::StepResult::At(next);
}

}  // namespace signinwatch::sinks
