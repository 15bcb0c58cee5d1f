#include "daemon/sinks/file_sink.h"

#include <string>

namespace signinwatch {

std::vector<SendResult> FileSink::Send(std::span<const Delivery> deliveries) {
  std::string lines;
  for (const Delivery& delivery : deliveries) lines.append(delivery.json).push_back('\n');
  SendResult result;
  if (const absl::Status status = file_.Append(lines); !status.ok()) {
    result.kind = SendResult::Kind::kTemporary;
    result.error = std::string(status.message());
    result.sink_down = true;
  }
  return std::vector<SendResult>(deliveries.size(), result);
}

}  // namespace signinwatch
