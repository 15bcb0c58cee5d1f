// The command line: arguments in, one command run, exit code out (SPEC 8).
//
//   Commands commands{.serve = RunServe, .replay = RunReplay, ...};
//   return RunCommandLine(argc, argv, commands, stdout, stderr);
//
// The commands that do the work are handed in, so that the command line is tested without them.
#ifndef SIGNINWATCH_DAEMON_CLI_COMMAND_LINE_H_
#define SIGNINWATCH_DAEMON_CLI_COMMAND_LINE_H_

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/web_config.h"
#include "daemon/demo/demo.h"
#include "daemon/doctor/configured_secrets.h"
#include "daemon/doctor/doctor.h"
#include "daemon/feed/feed.h"
#include "daemon/generator/generate.h"
#include "daemon/rehearsal/sink_trial.h"
#include "daemon/replay/replay.h"
#include "daemon/tickets/tickets.h"

namespace signinwatch::cli {

struct Commands {
  // Only with a configuration that says all that it needs.
  std::function<int(const config::Config&, const std::string& config_path, std::FILE* err)> serve;
  std::function<int(const config::Config&, const replay::ReplayOptions&, std::FILE* out,
                    std::FILE* err)>
      replay;
  std::function<int(const config::Config&, const tickets::TicketsOptions&, std::FILE* out,
                    std::FILE* err)>
      tickets;
  std::function<int(const config::Config&, const rehearsal::SinkTrialOptions&, std::FILE* out,
                    std::FILE* err)>
      sinks;
  // Only with a configuration that says all that `serve` needs.
  std::function<int(const config::Config&, const doctor::DoctorOptions&, std::FILE* out,
                    std::FILE* err)>
      doctor;
  std::function<int(const demo::DemoOptions&, std::FILE* out, std::FILE* err)> demo;
  std::function<int(const generator::GenerateOptions&, std::FILE* err)> generate;
  std::function<int(const generator::GenerateOptions&, const feed::FeedOptions&, std::FILE* err)>
      feed;
  std::function<std::string()> metrics_reference;
  // What `serve` would make of a web configuration file.
  std::function<config::WebConfigCheck(const std::string& path)> check_web_config;
  std::function<std::string(const std::string& external_url)> rules;
  // The secrets that a configuration names, for check-config.
  std::function<std::vector<doctor::SecretState>(const config::ServeConfig&)> look_at_secrets;
};

inline constexpr int kExitFine = 0;
inline constexpr int kExitFailed = 1;  // while running
inline constexpr int kExitUsage = 2;   // bad usage or configuration

// Results go to `out`, messages to `err`. Reads the wall clock once, for the default of --now and
// for --start now.
[[nodiscard]] int RunCommandLine(int argc, const char* const* argv, const Commands& commands,
                                 std::FILE* out, std::FILE* err);

}  // namespace signinwatch::cli

#endif  // SIGNINWATCH_DAEMON_CLI_COMMAND_LINE_H_
