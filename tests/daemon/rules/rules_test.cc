#include "daemon/rules/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <fstream>

#include "tests/deploy/deploy_files.h"
#include "tests/program.h"

namespace signinwatch::rules {
namespace rules_test {

using testing::HasSubstr;
using testing::StartsWith;

// The annotations of all alerts, by alert.
std::map<std::string, YAML::Node> AnnotationsOf(const std::string& rules) {
  std::map<std::string, YAML::Node> annotations;
  for (const YAML::Node& group : YAML::Load(rules)["groups"]) {
    for (const YAML::Node& rule : group["rules"]) {
      if (rule["alert"]) annotations[rule["alert"].as<std::string>()] = rule["annotations"];
    }
  }
  return annotations;
}

TEST(RulesTest, EachAlertLinksToItsSectionOfTheRunbook) {
  const auto alerts = AnnotationsOf(AlertingRules("https://soc.contoso.example/watch"));
  EXPECT_GT(alerts.size(), 20U);
  for (const auto& [name, annotations] : alerts) {
    EXPECT_EQ(annotations["runbook_url"].as<std::string>(),
              "https://soc.contoso.example/watch/runbook#" + name);
  }
}

TEST(RulesTest, AlertsOfTicketsLinkToThem) {
  const auto alerts = AnnotationsOf(AlertingRules("https://soc.contoso.example"));
  for (const char* name : {"SigninwatchCriticalTicket", "SigninwatchHighTicket"}) {
    EXPECT_THAT(alerts.at(name)["tickets_url"].as<std::string>(),
                StartsWith("https://soc.contoso.example/tickets?"))
        << name;
  }
}

TEST(RulesTest, NothingButLinksIsChanged) {
  std::string rules = AlertingRules("https://soc.contoso.example");
  const std::string front = "https://soc.contoso.example/";
  for (size_t at; (at = rules.find(front)) != std::string::npos;) rules.erase(at, front.size());
  EXPECT_EQ(rules, TextOf("deploy/prometheus/signinwatch.rules.yaml"));
}

TEST(RulesTest, PrometheusTakesThem) {
  const std::string path = testing::TempDir() + "/signinwatch.rules.yaml";
  // A quote is fine in a URL, and ends a text of YAML.
  std::ofstream(path) << AlertingRules("http://soc.contoso.example:8080/o'brien");
  const auto [said, status] = RunProgram("promtool check rules " + path);
  EXPECT_EQ(status, 0) << said;
  EXPECT_THAT(said, HasSubstr("SUCCESS"));
}

}  // namespace rules_test
}  // namespace signinwatch::rules
