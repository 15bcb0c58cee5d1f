#include "daemon/doctor/finding.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace signinwatch::doctor {
namespace finding_test {

TEST(Finding, IsOneLineForPeople) {
  EXPECT_EQ(FindingText({Verdict::kOk, "dns", "a:1 is known"}),
            "ok    dns             a:1 is known\n");
  EXPECT_EQ(FindingText({Verdict::kWarn, "records", "none"}), "warn  records         none\n");
  EXPECT_EQ(FindingText({Verdict::kFail, "sink with-a-long-name", "two\r\nlines"}),
            "fail  sink with-a-long-name two  lines\n");
}

TEST(Finding, IsOneObjectForPrograms) {
  const std::string line = FindingJson({Verdict::kSkip, "topics", "needs \"it\"\nfirst"});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(
      nlohmann::json::parse(line),
      (nlohmann::json{{"verdict", "skip"}, {"check", "topics"}, {"text", "needs \"it\"\nfirst"}}));
}

}  // namespace finding_test
}  // namespace signinwatch::doctor
