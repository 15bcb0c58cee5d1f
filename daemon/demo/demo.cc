#include "daemon/demo/demo.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/demo/metrics_excerpt.h"
#include "daemon/demo/ticket_printer.h"
#include "daemon/demo/traffic.h"
#include "daemon/kafka/mock_cluster.h"
#include "daemon/log/log.h"
#include "daemon/serve/serve.h"

namespace signinwatch::demo {
namespace {

using std::chrono::milliseconds;

constexpr int kFine = 0, kFailed = 1, kUsage = 2;
constexpr const char* kTopic = "signins";
constexpr int kPartitions = 4;
constexpr Duration kExcerptAfter = std::chrono::seconds(15);
constexpr milliseconds kPrintEvery{200};

// Blocks what ends the demo, for all threads that are begun from now on, so that it is waited for
// in one place and everything is cleaned up after it. A reader of the output that goes away is seen
// where it is written: SIGPIPE is ignored, to the end of the program, which writes what is left.
class SignalGuard {
 public:
  SignalGuard() {
    sigemptyset(&ending_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending_, signal);
    std::signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &ending_, &before_);
  }
  ~SignalGuard() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

  // True if one came within `timeout`.
  [[nodiscard]] bool Wait(milliseconds timeout) const {
    timespec time{};
    time.tv_sec = timeout.count() / 1'000;
    time.tv_nsec = timeout.count() % 1'000 * 1'000'000;
    return sigtimedwait(&ending_, nullptr, &time) > 0;
  }

 private:
  sigset_t ending_{};
  sigset_t before_{};
};

// Gone with the demo.
class DemoFolder {
 public:
  DemoFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "signinwatch-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~DemoFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  DemoFolder(const DemoFolder&) = delete;
  DemoFolder& operator=(const DemoFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }  // empty: none could be made

 private:
  std::string path_;
};

config::Config DemoConfig(const DemoOptions& options, const std::string& brokers,
                          const std::string& folder) {
  config::Config config;
  config.serve.kafka.cluster.brokers = brokers;
  config.serve.kafka.topics = {kTopic};
  config.serve.store.path = folder + "/signinwatch.db";
  config::SinkConfig sink;
  sink.name = "file";
  sink.type = "file";
  sink.settings["path"] = folder + "/tickets.jsonl";
  config.serve.sinks = {sink};
  config.serve.http.listen = options.listen;
  // Tickets link to their page, where the port is known before it is open.
  if (!options.listen.ends_with(":0")) {
    config.serve.http.external_url = "http://" + options.listen;
  }
  config.serve.log.level = config::LogLevel::kWarning;
  return config;
}

class Demo {
 public:
  Demo(const DemoOptions& options, const clock::Clock& clock, std::FILE* out, std::FILE* err)
      : options_(options), clock_(clock), out_(out), err_(err), printer_(out) {}

  int Run();

 private:
  [[nodiscard]] absl::Status StartCluster();
  [[nodiscard]] absl::Status StartServe();
  [[nodiscard]] absl::Status StartTraffic();
  void PrintGreeting();
  // Prints tickets until it is time to end.
  void Watch();
  [[nodiscard]] bool Broken() const;
  int Finish();
  void PrintSummary(const pipeline::ServeStatus& status);

