#include "metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>

#include "metrics/metrics.h"

namespace signinwatch::metrics {
namespace {

// proc(5): /proc/pid/stat behind the name, whose parentheses may hold anything.
struct Stat {
  uint64_t user_ticks = 0, system_ticks = 0, threads = 0, start_ticks = 0, virtual_bytes = 0,
           resident_pages = 0;
};

std::optional<Stat> ReadStat(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line, '\0');
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  Stat stat;
  std::string skipped;
  // The first here is field 3, the state.
  for (int field = 3; field <= 24; ++field) {
    switch (field) {
      case 14:
        fields >> stat.user_ticks;
        break;
      case 15:
        fields >> stat.system_ticks;
        break;
      case 20:
        fields >> stat.threads;
        break;
      case 22:
        fields >> stat.start_ticks;
        break;
      case 23:
        fields >> stat.virtual_bytes;
        break;
      case 24:
        fields >> stat.resident_pages;
        break;
      default:
        fields >> skipped;
    }
  }
  if (fields.fail()) return std::nullopt;
  return stat;
}

// The line "btime 1795671660" of /proc/stat: when the machine was started.
std::optional<double> ReadBootTime(const std::string& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name;
    double seconds = 0;
    if (fields >> name && name == "btime" && fields >> seconds) return seconds;
  }
  return std::nullopt;
}

std::optional<double> CountEntries(const std::string& folder) {
  std::error_code error;
  double entries = 0;
  auto at = std::filesystem::directory_iterator(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) ++entries;
  if (error) return std::nullopt;
  return entries;
}

}  // namespace

ProcessSample ReadProcess(const std::string& proc) {
  ProcessSample sample;
  if (const auto stat = ReadStat(proc + "/self/stat")) {
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    sample.cpu_seconds = static_cast<double>(stat->user_ticks + stat->system_ticks) / ticks;
    sample.threads = static_cast<double>(stat->threads);
    sample.virtual_bytes = static_cast<double>(stat->virtual_bytes);
    sample.resident_bytes =
        static_cast<double>(stat->resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    if (const auto boot_time = ReadBootTime(proc + "/stat")) {
      sample.start_time_seconds = *boot_time + static_cast<double>(stat->start_ticks) / ticks;
    }
  }
  if (const auto open = CountEntries(proc + "/self/fd")) sample.open_files = *open - 1;
  if (rlimit limit{}; ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    sample.open_files_max = static_cast<double>(limit.rlim_cur);
  }
  return sample;
}

void SetProcessMetrics(const ProcessSample& sample, Metrics& metrics) {
  if (sample.cpu_seconds) metrics.counter(Metric::kProcessCpu).RaiseTo(*sample.cpu_seconds);
  const auto set = [&metrics](Metric metric, const std::optional<double>& value) {
    metrics.Clear(metric);
    if (value) metrics.gauge(metric).Set(*value);
  };
  set(Metric::kProcessStartTime, sample.start_time_seconds);
  set(Metric::kProcessResidentMemory, sample.resident_bytes);
  set(Metric::kProcessVirtualMemory, sample.virtual_bytes);
  set(Metric::kProcessOpenFiles, sample.open_files);
  set(Metric::kProcessOpenFilesMax, sample.open_files_max);
  set(Metric::kProcessThreads, sample.threads);
}

}  // namespace signinwatch::metrics
