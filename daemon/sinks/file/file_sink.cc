#include "daemon/sinks/file/file_sink.h"

#include <string>
#include <utility>

#include "daemon/config/sink_types.h"

namespace signinwatch::sinks {

std::vector<SendResult> FileSink::Send(std::span<const store::Delivery> deliveries) {
  std::string lines;
  for (const store::Delivery& delivery : deliveries) lines.append(delivery.json).push_back('\n');
  SendResult result;
  if (const absl::Status status = file_.Append(lines); !status.ok()) {
    result.kind = SendResult::Kind::kTemporary;
    result.error = std::string(status.message());
    result.sink_down = true;
  }
  return std::vector<SendResult>(deliveries.size(), result);
}

TicketSinkOr MakeFileSink(const config::SinkConfig& config, const SinkParts&) {
  auto sink = std::make_unique<FileSink>(LineFile::Options{
      .path = config::SettingOf<std::string>(config, "path"),
      .line_start = "{\"schema\":\"signinwatch.ticket/",
      .rotate_bytes = static_cast<size_t>(config::SettingOf<int64_t>(config, "rotate_bytes")),
      .rotate_keep = static_cast<int>(config::SettingOf<int64_t>(config, "rotate_keep"))});
  if (absl::Status status = sink->Open(); !status.ok()) return status;
  return sink;
}

}  // namespace signinwatch::sinks
