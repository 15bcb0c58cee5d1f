// Wiring only.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <random>

#include "daemon/cli/command_line.h"
#include "daemon/doctor/configured_secrets.h"
#include "daemon/doctor/doctor.h"
#include "daemon/feed/feed.h"
#include "daemon/generator/generate.h"
#include "daemon/http/web_access.h"
#include "daemon/replay/replay.h"
#include "daemon/rules/rules.h"
#include "daemon/serve/serve.h"
#include "daemon/tickets/tickets.h"
#include "metrics/catalogue.h"
#include "parser/table_hash.h"

int main(int argc, char** argv) {
  // A reader that goes away ("... | head") ends the program quietly, whatever the parent set.
  std::signal(SIGPIPE, SIG_DFL);
  std::random_device random;
  signinwatch::SeedTables(uint64_t{random()} << 32 | random());
  const signinwatch::cli::Commands commands{
      .serve = signinwatch::serve::RunServe,
      .replay = signinwatch::replay::RunReplay,
      .tickets = signinwatch::tickets::RunTickets,
      .sinks = signinwatch::rehearsal::RunSinkTrial,
      .doctor = signinwatch::doctor::RunDoctor,
      .demo = signinwatch::demo::RunDemo,
      .generate = [](const auto& o, auto* e) { return signinwatch::generator::RunGenerate(o, e); },
      .feed = signinwatch::feed::RunFeed,
      .metrics_reference = signinwatch::metrics::MetricsDocument,
      .check_web_config = signinwatch::http::CheckWebConfig,
      .rules = signinwatch::rules::AlertingRules,
      .look_at_secrets = signinwatch::doctor::LookAtSecrets};
  return signinwatch::cli::RunCommandLine(argc, argv, commands, stdout, stderr);
}
