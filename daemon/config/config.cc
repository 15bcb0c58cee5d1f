#include "daemon/config/config.h"

#include <algorithm>
#include <utility>

#include "daemon/config/config_text.h"
#include "daemon/config/role_rules.h"
#include "daemon/config/yaml_reader.h"

namespace signinwatch::config {
namespace {

ConfigResult Result(Config config, std::vector<std::string> errors) {
  if (!errors.empty()) return {.config = std::nullopt, .errors = std::move(errors)};
  KeepForRole(&config.serve);
  config.parser.max_clock_skew = config.detection.time.max_clock_skew;
  config.parser.detailed_codes = config.detection.CountedCodes();
  ShareMemory(&config);
  return {.config = std::move(config), .errors = {}};
}

}  // namespace

void ShareMemory(Config* config) {
  config->detection.limits.state_bytes = config->memory_bytes / 2;
  PipelineConfig& pipeline = config->serve.pipeline;
  pipeline.queue_bytes = std::min(pipeline.queue_bytes, config->memory_bytes / 8);
}

ConfigResult ParseConfig(std::string_view text, const std::string& name) {
  Config config;
  auto errors = ReadConfigText(
      text, name, [&config](std::string_view checked) { return ReadYaml(checked, &config); });
  return Result(std::move(config), std::move(errors));
}

ConfigResult LoadConfigFile(const std::string& path) {
  Config config;
  auto errors = ReadConfigFile(
      path, [&config](std::string_view checked) { return ReadYaml(checked, &config); });
  return Result(std::move(config), std::move(errors));
}

ConfigResult LoadServeConfigFile(const std::string& path) {
  ConfigResult result = LoadConfigFile(path);
  if (!result.config) return result;
  for (const std::string& what : MissingForServe(*result.config)) {
    result.errors.push_back(path + ": " + what);
  }
  if (!result.errors.empty()) result.config.reset();
  return result;
}

std::vector<std::string> MissingForServe(const Config& config) {
  std::vector<std::string> missing;
  if (config.serve.kafka.cluster.brokers.empty()) {
    missing.emplace_back(
        "kafka.brokers is not given: serve reads from there, such as "
        "contoso.servicebus.windows.net:9093");
  }
  if (config.serve.kafka.topics.empty() && config.serve.role != Role::kDetect) {
    missing.emplace_back(
        "kafka.topics is not given: serve reads them, such as [insights-logs-signinlogs]");
  }
  return missing;
}

}  // namespace signinwatch::config
