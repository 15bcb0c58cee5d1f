#include "daemon/serve/serve.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/http/http_server.h"
#include "daemon/log/log.h"
#include "daemon/pipeline/recent_tickets.h"
#include "daemon/serve/engine.h"
#include "daemon/serve/presence.h"
#include "daemon/serve/readiness.h"
#include "daemon/serve/reload_gate.h"
#include "daemon/serve/reloadable.h"
#include "daemon/serve/status_metrics.h"
#include "daemon/signals/partitioner.h"
#include "daemon/store/open_store.h"
#include "daemon/version/version.h"
#include "metrics/metrics.h"

namespace signinwatch::serve {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kCommitPatience{10'000};
constexpr milliseconds kDeliveryGrace{5'000};
// What is not delivered by then waits in the outbox for the new configuration's sinks.
constexpr milliseconds kReloadGrace{500};
// What was committed so long ago is found in the store.
constexpr Duration kCommitsSeen = std::chrono::minutes(1);

}  // namespace

class Serve::Impl {
 public:
  explicit Impl(ServeOptions options) : options_(std::move(options)) {}
  ~Impl() { (void)Stop(); }

  [[nodiscard]] absl::Status Start(const config::Config& config);
  absl::Status Reload();
  absl::Status Stop();
  [[nodiscard]] absl::Status Wait();

  [[nodiscard]] std::string http_address() const { return http_->address(); }
  [[nodiscard]] pipeline::ServeStatus MakeStatus() const;
  [[nodiscard]] std::string Expose(metrics::Exposition exposition) {
    return metrics_.Expose(exposition);
  }

 private:
  [[nodiscard]] std::shared_ptr<Engine> engine() const;
  [[nodiscard]] absl::Status StartEngine(const config::Config& config);
  [[nodiscard]] absl::Status StartHttp(const config::HttpConfig& config);
  // By HTTP: never waits for another.
  [[nodiscard]] http::ReloadAnswer ReloadByHttp();
  // With reload_mutex_.
  [[nodiscard]] http::ReloadAnswer LoadAndTell();
  // Whether anything had changed.
  [[nodiscard]] absl::StatusOr<bool> LoadAndSwitch();
  void OnCommitted(const store::StoreCommit& commit);
  void OnFailed(const absl::Status& status);
  [[nodiscard]] store::InstanceFacts OwnFacts() const;
  void RefreshMetrics();
  void FollowShards(const pipeline::ServeStatus& status, const config::SignalsConfig& config);

