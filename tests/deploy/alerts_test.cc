// The alerts: each fires and is silent when it should, says what to do, and asks for metrics that
// exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <regex>
#include <set>
#include <string>

#include "metrics/catalogue.h"
#include "tests/deploy/deploy_files.h"
#include "tests/program.h"

namespace signinwatch {
namespace alerts_test {

using testing::Contains;
using testing::HasSubstr;

std::map<std::string, YAML::Node> Alerts() {
  std::map<std::string, YAML::Node> alerts;
  const YAML::Node rules = YAML::LoadFile(PathOf("deploy/prometheus/signinwatch.rules.yaml"));
  for (const YAML::Node& group : rules["groups"]) {
    for (const YAML::Node& rule : group["rules"]) {
      if (rule["alert"]) alerts[rule["alert"].as<std::string>()] = rule;
    }
  }
  return alerts;
}

TEST(AlertsTest, FireAndAreSilentAsTheyShould) {
  const auto [said, status] =
      RunProgram("promtool test rules " + PathOf("tests/deploy/alerts_test.yaml"));
  EXPECT_EQ(status, 0) << said;
  EXPECT_THAT(said, HasSubstr("SUCCESS"));
}

TEST(AlertsTest, EachIsTestedBothWays) {
  std::set<std::string> fires;
  std::set<std::string> silent;
  for (const YAML::Node& test : YAML::LoadFile(PathOf("tests/deploy/alerts_test.yaml"))["tests"]) {
    for (const YAML::Node& moment : test["alert_rule_test"]) {
      (moment["exp_alerts"].size() > 0 ? fires : silent)
          .insert(moment["alertname"].as<std::string>());
    }
  }
  EXPECT_GT(Alerts().size(), 20);
  for (const auto& [name, rule] : Alerts()) {
    EXPECT_THAT(fires, Contains(name));
    EXPECT_THAT(silent, Contains(name));
  }
}

TEST(AlertsTest, EachSaysWhatItMeansAndWhatToDo) {
  const std::string runbook = TextOf("deploy/RUNBOOK.md");
  for (const auto& [name, rule] : Alerts()) {
    EXPECT_EQ(rule["annotations"]["runbook_url"].as<std::string>(), "runbook#" + name);
    EXPECT_FALSE(rule["annotations"]["summary"].as<std::string>().empty()) << name;
    EXPECT_FALSE(rule["annotations"]["description"].as<std::string>().empty()) << name;
    EXPECT_THAT((std::set<std::string>{"critical", "warning", "info"}),
                Contains(rule["labels"]["severity"].as<std::string>()));
    EXPECT_THAT((std::set<std::string>{"soc", "oncall", "capacity"}),
                Contains(rule["labels"]["audience"].as<std::string>()));
    const size_t section = runbook.find("\n### " + name + "\n");
    ASSERT_NE(section, std::string::npos) << name;
    const std::string text = runbook.substr(section, runbook.find("\n##", section + 1) - section);
    for (const char* part : {"**Meaning**", "**Check**", "**Fix**", "\n```sh\n"}) {
      EXPECT_THAT(text, HasSubstr(part)) << name;
    }
  }
}

TEST(AlertsTest, AskForMetricsThatExist) {
  const std::string reference = metrics::MetricsDocument();
  const std::string rules = TextOf("deploy/prometheus/signinwatch.rules.yaml");
  const std::regex name("signinwatch_[a-z0-9_]+|process_[a-z_]+");
  size_t found = 0;
  for (auto at = std::sregex_iterator(rules.begin(), rules.end(), name);
       at != std::sregex_iterator(); ++at, ++found) {
    const std::string metric =
        std::regex_replace(at->str(), std::regex("(_seconds)_(bucket|count|sum)$"), "$1");
    EXPECT_THAT(reference, HasSubstr("| `" + metric + "` |"));
  }
  EXPECT_GT(found, 50);
}

}  // namespace alerts_test
}  // namespace signinwatch
