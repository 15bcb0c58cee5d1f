#include "daemon/cli/command_line.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/cli/arguments.h"
#include "daemon/config/reference.h"

namespace signinwatch {
namespace {

// One command line being run: a call operator for each command.
struct Runner {
  const Commands& commands;
  std::FILE* out;
  std::FILE* err;

  [[nodiscard]] int Print(std::string_view text) const;
  // nullopt: the mistakes have been written.
  [[nodiscard]] std::optional<Config> Load(const std::string& path) const;

  int operator()(const ReplayCommand& command) const;
  int operator()(const CheckConfigCommand& command) const;
  int operator()(const ExampleConfigCommand& command) const;
  int operator()(const GenerateCommand& command) const;
  int operator()(const PrintCommand& command) const { return Print(command.text); }
  int operator()(const BadUsage& command) const;
};

int Runner::Print(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), out);
  if (std::fflush(out) == 0 && std::ferror(out) == 0) return kExitFine;
  std::fputs("signinwatch: standard output can not be written\n", err);
  return kExitFailed;
}

std::optional<Config> Runner::Load(const std::string& path) const {
  ConfigResult result = LoadConfigFile(path);
  for (const std::string& error : result.errors) std::fprintf(err, "%s\n", error.c_str());
  return std::move(result.config);
}

int Runner::operator()(const ReplayCommand& command) const {
  Config config;
  if (!command.config_path.empty()) {
    auto loaded = Load(command.config_path);
    if (!loaded) return kExitUsage;
    config = *std::move(loaded);
  }
  ReplayOptions options = command.options;
  options.now =
      command.now.value_or(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  return commands.replay(config, options, out, err);
}

int Runner::operator()(const CheckConfigCommand& command) const {
  if (!Load(command.path)) return kExitUsage;
  return Print(command.path + ": ok\n");
}

int Runner::operator()(const ExampleConfigCommand& command) const {
  return Print(command.reference ? ConfigurationReference() : ConfigurationExample());
}

int Runner::operator()(const GenerateCommand& command) const {
  return commands.generate(command.options, err);
}

int Runner::operator()(const BadUsage& command) const {
  std::fputs(command.text.c_str(), err);
  return kExitUsage;
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv, const Commands& commands, std::FILE* out,
                   std::FILE* err) {
  return std::visit(Runner{commands, out, err}, ParseArguments(argc, argv));
}

}  // namespace signinwatch
