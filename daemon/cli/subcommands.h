// The commands and their options, as CLI11 knows them. Parsing fills what was given.
#ifndef SIGNINWATCH_DAEMON_CLI_SUBCOMMANDS_H_
#define SIGNINWATCH_DAEMON_CLI_SUBCOMMANDS_H_

#include <CLI/CLI.hpp>

#include "daemon/cli/arguments.h"

namespace signinwatch::cli {

// Each adds its command to `root`; the targets must outlive the parsing. The first hold defaults.
void AddServe(CLI::App* root, ServeCommand* command);
void AddReplay(CLI::App* root, ReplayCommand* command);
void AddTickets(CLI::App* root, TicketsCommand* command);
void AddSinks(CLI::App* root, SinksCommand* command);
void AddDoctor(CLI::App* root, DoctorCommand* command);
void AddDemo(CLI::App* root, DemoCommand* command);
void AddGenerate(CLI::App* root, GenerateCommand* command);
void AddCheckConfig(CLI::App* root, CheckConfigCommand* command);
void AddExampleConfig(CLI::App* root, ExampleConfigCommand* command);
void AddMetricsReference(CLI::App* root);
void AddRules(CLI::App* root, RulesCommand* command);

}  // namespace signinwatch::cli

#endif  // SIGNINWATCH_DAEMON_CLI_SUBCOMMANDS_H_