  const ServeOptions options_;
  const EventTime started_at_ = options_.clock.Wall();
  metrics::Metrics metrics_;
  pipeline::FoldMetrics fold_metrics_{metrics_};
  StatusMetrics status_metrics_{metrics_};
  pipeline::RecentTickets recent_tickets_;
  std::unique_ptr<store::Store> store_;
  std::mutex shown_shards_mutex_;
  std::set<int32_t> shown_shards_;  // whose tickets the metrics show; of the role detect
  std::unique_ptr<Presence> presence_;
  ReloadGate reload_gate_;   // of those by HTTP
  std::mutex reload_mutex_;  // of one reload, or the stop
  std::string fingerprint_;  // of what the engine was started by; guarded by reload_mutex_

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::shared_ptr<Engine> engine_;
  std::unique_ptr<http::HttpServer> http_;
  bool reloading_ = false;
  bool stopping_ = false;
  absl::Status failure_;
};

absl::Status Serve::Impl::Start(const config::Config& config) {
  metrics_.gauge(metrics::Metric::kBuildInfo, {version::VersionNumber(), version::CompilerText()})
      .Set(1);
  metrics_.gauge(metrics::Metric::kConfigReloadSuccess).Set(1);
  metrics_.gauge(metrics::Metric::kConfigReloadTime).Set(UnixSeconds(started_at_));
  absl::StatusOr<std::unique_ptr<store::Store>> store =
      store::OpenStore(store::StoreOptionsOf(config.serve.store, options_.clock));
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  // Before they are read, so that what changes meanwhile is seen by the next reload.
  fingerprint_ = ConfigFingerprint(config);
  if (config.serve.role == config::Role::kAll) {
    std::vector<store::TicketPeak> peaks;
    const EventTime since = started_at_ - pipeline::RecentTickets::kShown;
    if (absl::Status status = store_->LoadTicketPeaks(since, &peaks); !status.ok()) return status;
    recent_tickets_.Restore(peaks);
  }
  if (absl::Status status = StartEngine(config); !status.ok()) return status;
  if (absl::Status status = StartHttp(config.serve.http); !status.ok()) return status;
  log::Log(config::LogLevel::kInfo, "listening", {{"address", http_->address()}});
  presence_ = std::make_unique<Presence>(*store_, options_.clock, [this] { return OwnFacts(); });
  presence_->Start();
  return absl::OkStatus();
}

std::shared_ptr<Engine> Serve::Impl::engine() const {
  const std::lock_guard lock(mutex_);
  return engine_;
}

absl::Status Serve::Impl::StartEngine(const config::Config& config) {
  absl::StatusOr<std::unique_ptr<Engine>> started = Engine::Start(
      config, {.state = *store_,
               .outbox = *store_,
               .clock = options_.clock,
               .seed = options_.seed,
               .metrics = metrics_,
               .fold_metrics = fold_metrics_,
               .committed = [this](const store::StoreCommit& commit) { OnCommitted(commit); },
               .failed = [this](const absl::Status& status) { OnFailed(status); },
               .make_source = options_.make_source});
  if (!started.ok()) return started.status();
  status_metrics_.Begin(config.detection.limits, config.memory_bytes);
  recent_tickets_.SetMaxTenants(config.serve.metrics.max_tenants);
  const std::lock_guard lock(mutex_);
  engine_ = *std::move(started);
  return absl::OkStatus();
}

absl::Status Serve::Impl::StartHttp(const config::HttpConfig& config) {
  metrics_.OnScrape([this] { RefreshMetrics(); });
  std::function<http::ReloadAnswer()> reload;
  if (options_.load_config && config.enable_reload) reload = [this] { return ReloadByHttp(); };
  absl::StatusOr<std::unique_ptr<http::HttpServer>> http =
      http::HttpServer::Start(options_.clock, config,
                              {.store = store_.get(),
                               .instances = store_.get(),
                               .status = [this] { return MakeStatus(); },
                               .metrics =
                                   [this](bool openmetrics) {
                                     return Expose(openmetrics ? metrics::Exposition::kOpenMetrics
                                                               : metrics::Exposition::kText);
                                   },
                               .reload = reload,
                               .tenants = [this]() -> std::shared_ptr<const config::TenantNames> {
                                 const std::shared_ptr<Engine> now = engine();
                                 if (now == nullptr) return nullptr;
                                 return {now, &now->config().serve.tenants};
                               }});
  if (!http.ok()) return http.status();
  const std::lock_guard lock(mutex_);  // it answers already
  http_ = *std::move(http);
  return absl::OkStatus();
}

absl::Status Serve::Impl::Reload() {
  if (!options_.load_config) return absl::UnimplementedError("there is no file to load from");
  const std::lock_guard one_at_a_time(reload_mutex_);
  return LoadAndTell().status;
}

http::ReloadAnswer Serve::Impl::ReloadByHttp() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return absl::UnavailableError("it is stopping");
  }
  const std::unique_lock one_at_a_time(reload_mutex_, std::try_to_lock);
  http::ReloadAnswer later = absl::OkStatus();
  later.retry_after_s = one_at_a_time.owns_lock() ? reload_gate_.Enter(options_.clock.Steady())
                                                  : static_cast<int>(kReloadEvery.count());
  return later.retry_after_s > 0 ? later : LoadAndTell();
}

http::ReloadAnswer Serve::Impl::LoadAndTell() {
  const absl::StatusOr<bool> changed = LoadAndSwitch();
  metrics_.gauge(metrics::Metric::kConfigReloadSuccess).Set(changed.ok() ? 1 : 0);
  http::ReloadAnswer answer = changed.status();
  answer.unchanged = changed.ok() && !*changed;
  if (answer.unchanged) {
    log::Log(config::LogLevel::kInfo, "the configuration was read again and has not changed");
  } else if (changed.ok()) {
    metrics_.gauge(metrics::Metric::kConfigReloadTime).Set(UnixSeconds(options_.clock.Wall()));
    log::Log(config::LogLevel::kInfo, "the configuration was reloaded");
  } else {
    log::Log(config::LogLevel::kError,
             "the configuration was not loaded: the previous one stays in use",
             {{"error", answer.status.message()}});
  }
  return answer;
}

absl::StatusOr<bool> Serve::Impl::LoadAndSwitch() {
  absl::StatusOr<config::Config> config = options_.load_config();
  if (!config.ok()) return config.status();
  std::string fingerprint = ConfigFingerprint(*config);
  const std::shared_ptr<Engine> former = engine();
  if (absl::Status status = CheckReloadable(former->config(), *config); !status.ok()) {
    return status;
  }
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !failure_.ok()) return absl::UnavailableError("it is stopping");
    if (fingerprint == fingerprint_) return false;
    // Each of them holds threads and connections until the process ends.
    if (const size_t left = options_.clients_left(); left >= kafka::kKafkaClientsLeftMax) {
      return absl::FailedPreconditionError(std::to_string(left) +
                                           " Kafka clients of earlier configurations could not be "
                                           "shut down: restart signinwatch to load this one");
    }
    reloading_ = true;
  }
  former->Stop(kCommitPatience, kReloadGrace);
  RefreshMetrics();  // what the former one counted until its end
  absl::Status status = StartEngine(*config);
  if (status.ok()) {
    fingerprint_ = std::move(fingerprint);
    log::ConfigureLog(config->serve.log);
  } else {
    status = absl::FailedPreconditionError(status.message());
    if (const absl::Status back = StartEngine(former->config()); !back.ok()) OnFailed(back);
  }
  const std::lock_guard lock(mutex_);
  reloading_ = false;
  if (!status.ok()) return status;
  return true;
}

