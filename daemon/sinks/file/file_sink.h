// Tickets as JSON lines in a file, rotated by size (line_file.h).
//
// All of a batch is on disk before it counts as delivered. A reader tells revisions that were
// written twice, after a crash, by ticket_id and revision.
#ifndef SIGNINWATCH_DAEMON_SINKS_FILE_FILE_SINK_H_
#define SIGNINWATCH_DAEMON_SINKS_FILE_FILE_SINK_H_

#include <span>
#include <vector>

#include "daemon/sinks/line_file.h"
#include "daemon/sinks/sink_parts.h"

namespace signinwatch::sinks {

class FileSink : public TicketSink {
 public:
  explicit FileSink(const LineFile::Options& options) : file_(options) {}

  absl::Status Open() { return file_.Open(); }
  [[nodiscard]] std::vector<SendResult> Send(std::span<const store::Delivery> deliveries) override;
  [[nodiscard]] size_t batch_max() const override { return 100; }

 private:
  LineFile file_;
};

[[nodiscard]] TicketSinkOr MakeFileSink(const config::SinkConfig& config, const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_FILE_FILE_SINK_H_
