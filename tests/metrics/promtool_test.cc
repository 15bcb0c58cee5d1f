// Prometheus' own lint (Debian package prometheus) has nothing to say about any metric.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/daemon/temporary_folder.h"
#include "tests/metrics/every_metric.h"
#include "tests/program.h"

namespace signinwatch::metrics {
namespace promtool_test {

// What `promtool check metrics` says of an exposition, and its exit status (127: it is missing).
std::pair<std::string, int> Check(const std::string& exposition) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("metrics", exposition);
  return RunProgram("promtool check metrics <'" + path + "'");
}

TEST(Promtool, HasNothingToSay) {
  Metrics metrics;
  SetEveryMetric(metrics);
  const auto [output, status] = Check(metrics.Expose(Exposition::kText));
  EXPECT_EQ(output, "");
  EXPECT_EQ(status, 0);
}

// It does look.
TEST(Promtool, FindsABadName) {
  const auto [output, status] =
      Check("# HELP waited_minutes Help.\n# TYPE waited_minutes gauge\nwaited_minutes 1\n");
  EXPECT_THAT(output, testing::HasSubstr("base unit"));
  EXPECT_EQ(status, 3);
}

}  // namespace promtool_test
}  // namespace signinwatch::metrics
