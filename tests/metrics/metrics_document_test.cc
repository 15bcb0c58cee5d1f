#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "metrics/catalogue.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::metrics {
namespace metrics_document_test {

using testing::HasSubstr;

TEST(MetricsDocument, IsTheOneInDeploy) {
  EXPECT_TRUE(ReadWholeFile(SIGNINWATCH_SOURCE_DIR "/deploy/METRICS.md") == MetricsDocument())
      << "run ./dev docs";
}

TEST(MetricsDocument, HasARowForEachMetric) {
  const std::string document = MetricsDocument();
  for (const MetricSpec& spec : MetricCatalogue()) {
    EXPECT_THAT(document, HasSubstr("\n| `" + std::string(spec.name) + "` | "));
  }
  EXPECT_THAT(document,
              HasSubstr("| `signinwatch_store_commit_duration_seconds` | histogram |  | How long "
                        "each commit took until it was on disk. Buckets: 0.001, 0.0025, 0.005, "
                        "0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30. |\n"));
  // Its numbers are those of the code.
  static_assert(kSeriesMax == 2'000);
}

TEST(MetricsDocument, HasASectionAboveEachTable) {
  const std::string document = MetricsDocument();
  size_t sections = 0;
  for (size_t at = document.find("\n## "); at != std::string::npos;
       at = document.find("\n## ", at + 1)) {
    ++sections;
  }
  EXPECT_EQ(sections, 12);
  EXPECT_LT(document.find("\n## Input"), document.find("signinwatch_records_total` |"));
}

}  // namespace metrics_document_test
}  // namespace signinwatch::metrics
