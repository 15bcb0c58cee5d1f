#include "daemon/sinks/delivery.h"

#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/config/sink_types.h"
#include "daemon/log/log.h"
#include "daemon/sinks/delivery_schedule.h"
#include "daemon/steps/busy_meter.h"

namespace signinwatch {
namespace {

using Time = DeliverySchedule::Time;

constexpr size_t kLoadMax = 100;  // deliveries a look at the store
// Outcomes are acknowledged together: a transaction of the store costs more than many of them.
constexpr size_t kAcknowledgeAt = 100;
constexpr std::chrono::milliseconds kAcknowledgeAfter{200};
// Beyond, nothing more is sent: after a crash all of it would be sent again.
constexpr size_t kUnacknowledgedMax = 1'000;
// After an error of the store.
constexpr std::chrono::seconds kStoreRetry{1};

Time Now() { return std::chrono::steady_clock::now(); }

EventTime WallTime() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

DeliverySchedule::Options ScheduleOptions(const SinkConfig& config) {
  DeliverySchedule::Options options;
  options.backoff_min = config.backoff_min;
  options.backoff_max = config.backoff_max;
  if (HasSetting(config, "rate_per_second")) {
    options.rate_per_second = SettingOf<double>(config, "rate_per_second");
  }
  options.seed = std::random_device()();
  return options;
}

// Signals are for the main thread; a reader of our output that has gone is an error of write(2).
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

class DeliveryWorker::Impl {
 public:
  Impl(const SinkConfig& config, Outbox& outbox, std::unique_ptr<TicketSink> sink,
       DeliveryObserver observer)
      : name_(config.name),
        outbox_(outbox),
        sink_(std::move(sink)),
        observer_(std::move(observer)),
        schedule_(ScheduleOptions(config)),
        busy_(Now()) {
    status_.sink = name_;
    status_.type = config.type;
  }
  ~Impl() { Stop(std::chrono::milliseconds(0)); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Start() {
    thread_ = std::thread([this] {
      BlockSignals();
      Run();
    });
  }

  void Wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }

  void Stop(std::chrono::milliseconds grace) {
    if (!thread_.joinable()) return;
    {
      std::unique_lock lock(mutex_);
      stop_at_ = Now() + grace;
      woken_ = true;
      changed_.notify_all();
      changed_.wait_until(lock, *stop_at_, [this] { return ended_; });
    }
    sink_->Cancel();
    thread_.join();
  }

  DeliveryStatus status() const {
    const std::lock_guard lock(mutex_);
    DeliveryStatus status = status_;
    status.busy_ratio = busy_.Ratio(Now());
    return status;
  }

 private:
  // The thread. Everything below is its own but for what mutex_ guards.
  void Run() {
    while (GoesOn()) {
      Load();
      if (!SendSome() && !WaitForWork()) break;
    }
    store_retry_at_ = {};
    Acknowledge();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  bool GoesOn() const {
    const std::lock_guard lock(mutex_);
    return !stop_at_ || Now() < *stop_at_;
  }

  bool WantsMore() const { return more_in_store_ && schedule_.HasRoomFor(kLoadMax); }

  // Fills the window from the store.
  void Load() {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(woken_, false)) more_in_store_ = true;
    }
    while (WantsMore() && Now() >= store_retry_at_) {
      std::vector<Delivery> deliveries;
      const absl::Status status = outbox_.NextDeliveries(name_, loaded_to_, kLoadMax, &deliveries);
      if (!status.ok()) return NoteStoreError("the outbox cannot be read", status);
      more_in_store_ = deliveries.size() == kLoadMax;
      for (Delivery& delivery : deliveries) {
        loaded_to_ = delivery.sequence;
        schedule_.Add(std::move(delivery), Now());
      }
    }
  }

  // false: there is nothing to be sent now.
  bool SendSome() {
    if (outcomes_.size() >= kUnacknowledgedMax) return false;
    std::vector<Delivery> batch = schedule_.Take(Now(), sink_->batch_max());
    if (batch.empty()) return false;
    busy_.Begin(Now());
    const std::vector<SendResult> results = sink_->Send(batch);
    busy_.End(Now());
    // A sink that breaks its contract would lose or double deliveries.
    if (results.size() != batch.size()) std::abort();
    for (size_t i = 0; i < batch.size(); ++i) {
      Report(batch[i], results[i]);
      if (observer_) observer_(name_, batch[i], results[i]);
    }
    if (outcomes_.empty()) acknowledge_at_ = Now() + kAcknowledgeAfter;
    const bool was_down = schedule_.down();
    std::vector<DeliveryOutcome> over = schedule_.Finish(std::move(batch), results, Now());
    std::move(over.begin(), over.end(), std::back_inserter(outcomes_));
    UpdateStatus(results);
    if (schedule_.down() != was_down) ReportTurn(results);
    AcknowledgeIfDue();
    return true;
  }

