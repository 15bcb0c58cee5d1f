#include "metrics/process_metrics.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include "metrics/metrics.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::metrics {
namespace process_metrics_test {

class ProcessMetricsTest : public testing::Test {
 protected:
  ProcessMetricsTest() { std::filesystem::create_directories(folder_.Path("self/fd")); }
  ProcessSample Read() const { return ReadProcess(folder_.Path("")); }

  const TemporaryFolder folder_;
};

TEST_F(ProcessMetricsTest, AreReadFromProc) {
  // Two tickets to trouble: a name with a blank and parentheses.
  folder_.Write("self/stat",
                "4711 (sign) (in) S 1 4711 4711 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 17 0 12300 "
                "1073741824 2048 18446744073709551615 1 1 0 0 0 0\n");
  folder_.Write("stat", "cpu  1 2 3\nctxt 99\nbtime 1795671660\nprocesses 5\n");
  // One of them is the look itself.
  for (const char* fd : {"0", "1", "2", "3"}) folder_.Write(std::string("self/fd/") + fd, "");

  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const ProcessSample sample = Read();
  EXPECT_EQ(sample.cpu_seconds, 300 / ticks);
  EXPECT_EQ(sample.start_time_seconds, 1795671660 + 12300 / ticks);
  EXPECT_EQ(sample.virtual_bytes, 1073741824);
  EXPECT_EQ(sample.resident_bytes, 2048.0 * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(sample.threads, 17);
  EXPECT_EQ(sample.open_files, 3);
  EXPECT_GT(sample.open_files_max, 0);
}

TEST_F(ProcessMetricsTest, LeaveOutWhatCanNotBeRead) {
  std::filesystem::remove(folder_.Path("self/fd"));
  for (const char* stat :
       {"", "4711", "4711 (signinwatch)", "4711 (signinwatch) S 1 2 3",
        "4711 (x) S 1 4711 4711 0 -1 4194560 100 0 0 0 a 50 0 0 20 0 17 0 1 2 3"}) {
    folder_.Write("self/stat", stat);
    const ProcessSample sample = Read();
    EXPECT_EQ(sample.cpu_seconds, std::nullopt) << stat;
    EXPECT_EQ(sample.start_time_seconds, std::nullopt) << stat;
    EXPECT_EQ(sample.resident_bytes, std::nullopt) << stat;
    EXPECT_EQ(sample.open_files, std::nullopt) << stat;
  }
}

TEST(ProcessMetrics, OfThisProcessArePlausible) {
  const ProcessSample sample = ReadProcess();
  EXPECT_GE(sample.cpu_seconds, 0);
  EXPECT_GT(sample.resident_bytes, 1'000'000);
  EXPECT_GT(sample.virtual_bytes, sample.resident_bytes);
  EXPECT_GE(sample.threads, 1);
  EXPECT_GE(sample.open_files, 3);
  EXPECT_GE(sample.open_files_max, sample.open_files);
  // It was started before now, and not before this program was written.
  EXPECT_GT(sample.start_time_seconds, 1'600'000'000);
  EXPECT_LE(sample.start_time_seconds, static_cast<double>(std::time(nullptr)) + 1);
}

// The value that an exposition shows; NaN: none.
double Value(const std::string& exposition, const std::string& name) {
  const size_t at = exposition.find("\n" + name + " ");
  if (at == std::string::npos) return std::numeric_limits<double>::quiet_NaN();
  return std::stod(exposition.substr(at + name.size() + 2));
}

TEST(ProcessMetrics, AreInEveryExposition) {
  Metrics metrics;
  for (const Exposition exposition : {Exposition::kText, Exposition::kOpenMetrics}) {
    const ProcessSample before = ReadProcess();
    const std::string text = metrics.Expose(exposition);
    EXPECT_EQ(Value(text, "process_start_time_seconds"), before.start_time_seconds);
    EXPECT_EQ(Value(text, "process_max_fds"), before.open_files_max);
    EXPECT_EQ(Value(text, "process_open_fds"), before.open_files);
    EXPECT_EQ(Value(text, "process_threads"), before.threads);
    EXPECT_GE(Value(text, "process_cpu_seconds_total"), before.cpu_seconds);
    EXPECT_LT(Value(text, "process_cpu_seconds_total"), before.start_time_seconds);
    EXPECT_GT(Value(text, "process_resident_memory_bytes"), 1'000'000);
    EXPECT_GT(Value(text, "process_virtual_memory_bytes"),
              Value(text, "process_resident_memory_bytes"));
  }
}

}  // namespace process_metrics_test
}  // namespace signinwatch::metrics