absl::Status Serve::Impl::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ended_.notify_all();
  }
  presence_.reset();
  {
    const std::lock_guard after_a_reload(reload_mutex_);
    if (const std::shared_ptr<Engine> last = engine()) last->Stop(kCommitPatience, kDeliveryGrace);
  }
  // It reads the status of the others until here. Its threads may be asking for a reload, or for
  // the status: they are waited for without a lock.
  std::unique_ptr<http::HttpServer> http;
  {
    const std::lock_guard lock(mutex_);
    http = std::move(http_);
  }
  http.reset();
  const std::lock_guard lock(mutex_);
  return failure_;
}

absl::Status Serve::Impl::Wait() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return stopping_ || !failure_.ok(); });
  return failure_;
}

store::InstanceFacts Serve::Impl::OwnFacts() const {
  const pipeline::ServeStatus status = MakeStatus();
  const std::lock_guard lock(mutex_);
  return FactsOf(status, http_ == nullptr ? "" : http_->address());
}

void Serve::Impl::OnCommitted(const store::StoreCommit& commit) {
  for (const store::TicketRevision& revision : commit.revisions) {
    recent_tickets_.Note(revision.ticket, commit.moment);
    if (options_.on_committed != nullptr) options_.on_committed(revision.ticket);
  }
}

void Serve::Impl::OnFailed(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (failure_.ok()) failure_ = status;
  ended_.notify_all();
}

// Each instance shows the tickets of the shards that it owns, so that those of all add up.
void Serve::Impl::FollowShards(const pipeline::ServeStatus& status,
                               const config::SignalsConfig& config) {
  if (status.role != config::Role::kDetect) return;
  std::set<int32_t> owned;
  for (const pipeline::PartitionStatus& partition : status.partitions) {
    if (partition.assigned) owned.insert(partition.partition);
  }
  const std::lock_guard lock(shown_shards_mutex_);
  if (owned == shown_shards_) return;
  std::vector<store::TicketPeak> peaks;
  // Where the store does not answer, the next scrape asks again.
  if (!store_->LoadTicketPeaks(status.now - pipeline::RecentTickets::kShown, &peaks).ok()) return;
  recent_tickets_.Follow(peaks, status.now - kCommitsSeen, [&](std::string_view tenant) {
    return owned.contains(signals::PartitionOfTenant(tenant, config.partitions));
  });
  shown_shards_ = std::move(owned);
}

void Serve::Impl::RefreshMetrics() {
  const std::shared_ptr<Engine> now = engine();
  const pipeline::ServeStatus status = MakeStatus();
  FollowShards(status, now->config().serve.signals);
  status_metrics_.Update(status, now->snapshot(), now->source_facts(), log::GetLogCounts());
  status_metrics_.ShowTickets(recent_tickets_.Rows(options_.clock.Wall()));
  const std::lock_guard lock(mutex_);
  const bool web_config_used = http_ == nullptr || http_->web_config_problem().empty();
  metrics_.gauge(metrics::Metric::kWebConfigSuccess).Set(web_config_used ? 1 : 0);
  if (http_ != nullptr) status_metrics_.UpdateHttp(http_->counts());
}

pipeline::ServeStatus Serve::Impl::MakeStatus() const {
  pipeline::ServeStatus status;
  status.version = version::VersionNumber();
  status.started_at = started_at_;
  status.now = options_.clock.Wall();
  const std::shared_ptr<Engine> now = engine();
  now->FillStatus(status.now, &status);
  const std::lock_guard lock(mutex_);
  status.not_ready = NotReady({.stopping = stopping_,
                               .reloading = reloading_,
                               .failure = failure_,
                               .commit_problem = now->commit_problem(),
                               .takeover_problem = now->takeover_problem(),
                               .role = now->config().serve.role,
                               .group = now->config().serve.kafka.group},
                              status, now->source_facts());
  return status;
}

Serve::Serve(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Serve::~Serve() = default;

absl::StatusOr<std::unique_ptr<Serve>> Serve::Start(const config::Config& config,
                                                    ServeOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (absl::Status status = impl->Start(config); !status.ok()) return status;
  return std::unique_ptr<Serve>(new Serve(std::move(impl)));
}

std::string Serve::http_address() const { return impl_->http_address(); }
pipeline::ServeStatus Serve::status() const { return impl_->MakeStatus(); }
std::string Serve::metrics() const { return impl_->Expose(metrics::Exposition::kText); }
absl::Status Serve::Reload() { return impl_->Reload(); }
absl::Status Serve::Wait() { return impl_->Wait(); }
absl::Status Serve::Stop() { return impl_->Stop(); }

}  // namespace signinwatch::serve
