#include "daemon/http/page/sight.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

constexpr std::chrono::minutes kBehindTolerated(15);

}  // namespace

std::string WhyBlind(const pipeline::ServeStatus& status) {
  if (!status.not_ready.empty()) return "signinwatch is not reading now; the reason is above.";
  const bool assigned =
      std::any_of(status.partitions.begin(), status.partitions.end(),
                  [](const pipeline::PartitionStatus& partition) { return partition.assigned; });
  if (!assigned) return "signinwatch has nothing to read: no partition is assigned to it.";
  if (status.watermark == kBeginningOfTime) return "no record has been read yet.";
  double behind = 0;
  for (const pipeline::PartitionStatus& partition : status.partitions) {
    behind = std::max(behind, partition.lag_seconds);
  }
  const Duration lag = std::chrono::seconds(std::llround(behind));
  if (lag > kBehindTolerated) return "reading is " + ShortSpan(lag) + " behind.";
  return {};
}

}  // namespace signinwatch::http
