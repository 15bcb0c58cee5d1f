#include "tests/daemon/generator/traffic.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace signinwatch::generator {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

GenerateOptions SmallTraffic() {
  GenerateOptions options;
  options.start = std::chrono::sys_days(std::chrono::year(2025) / 3 / 3);
  options.users = 40;
  options.scenarios = false;
  return options;
}

Traffic Generate(GenerateOptions options) {
  std::string directory = std::filesystem::temp_directory_path() / "generator_test.XXXXXX";
  Traffic traffic;
  if (::mkdtemp(directory.data()) == nullptr) {
    traffic.exit_code = -1;
    return traffic;
  }
  const bool several = options.partitions > 1;
  options.output = directory + (several ? "/parts" : "/part.jsonl");
  options.labels = directory + "/labels.jsonl";
  const std::string messages = directory + "/messages";
  std::FILE* err = std::fopen(messages.c_str(), "w");
  traffic.exit_code = RunGenerate(options, err);
  std::fclose(err);
  traffic.messages = ReadAll(messages);
  traffic.labels = ReadAll(options.labels);
  for (uint32_t i = 0; i < options.partitions; ++i) {
    traffic.outputs.push_back(ReadAll(
        several ? options.output + "/part-" + std::to_string(i) + ".jsonl" : options.output));
  }
  std::filesystem::remove_all(directory);
  return traffic;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

}  // namespace signinwatch::generator
