// What installs the daemon: the unit is sound and closed, configurations are valid, and what is
// said in several places is the same. Booting, building an image and rendering the chart need more
// than a test has; package_test.sh and chart_test.sh do that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/config.h"
#include "tests/deploy/deploy_files.h"
#include "tests/program.h"

namespace signinwatch {
namespace install_test {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// The first group of the only match.
std::string Find(const std::string& name, const std::string& pattern) {
  const std::string text = TextOf(name);
  std::smatch match;
  EXPECT_TRUE(std::regex_search(text, match, std::regex(pattern))) << name << ": " << pattern;
  return match.empty() ? "" : match[1].str();
}

constexpr std::array kComposeFiles{"deploy/compose/compose.yaml", "deploy/compose/scaled.yaml"};

// Its services, and what they share (x-...): yaml-cpp does not merge it into them.
std::vector<std::pair<std::string, YAML::Node>> PartsOf(const YAML::Node& compose) {
  std::vector<std::pair<std::string, YAML::Node>> parts;
  for (const auto& entry : compose) {
    const auto name = entry.first.as<std::string>();
    if (name.starts_with("x-")) parts.emplace_back(name, entry.second);
  }
  for (const auto& service : compose["services"]) {
    parts.emplace_back(service.first.as<std::string>(), service.second);
  }
  return parts;
}

std::set<std::string> KeysOf(const YAML::Node& map) {
  std::set<std::string> keys;
  for (const auto& entry : map) keys.insert(entry.first.as<std::string>());
  return keys;
}

TEST(UnitTest, IsUnderstood) {
  // Where nothing is installed there is no program to start.
  const std::string unit = std::regex_replace(TextOf("deploy/systemd/signinwatch.service"),
                                              std::regex("/usr/bin/signinwatch"), "/bin/true");
  const std::string path = testing::TempDir() + "/signinwatch.service";
  std::ofstream(path) << unit;
  const auto [said, status] = RunProgram("systemd-analyze verify --man=no " + path);
  EXPECT_EQ(status, 0) << said;
  EXPECT_THAT(said, IsEmpty());
}

TEST(UnitTest, IsClosed) {
  const auto [said, status] =
      RunProgram("systemd-analyze security --no-pager --offline=true --threshold=15 " +
                 PathOf("deploy/systemd/signinwatch.service"));
  EXPECT_EQ(status, 0) << said;
  EXPECT_THAT(said, HasSubstr("Overall exposure level"));
}

TEST(UnitTest, StopsWaitEverywhereAsLong) {
  EXPECT_EQ(Find("deploy/systemd/signinwatch.service", "TimeoutStopSec=(\\d+s)"), "30s");
  for (const char* name : kComposeFiles) {
    EXPECT_EQ(Find(name, "stop_grace_period: (\\d+s)"), "30s");
  }
  EXPECT_EQ(
      Find("deploy/helm/signinwatch/templates/_pod.tpl", "terminationGracePeriodSeconds: (\\d+)"),
      "30");
}

TEST(ConfigurationsTest, AreValid) {
  for (const char* name : {"deploy/debian/signinwatch.yaml", "deploy/compose/signinwatch.yaml",
                           "deploy/compose/ingest.yaml", "deploy/compose/detect.yaml"}) {
    const config::ConfigResult result = config::LoadConfigFile(PathOf(name));
    EXPECT_THAT(result.errors, IsEmpty());
    ASSERT_TRUE(result.config.has_value()) << name;
    EXPECT_THAT(config::MissingForServe(*result.config), IsEmpty()) << name;
  }
}

TEST(PackageTest, ScriptsAreShell) {
  for (const char* name : {"postinst", "prerm", "postrm"}) {
    const std::string path = "deploy/debian/" + std::string(name);
    EXPECT_THAT(TextOf(path), StartsWith("#!/bin/sh\nset -e\n")) << name;
    const auto [said, status] = RunProgram("sh -n " + PathOf(path));
    EXPECT_EQ(status, 0) << said;
  }
}

TEST(PackageTest, TheDoctorIsShell) {
  EXPECT_THAT(TextOf("deploy/debian/signinwatch-doctor"), StartsWith("#!/bin/sh\n"));
  const auto [said, status] = RunProgram("sh -n " + PathOf("deploy/debian/signinwatch-doctor"));
  EXPECT_EQ(status, 0) << said;
}

TEST(ComposeTest, MountsWhatThereIs) {
  for (const char* file : kComposeFiles) {
    size_t mounts = 0;
    for (const auto& [name, part] : PartsOf(YAML::LoadFile(PathOf(file)))) {
      for (const YAML::Node& volume : part["volumes"]) {
        const std::string mount = volume.as<std::string>();
        if (mount.front() != '.') continue;
        const std::string source = mount.substr(0, mount.find(':'));
        EXPECT_TRUE(std::filesystem::exists(PathOf("deploy/compose/" + source))) << mount;
        EXPECT_TRUE(mount.ends_with(":ro")) << mount;
        ++mounts;
      }
    }
    EXPECT_GT(mounts, 2U) << file;
  }
}

TEST(ComposeTest, IsOpenToThisMachineAlone) {
  const YAML::Node first = YAML::LoadFile(PathOf(kComposeFiles[0]))["services"];
  for (const char* name : kComposeFiles) {
    const YAML::Node file = YAML::LoadFile(PathOf(name));
    for (const auto& [part_name, part] : PartsOf(file)) {
      for (const YAML::Node& port : part["ports"]) {
        EXPECT_THAT(port.as<std::string>(), StartsWith("127.0.0.1:")) << name << " " << part_name;
      }
    }
    for (const auto& service : file["services"]) {
      const auto service_name = service.first.as<std::string>();
      // What the second file changes of a service of the first is confined there.
      const bool changed = std::string(name) != kComposeFiles[0] && first[service_name];
      EXPECT_TRUE(changed || service.second["<<"]) << service_name << " is not confined";
    }
    EXPECT_EQ(file["x-confined"]["cap_drop"][0].as<std::string>(), "ALL");
  }
}

// A tag can be moved to other bytes by whoever owns it; a digest can't.
TEST(ComposeTest, ImagesOfOthersArePinned) {
  const std::regex pinned("[a-z0-9./-]+:[A-Za-z0-9_.-]+@sha256:[0-9a-f]{64}");
  size_t images = 0;
  for (const char* file : kComposeFiles) {
    for (const auto& [name, part] : PartsOf(YAML::LoadFile(PathOf(file)))) {
      const YAML::Node image = part["image"];
      if (!image || image.as<std::string>() == "signinwatch") continue;
      EXPECT_TRUE(std::regex_match(image.as<std::string>(), pinned)) << image;
      ++images;
    }
  }
  EXPECT_GT(images, 4U);
  EXPECT_TRUE(std::regex_match(Find("Dockerfile", "\nARG BASE=(\\S+)"), pinned));
}

// Who lists processes or reads the environment of one learns no password.
TEST(ComposeTest, PasswordsAreFiles) {
  for (const char* file : kComposeFiles) {
    EXPECT_FALSE(std::regex_search(TextOf(file), std::regex("PASSWORD\\w*: *(?!/run/secrets/)\\S")))
        << file;
  }
  EXPECT_EQ(Find("deploy/compose/detect.yaml", "password: (\\S+)"),
            "file:/run/secrets/database-password");
}

TEST(ComposeTest, PrometheusIsConfigured) {
  for (const char* name : {"prometheus.yaml", "prometheus-scaled.yaml"}) {
    const auto [said, status] = RunProgram("promtool check config --syntax-only " +
                                           PathOf("deploy/compose/" + std::string(name)));
    EXPECT_EQ(status, 0) << said;
  }
}

TEST(ChartTest, HasTheFilesOfTheOtherFolders) {
  // They are links: a copy would grow old.
  for (const auto& [file, source] :
       {std::pair("signinwatch.rules.yaml", "deploy/prometheus/signinwatch.rules.yaml"),
        std::pair("soc.json", "deploy/grafana/soc.json"),
        std::pair("oncall.json", "deploy/grafana/oncall.json"),
        std::pair("capacity.json", "deploy/grafana/capacity.json")}) {
    const std::string path = PathOf("deploy/helm/signinwatch/files/" + std::string(file));
    std::error_code error;
    EXPECT_TRUE(std::filesystem::equivalent(path, PathOf(source), error)) << file;
  }
}

TEST(ChartTest, HasAVersion) {
  const std::string version = Find("CMakeLists.txt", "VERSION (\\d+\\.\\d+\\.\\d+) LANGUAGES");
  const YAML::Node chart = YAML::LoadFile(PathOf("deploy/helm/signinwatch/Chart.yaml"));
  EXPECT_EQ(chart["version"].as<std::string>(), version);
  EXPECT_EQ(chart["appVersion"].as<std::string>(), version);
}

TEST(ChartTest, SchemaKnowsEachValue) {
  const YAML::Node values = YAML::LoadFile(PathOf("deploy/helm/signinwatch/values.yaml"));
  const auto schema =
      nlohmann::json::parse(TextOf("deploy/helm/signinwatch/values.schema.json"))["properties"];
  std::set<std::string> known;
  for (const auto& [key, rules] : schema.items()) {
    if (key != "global") known.insert(key);  // Helm's own
    // Of what is closed, the keys below are said too.
    if (rules.value("additionalProperties", true)) continue;
    std::set<std::string> below;
    for (const auto& property : rules["properties"].items()) below.insert(property.key());
    EXPECT_EQ(below, KeysOf(values[key])) << key;
  }
  EXPECT_EQ(known, KeysOf(values));
}

// An HTTP probe without a log-in had a crowded or closed port restarted, and with it the detector.
TEST(ChartTest, LivenessAsksForAConnectionAlone) {
  const std::string set = TextOf("deploy/helm/signinwatch/templates/_pod.tpl");
  const size_t liveness = set.find("livenessProbe:");
  const size_t readiness = set.find("readinessProbe:");
  ASSERT_LT(liveness, readiness);
  EXPECT_THAT(set.substr(liveness, readiness - liveness), HasSubstr("tcpSocket: {port: http}"));
}

TEST(ChartTest, ListensToTheNetworkOnlyBehindALogInOrAPolicy) {
  const std::string helpers = TextOf("deploy/helm/signinwatch/templates/_helpers.tpl");
  EXPECT_THAT(
      helpers,
      HasSubstr("if not (or .Values.webConfig.existingSecret .Values.networkPolicy.enabled)"));
  EXPECT_THAT(helpers, HasSubstr("fail \"who may read the tickets?"));
  EXPECT_THAT(helpers, HasSubstr("\"hosts\" $hosts"));
}

TEST(ImageTest, RunsAsTheUserOfTheChart) {
  const std::string user = Find("Dockerfile", "\nUSER (\\d+):\\d+\n");
  EXPECT_EQ(Find("Dockerfile", "useradd --uid (\\d+)"), user);
  EXPECT_EQ(Find("deploy/helm/signinwatch/templates/_pod.tpl", "runAsUser: (\\d+)"), user);
  EXPECT_EQ(Find("deploy/helm/signinwatch/templates/_pod.tpl", "fsGroup: (\\d+)"), user);
}

}  // namespace install_test
}  // namespace signinwatch
