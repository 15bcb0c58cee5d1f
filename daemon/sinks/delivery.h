// Delivers what the store's outbox holds for one sink: at least once, in order within each ticket,
// under (ticket_id, revision) as the deduplication key (SPEC 7). A stage (daemon/steps); the thread
// that calls it in the daemon is DeliveryWorker.
//
//   DeliveryStage stage(DeliveryOptionsOf(config, seed), outbox, std::move(sink), clock, observer);
//   StepResult next = stage.Step(clock.Now());
//   stage.NoteCommit();         // the outbox may have more: step again
//   stage.End(until);           // sends what can be sent until then; the rest stays in the outbox
//
// A step loads what there is room for, sends one batch and acknowledges what is due: as long as the
// sink takes for a batch, and no longer than a batch of it may take.
#ifndef SIGNINWATCH_DAEMON_SINKS_DELIVERY_H_
#define SIGNINWATCH_DAEMON_SINKS_DELIVERY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/sinks/circuit_breaker.h"
#include "daemon/sinks/delivery_schedule.h"
#include "daemon/sinks/ticket_sink.h"
#include "daemon/steps/busy_meter.h"
#include "daemon/steps/step_result.h"
#include "daemon/store/outbox.h"

namespace signinwatch::sinks {

struct DeliveryStatus {
  std::string sink;
  std::string type;  // "webhook", ...
  uint64_t delivered = 0;
  uint64_t temporary_failures = 0;
  uint64_t permanent_failures = 0;
  uint64_t waiting_retry = 0;  // deliveries that have failed and are to be tried again
  std::map<std::string, uint64_t> waiting_by_reason;  // the same, by why
  bool down = false;  // the last attempt found the other side at fault
  CircuitBreaker::State breaker = CircuitBreaker::State::kClosed;
  std::string last_error;  // empty after a success
  // Tickets that flap: whose resolution is held back, the first kFlappingShown; and how many
  // changes of state were left out (flap_damper.h).
  std::vector<std::string> flapping;
  uint64_t damped = 0;
  EventTime last_delivered_at = kBeginningOfTime;
  double busy_ratio = 0;  // share of the last ten seconds or so spent sending
};

inline constexpr size_t kFlappingShown = 20;

// One attempt's outcome, for metrics: called within a step. Never of kWaits, which is no attempt.
using DeliveryObserver =
    std::function<void(const std::string& sink, const store::Delivery&, const SendResult&)>;

struct DeliveryOptions {
  std::string sink;  // its name, in the outbox too
  std::string type;
  DeliverySchedule::Options schedule = {};
};
// `seed`: of what is drawn for back-off.
[[nodiscard]] DeliveryOptions DeliveryOptionsOf(const config::SinkConfig& config, uint64_t seed);

class DeliveryStage {
 public:
  // `outbox` and `clock` outlive it. The clock is asked when a batch has been sent.
  DeliveryStage(DeliveryOptions options, store::Outbox& outbox, std::unique_ptr<TicketSink> sink,
                const clock::Clock& clock, DeliveryObserver observer);
  DeliveryStage(const DeliveryStage&) = delete;
  DeliveryStage& operator=(const DeliveryStage&) = delete;

  steps::StepResult Step(clock::Instant now);  // by one thread

  // From any thread; each has an effect with the next step.
  void NoteCommit();
  // It is done once nothing can be sent at once, or at `until`.
  void End(clock::SteadyTime until);

  // From any thread: a step that waits for the other side returns soon, later ones at once.
  void Cancel() { sink_->Cancel(); }
  [[nodiscard]] DeliveryStatus status() const;

 private:
  // Forgets what was loaded where other shards are ours now. false: that can't be known.
  bool FollowClaims(clock::Instant now);
  [[nodiscard]] bool WantsMore() const;
  [[nodiscard]] bool IsDown() const { return schedule_.breaker().outages() > 0; }
  void Load(clock::Instant now);
  void ShowFlapping();
  // false: there is nothing to be sent now.
  bool SendSome(clock::SteadyTime now);
  void Tend(clock::Instant now);
  steps::StepResult Finish(clock::Instant now);
  void Report(const store::Delivery& delivery, const SendResult& result) const;
  void ReportTurn(const std::vector<SendResult>& results) const;
  void UpdateStatus(const std::vector<SendResult>& results, EventTime now);
  void AcknowledgeIfDue(clock::Instant now);
  void Acknowledge(clock::Instant now);
  void NoteStoreError(const char* what, const absl::Status& status, clock::SteadyTime now);
  // When there is something to do even if nobody wakes us.
  [[nodiscard]] steps::StepResult NextStep(clock::SteadyTime now) const;

  const std::string name_;
  store::Outbox& outbox_;
  const std::unique_ptr<TicketSink> sink_;
  const clock::Clock& clock_;
  const DeliveryObserver observer_;
  // Beyond, nothing more is sent: after a crash all of it would be sent again.
  const size_t unacknowledged_max_;

  DeliverySchedule schedule_;
  steps::BusyMeter busy_;
  std::vector<store::DeliveryOutcome> outcomes_;  // not acknowledged yet
  clock::SteadyTime acknowledge_at_{};
  clock::SteadyTime store_retry_at_{};
  clock::SteadyTime tend_at_{};
  bool more_in_store_ = true;
  int64_t loaded_to_ = -1;
  uint64_t claims_version_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  bool committed_ = false;
  std::optional<clock::SteadyTime> ends_at_;
  DeliveryStatus status_;
  CircuitBreaker breaker_;  // a copy, since a look at it depends on the time
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_DELIVERY_H_
