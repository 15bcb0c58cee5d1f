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
  const signinwatch::Commands commands{
      .serve = signinwatch::RunServe,
      .replay = signinwatch::RunReplay,
      .tickets = signinwatch::RunTickets,
      .sinks = signinwatch::RunSinkTrial,
      .doctor = signinwatch::RunDoctor,
      .demo = signinwatch::RunDemo,
      .generate = [](const auto& o, auto* err) { return signinwatch::RunGenerate(o, err); },
      .feed = signinwatch::RunFeed,
      .metrics_reference = signinwatch::MetricsDocument,
      .check_web_config = signinwatch::CheckWebConfig,
      .rules = signinwatch::AlertingRules,
      .look_at_secrets = signinwatch::LookAtSecrets};
  return signinwatch::RunCommandLine(argc, argv, commands, stdout, stderr);
}
