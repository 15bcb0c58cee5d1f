// `signinwatch serve`: the daemon, put together from its parts (SPEC 8).
//
//   auto serve = Serve::Start(config, {});       // listening and reading when it returns
//   serve->Wait();                               // until Stop, or until it can not go on
//   serve->Stop();
//
// Start opens the store, loads its state, starts the sinks, the pipeline and the HTTP server; an
// error says which of them and what to do. Thread-safe, but for the destructor.
#ifndef SIGNINWATCH_DAEMON_SERVE_SERVE_H_
#define SIGNINWATCH_DAEMON_SERVE_SERVE_H_

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/pipeline/status.h"
#include "daemon/serve/engine.h"
#include "detectors/ticket.h"

namespace signinwatch::serve {

struct ServeOptions {
  // Reads the configuration anew, for Reload. The error has all mistakes, one a line.
  std::function<absl::StatusOr<config::Config>()> load_config = {};
  // Sees each revision once it is committed, on the pipeline's thread: for the demo.
  std::function<void(const Ticket&)> on_committed = {};
  // Where records come from, if not from Kafka.
  SourceMaker make_source = kafka::MakeKafkaSource;
  // How many clients of earlier sources could not be ended.
  std::function<size_t()> clients_left = kafka::KafkaClientsLeft;
  const clock::Clock& clock = clock::SystemClock();
  uint64_t seed = std::random_device()();  // of what is drawn for back-off
};

class Serve {
 public:
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Serve>> Start(const config::Config& config,
                                                                    ServeOptions options = {});
  ~Serve();  // Stop
  Serve(const Serve&) = delete;
  Serve& operator=(const Serve&) = delete;

  // "127.0.0.1:9532"
  [[nodiscard]] std::string http_address() const;
  [[nodiscard]] pipeline::ServeStatus status() const;
  // The text of /metrics.
  [[nodiscard]] std::string metrics() const;

  // Reads the configuration and goes on with it, if it or what it names has changed: what was read
  // is committed, and everything from the source to the sinks is started anew over the same store,
  // which takes some seconds. Where that fails the former configuration goes on, and the error says
  // why:
  //   kInvalidArgument      mistakes in the file
  //   kFailedPrecondition   keys that only a restart can change, or a part that could not start
  //   kUnimplemented        no load_config was given
  // One at a time.
  absl::Status Reload();

  // Blocks until Stop was called (ok), or the pipeline can not go on (the reason).
  [[nodiscard]] absl::Status Wait();
  // Drains from the left: no more is read, what was read is folded, committed and, for some
  // seconds, delivered. What can't be committed is as if it had never been read. The first error of
  // the run.
  absl::Status Stop();

 private:
  class Impl;
  explicit Serve(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The command: runs until SIGTERM or SIGINT (exit code 0), or until it can not go on (1); 2 is a
// configuration or a store that can not be used. Takes over the process's signals.
// SIGHUP reloads from the file at `path`, from which `config` was read.
[[nodiscard]] int RunServe(const config::Config& config, const std::string& path, std::FILE* err);

}  // namespace signinwatch::serve

#endif  // SIGNINWATCH_DAEMON_SERVE_SERVE_H_
