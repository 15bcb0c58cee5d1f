// What every Prometheus client says of its process, read from /proc.
#ifndef SIGNINWATCH_METRICS_PROCESS_METRICS_H_
#define SIGNINWATCH_METRICS_PROCESS_METRICS_H_

#include <optional>
#include <string>

namespace signinwatch::metrics {

class Metrics;

// What can not be read is absent.
struct ProcessSample {
  std::optional<double> cpu_seconds;
  std::optional<double> start_time_seconds;  // since 1970
  std::optional<double> resident_bytes;
  std::optional<double> virtual_bytes;
  std::optional<double> open_files;
  std::optional<double> open_files_max;
  std::optional<double> threads;
};
// `proc`: where the proc file system is.
[[nodiscard]] ProcessSample ReadProcess(const std::string& proc = "/proc");

void SetProcessMetrics(const ProcessSample& sample, Metrics& metrics);

}  // namespace signinwatch::metrics

#endif  // SIGNINWATCH_METRICS_PROCESS_METRICS_H_
