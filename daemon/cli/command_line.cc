#include "daemon/cli/command_line.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/cli/arguments.h"
#include "daemon/clock/clock.h"
#include "daemon/config/reference.h"

namespace signinwatch::cli {
namespace {

// One command line being run: a call operator for each command.
struct Runner {
  const Commands& commands;
  std::FILE* out;
  std::FILE* err;

  [[nodiscard]] int Print(std::string_view text) const;
  // An empty path is the default configuration. nullopt: the mistakes have been written.
  [[nodiscard]] std::optional<config::Config> Load(const std::string& path) const;
  [[nodiscard]] std::optional<config::Config> Told(config::ConfigResult result) const;
  // false: one that can be read is no good. What this user can't read is said, and is no mistake.
  [[nodiscard]] bool CheckSecrets(const config::Config& config, const std::string& path) const;
  // An exception that has ended is no mistake, but may go.
  void SayEndedExceptions(const config::Config& config, const std::string& path) const;

  int operator()(const ServeCommand& command) const;
  int operator()(const ReplayCommand& command) const;
  int operator()(const TicketsCommand& command) const;
  int operator()(const SinksCommand& command) const;
  int operator()(const DoctorCommand& command) const;
  int operator()(const DemoCommand& command) const {
    return commands.demo(command.options, out, err);
  }
  int operator()(const GenerateCommand& command) const;
  int operator()(const CheckConfigCommand& command) const;
  int operator()(const ExampleConfigCommand& command) const;
  int operator()(const MetricsReferenceCommand&) const {
    return Print(commands.metrics_reference());
  }
  int operator()(const RulesCommand& command) const;
  int operator()(const PrintCommand& command) const { return Print(command.text); }
  int operator()(const BadUsage& command) const;
};

int Runner::Print(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), out);
  if (std::fflush(out) == 0 && std::ferror(out) == 0) return kExitFine;
  std::fputs("signinwatch: cannot write to standard output\n", err);
  return kExitFailed;
}

std::optional<config::Config> Runner::Load(const std::string& path) const {
  if (path.empty()) return config::ParseConfig("", "").config;
  return Told(config::LoadConfigFile(path));
}

std::optional<config::Config> Runner::Told(config::ConfigResult result) const {
  for (const std::string& error : result.errors) std::fprintf(err, "%s\n", error.c_str());
  return std::move(result.config);
}

int Runner::operator()(const ServeCommand& command) const {
  const auto config = Told(config::LoadServeConfigFile(command.config_path));
  return config ? commands.serve(*config, command.config_path, err) : kExitUsage;
}

int Runner::operator()(const DoctorCommand& command) const {
  const auto config = Told(config::LoadServeConfigFile(command.options.config_path));
  return config ? commands.doctor(*config, command.options, out, err) : kExitUsage;
}

int Runner::operator()(const ReplayCommand& command) const {
  const auto config = Load(command.config_path);
  if (!config) return kExitUsage;
  replay::ReplayOptions options = command.options;
  options.now = command.now.value_or(clock::SystemClock().Wall());
  return commands.replay(*config, options, out, err);
}

int Runner::operator()(const TicketsCommand& command) const {
  const auto config = Load(command.config_path);
  if (!config) return kExitUsage;
  return commands.tickets(*config, command.options, out, err);
}

int Runner::operator()(const SinksCommand& command) const {
  const auto config = Load(command.config_path);
  return config ? commands.sinks(*config, command.options, out, err) : kExitUsage;
}

int Runner::operator()(const GenerateCommand& command) const {
  generator::GenerateOptions options = command.options;
  if (command.before_now) options.start = clock::SystemClock().Wall() - *command.before_now;
  if (command.feed.cluster.brokers.empty()) return commands.generate(options, err);
  return commands.feed(options, command.feed, err);
}

bool Runner::CheckSecrets(const config::Config& config, const std::string& path) const {
  bool good = true;
  for (const doctor::SecretState& secret : commands.look_at_secrets(config.serve)) {
    if (secret.kind == doctor::SecretState::Kind::kGood) continue;
    const bool unread = secret.kind == doctor::SecretState::Kind::kUnread;
    std::fprintf(err, "%s: %s%s: %s\n", path.c_str(), unread ? "not checked here: " : "",
                 secret.key.c_str(), secret.text.c_str());
    good = good && unread;
  }
  return good;
}

void Runner::SayEndedExceptions(const config::Config& config, const std::string& path) const {
  const EventTime now = clock::SystemClock().Wall();
  for (const config::ExceptionConfig& exception : config.serve.exceptions) {
    if (now < exception.until) continue;
    std::fprintf(err, "%s: exception %s ended at %s\n", path.c_str(), exception.name.c_str(),
                 FormatEventTime(exception.until).c_str());
  }
}

int Runner::operator()(const CheckConfigCommand& command) const {
  const auto config = Load(command.path);
  if (!config || !CheckSecrets(*config, command.path)) return kExitUsage;
  if (const std::string& web = config->serve.http.web_config_file; !web.empty()) {
    const config::WebConfigCheck check = commands.check_web_config(web);
    for (const std::string& error : check.errors) std::fprintf(err, "%s\n", error.c_str());
    for (const std::string& warning : check.warnings) {
      std::fprintf(err, "warning: %s\n", warning.c_str());
    }
    if (!check.errors.empty()) return kExitUsage;
  }
  SayEndedExceptions(*config, command.path);
  return Print(command.path + ": ok\n");
}

int Runner::operator()(const ExampleConfigCommand& command) const {
  return Print(command.reference ? config::ConfigurationReference()
                                 : config::ConfigurationExample());
}

int Runner::operator()(const RulesCommand& command) const {
  const auto config = Load(command.config_path);
  if (!config) return kExitUsage;
  const std::string& url = config->serve.http.external_url;
  if (!url.empty()) return Print(commands.rules(url));
  std::fprintf(err, "%s: the links of the rules need http.external_url: where people reach it\n",
               command.config_path.c_str());
  return kExitUsage;
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

}  // namespace signinwatch::cli
