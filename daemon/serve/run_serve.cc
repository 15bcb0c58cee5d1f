#include <malloc.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/log/log.h"
#include "daemon/serve/ingest_daemon.h"
#include "daemon/serve/reloadable.h"
#include "daemon/serve/serve.h"
#include "daemon/version/version.h"

namespace signinwatch::serve {
namespace {

// librdkafka allocates each fetched batch anew. Memory that is given back to the system and taken
// again costs a page fault for every 4 KiB, half of all the work where something is decompressed.
// So freed memory is kept, up to this; bench/serve shows what it brings.
constexpr size_t kKeptBytes = 256 << 20;

void KeepFreedMemory(size_t memory_bytes) {
  ::mallopt(M_MMAP_THRESHOLD, 64 << 20);
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(std::min(kKeptBytes, memory_bytes / 8)));
  ::mallopt(M_TOP_PAD, 16 << 20);
}

sigset_t HandledSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, signal);
  return signals;
}

// What runs, whatever its role.
struct Daemon {
  std::function<absl::Status()> wait, stop, reload;
};

absl::StatusOr<Daemon> StartIngest(const config::Config& config) {
  absl::StatusOr<std::unique_ptr<IngestDaemon>> started =
      IngestDaemon::Start(config, clock::SystemClock());
  if (!started.ok()) return started.status();
  const std::shared_ptr<IngestDaemon> ingest = *std::move(started);
  return Daemon{.wait = [ingest] { return ingest->Wait(); },
                .stop = [ingest] { return ingest->Stop(); },
                .reload =
                    [] {
                      log::Log(config::LogLevel::kWarning,
                               "with the role ingest a changed configuration needs a restart");
                      return absl::OkStatus();
                    }};
}

absl::StatusOr<Daemon> StartDaemon(const config::Config& config, const std::string& path) {
  if (config.serve.role == config::Role::kIngest) return StartIngest(config);
  absl::StatusOr<std::unique_ptr<Serve>> started =
      Serve::Start(config, {.load_config = [path] { return LoadServeConfig(path); }});
  if (!started.ok()) return started.status();
  const std::shared_ptr<Serve> serve = *std::move(started);
  return Daemon{.wait = [serve] { return serve->Wait(); },
                .stop = [serve] { return serve->Stop(); },
                .reload = [serve] { return serve->Reload(); }};
}

}  // namespace

int RunServe(const config::Config& config, const std::string& path, std::FILE* err) {
  constexpr int kFine = 0, kFailed = 1, kUsage = 2;
  KeepFreedMemory(config.memory_bytes);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is an error of writing, as a full disk is
  // Before the first thread, so that all threads leave the signals to the one that waits for them.
  const sigset_t signals = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  log::ConfigureLog(config.serve.log);
  log::Log(config::LogLevel::kInfo, "starting", {{"version", version::VersionNumber()}});
  const absl::StatusOr<Daemon> daemon = StartDaemon(config, path);
  if (!daemon.ok()) {
    std::fprintf(err, "signinwatch: %s\n", std::string(daemon.status().message()).c_str());
    return kUsage;
  }

  std::atomic<bool> failed = false;
  // Wakes the main thread by a signal, so that it waits in one place only.
  const pthread_t main_thread = pthread_self();
  std::thread watcher([&] {
    if (!daemon->wait().ok()) {
      failed = true;
      pthread_kill(main_thread, SIGUSR1);
    }
  });
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal != SIGTERM && signal != SIGINT) {
    if (signal == SIGUSR1 && failed) break;
    // Its outcome is in the log and in the metrics.
    if (signal == SIGHUP) (void)daemon->reload();
  }
  log::Log(config::LogLevel::kInfo, "stopping", {{"reason", failed ? "failure" : "signal"}});
  const absl::Status status = daemon->stop();
  watcher.join();
  if (!status.ok()) {
    std::fprintf(err, "signinwatch: %s\n", std::string(status.message()).c_str());
    return kFailed;
  }
  log::Log(config::LogLevel::kInfo, "stopped");
  return kFine;
}

}  // namespace signinwatch::serve
