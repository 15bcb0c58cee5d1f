// What the arguments ask for. The only place that knows CLI11.
#ifndef SIGNINWATCH_DAEMON_CLI_ARGUMENTS_H_
#define SIGNINWATCH_DAEMON_CLI_ARGUMENTS_H_

#include <optional>
#include <string>
#include <variant>

#include "daemon/demo/demo.h"
#include "daemon/doctor/doctor.h"
#include "daemon/feed/feed.h"
#include "daemon/generator/generate.h"
#include "daemon/rehearsal/sink_trial.h"
#include "daemon/replay/replay.h"
#include "daemon/tickets/tickets.h"

namespace signinwatch::cli {

struct ReplayCommand {
  std::string config_path;        // empty: the default configuration
  std::optional<EventTime> now;   // nullopt: the wall clock at start
  replay::ReplayOptions options;  // but for `now`
};
struct CheckConfigCommand {
  std::string path;
};
struct ExampleConfigCommand {
  bool reference = false;  // the documentation instead of the example
};
struct ServeCommand {
  std::string config_path;
};
struct DoctorCommand {
  doctor::DoctorOptions options;
};
struct DemoCommand {
  demo::DemoOptions options;
};
struct TicketsCommand {
  std::string config_path;  // empty: the default configuration, for its store
  tickets::TicketsOptions options;
};
struct SinksCommand {
  std::string config_path;
  rehearsal::SinkTrialOptions options;
};
struct MetricsReferenceCommand {};
struct RulesCommand {
  std::string config_path;
};
struct GenerateCommand {
  generator::GenerateOptions options;  // but for `start`, if the next is set
  std::optional<Duration> before_now;  // --start now-1d
  feed::FeedOptions feed;              // no brokers: to files
};
// --help and --version.
struct PrintCommand {
  std::string text;
};
// Bad usage: what is wrong and what is allowed, for standard error.
struct BadUsage {
  std::string text;
};

using Command =
    std::variant<ServeCommand, ReplayCommand, TicketsCommand, SinksCommand, DoctorCommand,
                 DemoCommand, GenerateCommand, CheckConfigCommand, ExampleConfigCommand,
                 MetricsReferenceCommand, RulesCommand, PrintCommand, BadUsage>;

[[nodiscard]] Command ParseArguments(int argc, const char* const* argv);

}  // namespace signinwatch::cli

#endif  // SIGNINWATCH_DAEMON_CLI_ARGUMENTS_H_