  void Report(const Delivery& delivery, const SendResult& result) const {
    if (result.kind == SendResult::Kind::kDelivered) return;
    const bool permanent = result.kind == SendResult::Kind::kPermanent;
    Log(permanent || result.sink_down ? LogLevel::kError : LogLevel::kWarning,
        permanent ? "a ticket was refused and is not sent again"
                  : "a ticket could not be sent and is tried again",
        {{"sink", name_},
         {"ticket_id", delivery.ticket_id},
         {"revision", delivery.revision},
         {"error", result.error}});
  }

  void ReportTurn(const std::vector<SendResult>& results) const {
    if (!schedule_.down()) return Log(LogLevel::kInfo, "a sink is up again", {{"sink", name_}});
    const auto down = std::find_if(results.begin(), results.end(),
                                   [](const SendResult& result) { return result.sink_down; });
    Log(LogLevel::kError, "a sink is down, its tickets wait",
        {{"sink", name_}, {"error", down->error}});
  }

  void UpdateStatus(const std::vector<SendResult>& results) {
    const std::lock_guard lock(mutex_);
    for (const SendResult& result : results) {
      switch (result.kind) {
        case SendResult::Kind::kDelivered:
          ++status_.delivered;
          status_.last_delivered_at = WallTime();
          break;
        case SendResult::Kind::kTemporary:
          ++status_.temporary_failures;
          break;
        case SendResult::Kind::kPermanent:
          ++status_.permanent_failures;
          break;
      }
      status_.last_error = result.error;
    }
    status_.waiting_retry = schedule_.waiting_retry();
    status_.down = schedule_.down();
  }

  void AcknowledgeIfDue() {
    if (outcomes_.size() >= kAcknowledgeAt || Now() >= acknowledge_at_) Acknowledge();
  }

  void Acknowledge() {
    if (outcomes_.empty() || Now() < store_retry_at_) return;
    const absl::Status status = outbox_.Acknowledge(name_, outcomes_, WallTime());
    if (!status.ok()) return NoteStoreError("deliveries cannot be acknowledged", status);
    outcomes_.clear();
  }

  void NoteStoreError(const char* what, const absl::Status& status) {
    store_retry_at_ = Now() + kStoreRetry;
    Log(LogLevel::kError, what, {{"sink", name_}, {"error", std::string(status.message())}});
  }

  // When there is something to do even if nobody wakes us.
  std::optional<Time> NextTime() const {
    std::optional<Time> next;
    const auto at = [&next](Time time) { next = next ? std::min(*next, time) : time; };
    if (!outcomes_.empty()) at(std::max(acknowledge_at_, store_retry_at_));
    if (WantsMore()) at(store_retry_at_);
    if (outcomes_.size() < kUnacknowledgedMax) {
      if (const auto ready = schedule_.NextTime(Now())) at(*ready);
    }
    return next;
  }

  // false: it is to stop.
  bool WaitForWork() {
    AcknowledgeIfDue();
    const std::optional<Time> next = NextTime();
    std::unique_lock lock(mutex_);
    if (stop_at_ && !woken_) return false;
    const auto woken = [this] { return woken_; };
    if (next) {
      changed_.wait_until(lock, *next, woken);
    } else {
      changed_.wait(lock, woken);
    }
    return true;
  }

  const std::string name_;
  Outbox& outbox_;
  const std::unique_ptr<TicketSink> sink_;
  const DeliveryObserver observer_;

  DeliverySchedule schedule_;
  BusyMeter busy_;
  std::vector<DeliveryOutcome> outcomes_;  // not acknowledged yet
  Time acknowledge_at_{};
  Time store_retry_at_{};
  bool more_in_store_ = true;
  int64_t loaded_to_ = -1;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // of woken_, stop_at_, ended_
  bool woken_ = false;
  bool ended_ = false;
  std::optional<Time> stop_at_;
  DeliveryStatus status_;

  std::thread thread_;
};

DeliveryWorker::DeliveryWorker(const SinkConfig& config, Outbox& outbox,
                               std::unique_ptr<TicketSink> sink, DeliveryObserver observer)
    : impl_(std::make_unique<Impl>(config, outbox, std::move(sink), std::move(observer))) {}
DeliveryWorker::~DeliveryWorker() = default;

void DeliveryWorker::Start() { impl_->Start(); }
void DeliveryWorker::Wake() { impl_->Wake(); }
void DeliveryWorker::Stop(std::chrono::milliseconds grace) { impl_->Stop(grace); }
DeliveryStatus DeliveryWorker::status() const { return impl_->status(); }

}  // namespace signinwatch
