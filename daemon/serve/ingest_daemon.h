// `signinwatch serve` with the role `ingest` (SPEC 14): reads records and hands signals on; no
// detection and no store. HTTP shows metrics, health and status; it has no tickets.
//
//   auto ingest = IngestDaemon::Start(config, {});
//   ingest->Wait();
//   ingest->Stop();
//
// Thread-safe, but for the destructor.
#ifndef SIGNINWATCH_DAEMON_SERVE_INGEST_DAEMON_H_
#define SIGNINWATCH_DAEMON_SERVE_INGEST_DAEMON_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/pipeline/status.h"

namespace signinwatch::serve {

class IngestDaemon {
 public:
  // Listens and reads when it returns; `clock` outlives it. An error says what of the configuration
  // can't be used.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<IngestDaemon>> Start(
      const config::Config& config, const clock::Clock& clock);
  ~IngestDaemon();  // Stop
  IngestDaemon(const IngestDaemon&) = delete;
  IngestDaemon& operator=(const IngestDaemon&) = delete;

  [[nodiscard]] std::string http_address() const;
  [[nodiscard]] pipeline::ServeStatus status() const;
  [[nodiscard]] std::string metrics() const;

  // Blocks until Stop was called (ok), or it can not go on (the reason).
  [[nodiscard]] absl::Status Wait();
  // Reads no more, waits some seconds for what was sent to be acknowledged, leaves the group at
  // once. The first error of the run.
  absl::Status Stop();

 private:
  class Impl;
  explicit IngestDaemon(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace signinwatch::serve

#endif  // SIGNINWATCH_DAEMON_SERVE_INGEST_DAEMON_H_