  const DemoOptions options_;
  const clock::Clock& clock_;
  std::FILE* const out_;
  std::FILE* const err_;
  // In the order in which they are begun: each is gone before what it needs.
  const SignalGuard signals_;
  const DemoFolder folder_;
  TicketPrinter printer_;
  std::unique_ptr<kafka::MockCluster> cluster_;
  std::unique_ptr<serve::Serve> serve_;
  std::unique_ptr<DemoTraffic> traffic_;
  std::atomic<bool> serve_ended_ = false;
};

absl::Status Demo::StartCluster() {
  if (folder_.path().empty()) return absl::UnavailableError("no temporary folder can be made");
  absl::StatusOr<std::unique_ptr<kafka::MockCluster>> cluster = kafka::MockCluster::Start();
  if (!cluster.ok()) return cluster.status();
  cluster_ = *std::move(cluster);
  return cluster_->CreateTopic(kTopic, kPartitions);
}

absl::Status Demo::StartServe() {
  const config::Config config = DemoConfig(options_, cluster_->bootstrap_servers(), folder_.path());
  log::ConfigureLog(config.serve.log);
  absl::StatusOr<std::unique_ptr<serve::Serve>> serve = serve::Serve::Start(
      config,
      {.on_committed = [this](const Ticket& ticket) { printer_.Add(ticket); }, .clock = clock_});
  if (!serve.ok()) return serve.status();
  serve_ = *std::move(serve);
  return absl::OkStatus();
}

absl::Status Demo::StartTraffic() {
  absl::StatusOr<std::unique_ptr<DemoTraffic>> traffic =
      DemoTraffic::Start(clock_, {.brokers = cluster_->bootstrap_servers(),
                                  .topic = kTopic,
                                  .partitions = kPartitions,
                                  .speed = options_.speed,
                                  .users = options_.users});
  if (!traffic.ok()) return traffic.status();
  traffic_ = *std::move(traffic);
  return absl::OkStatus();
}

void Demo::PrintGreeting() {
  const auto day = std::chrono::seconds(kDay / std::chrono::seconds(1)) / options_.speed;
  std::fprintf(out_,
               "signinwatch demo: http://%s/\n"
               "A Kafka cluster inside this process, and made-up traffic of %" PRIu32
               " users: a day of it in %lld seconds.\n"
               "%s\n\n",
               serve_->http_address().c_str(), options_.users,
               static_cast<long long>(std::max<int64_t>(day.count(), 1)),
               options_.run_for > Duration{0} ? "It stops on its own and leaves nothing behind."
                                              : "Ctrl-C stops it; nothing is left behind.");
  std::fflush(out_);
}

bool Demo::Broken() const { return serve_ended_ || traffic_->failed() || std::ferror(out_) != 0; }

void Demo::Watch() {
  std::thread watcher([this] {
    (void)serve_->Wait();
    serve_ended_ = true;
  });
  const bool endless = options_.run_for == Duration{0};
  const auto began = clock_.Steady();
  const auto end = endless ? clock::SteadyTime::max() : began + options_.run_for;
  // A short run shows its metrics in its middle.
  const auto excerpt_at =
      began + (endless ? kExcerptAfter : std::min<Duration>(kExcerptAfter, options_.run_for / 2));
  bool excerpt_printed = false;
  while (!Broken() && clock_.Steady() < end && !signals_.Wait(kPrintEvery)) {
    printer_.Print();
    if (excerpt_printed || clock_.Steady() < excerpt_at) continue;
    excerpt_printed = true;
    std::fprintf(out_, "\n/metrics has, among others:\n%s\n",
                 MetricsExcerpt(serve_->metrics()).c_str());
    std::fflush(out_);
  }
  traffic_->Stop();
  (void)serve_->Stop();  // its error is asked for again in Finish
  watcher.join();
}

void Demo::PrintSummary(const pipeline::ServeStatus& status) {
  const TicketPrinter::Counts tickets = printer_.counts();
  std::fprintf(out_,
               "\n%" PRIu64 " records read: %" PRIu64 " accepted, %" PRIu64 " irrelevant, %" PRIu64
               " rejected.\n%" PRIu64 " tickets opened, %" PRIu64 " resolved, in %" PRIu64
               " revisions.\n",
               status.records, status.accepted, status.irrelevant, status.rejected, tickets.opened,
               tickets.resolved, tickets.revisions);
  if (tickets.left_out > 0) {
    std::fprintf(out_, "%" PRIu64 " revisions came too fast to be printed.\n", tickets.left_out);
  }
  std::fflush(out_);
}

int Demo::Finish() {
  printer_.Print();
  PrintSummary(serve_->status());
  const absl::Status status = serve_->Stop();
  if (!status.ok()) {
    std::fprintf(err_, "signinwatch demo: %s\n", std::string(status.message()).c_str());
  }
  if (traffic_->failed()) {
    std::fprintf(err_, "signinwatch demo: the traffic ended: %s\n", traffic_->error().c_str());
  }
  return status.ok() && !traffic_->failed() ? kFine : kFailed;
}

int Demo::Run() {
  for (const auto step : {&Demo::StartCluster, &Demo::StartServe, &Demo::StartTraffic}) {
    if (const absl::Status status = (this->*step)(); !status.ok()) {
      std::fprintf(err_, "signinwatch demo: %s\n", std::string(status.message()).c_str());
      return step == &Demo::StartServe ? kUsage : kFailed;
    }
  }
  PrintGreeting();
  Watch();
  return Finish();
}

}  // namespace

int RunDemo(const DemoOptions& options, std::FILE* out, std::FILE* err) {
  return Demo(options, clock::SystemClock(), out, err).Run();
}

}  // namespace signinwatch::demo
