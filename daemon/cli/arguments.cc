#include "daemon/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "daemon/cli/version.h"
#include "daemon/config/quantities.h"
#include "daemon/config/suggestion.h"
#include "parser/event_time.h"

namespace signinwatch {
namespace {

constexpr const char* kTimeAllowed =
    "a time such as 2026-11-24T09:00:00Z, 2026-11-24 9:00:00.5+01:00 or 11/24/2026 9:00:00 AM, "
    "from the year 2000 on (UTC where no zone is given)";
constexpr const char* kDurationAllowed = "a duration such as 30m, 24h, 30d or 1h30m";
constexpr const char* kSizeAllowed = "a size such as 64KiB, 16MiB, 1GB or a number of bytes";
constexpr const char* kPathAllowed = "a path";

// The traffic's default start: a Monday, and far enough back that no clock takes it for the future.
constexpr EventTime kGenerateStart = std::chrono::sys_days(std::chrono::year(2025) / 3 / 3);

std::optional<std::string> ParsePath(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// An option whose text `parse` turns into a value; nullopt from it is bad usage that names what is
// allowed.
template <typename Parse, typename Target>
CLI::Option* AddParsed(CLI::App* app, const std::string& name, const std::string& type,
                       const std::string& help, const std::string& allowed, Parse parse,
                       Target* target) {
  return app
      ->add_option_function<std::string>(
          name,
          [name, allowed, parse, target](const std::string& text) {
            auto value = parse(text);
            if (!value) {
              throw CLI::ValidationError(name,
                                         "'" + text + "' can not be used, allowed: " + allowed);
            }
            *target = *std::move(value);
          },
          help)
      ->type_name(type);
}

template <typename Integer>
CLI::Option* AddInteger(CLI::App* app, const std::string& name, const std::string& help,
                        int64_t least, int64_t most, Integer* target) {
  const auto parse = [least, most](const std::string& text) -> std::optional<Integer> {
    const auto value = ParseInteger(text);
    if (!value || *value < least || *value > most) return std::nullopt;
    return static_cast<Integer>(*value);
  };
  return AddParsed(app, name, "N", help,
                   "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
                   parse, target);
}

// As AddParsed, of a text that must be one of `choices`.
template <typename Target, typename Convert>
CLI::Option* AddChoice(CLI::App* app, const std::string& name, const std::string& help,
                       const std::vector<std::string>& choices, Convert convert, Target* target) {
  std::string type;
  for (const std::string& choice : choices) type += (type.empty() ? "" : "|") + choice;
  const auto parse = [choices, convert](const std::string& text) -> std::optional<Target> {
    if (std::find(choices.begin(), choices.end(), text) == choices.end()) return std::nullopt;
    return convert(text);
  };
  return AddParsed(app, name, type, help, "one of " + type, parse, target);
}

void AddReplay(CLI::App* root, ReplayCommand* command) {
  CLI::App* app = root->add_subcommand(
      "replay",
      "Reads exported sign-in and audit logs from files, and prints the final tickets,\n"
      "one a line; the last line on standard error is a summary.");
  AddParsed(app, "--config", "FILE", "Configuration; the defaults without it", kPathAllowed,
            ParsePath, &command->config_path);
  AddParsed(
      app, "--now", "TIME",
      "Records further in the future than this are rejected; the time of starting without it",
      kTimeAllowed, [](const std::string& text) { return ParseEventTime(text); }, &command->now);
  app->add_flag_callback(
      "--events", [command] { command->options.events = true; },
      "Print every revision of a ticket instead of the last one");
  AddParsed(app, "--dead-letters", "FILE", "Keep rejected records here, one JSON object a line",
            kPathAllowed, ParsePath, &command->options.dead_letters);
  AddChoice(
      app, "--format", "For programs or for people", {"json", "text"},
      [](const std::string& text) {
        return text == "text" ? ReplayOptions::Format::kText : ReplayOptions::Format::kJson;
      },
      &command->options.format)
      ->default_str("json");
  AddInteger(app, "--threads", "Threads that parse; 0: one for each processor", 0, 256,
             &command->options.parse_threads)
      ->default_str("0");
  app->add_option("PATH", command->options.paths,
                  "Files to read, plain or gzip'd, each an input partition; - is standard input")
      ->type_name("")
      ->required();
  app->footer(
      "Examples:\n"
      "  signinwatch replay PT1H.json\n"
      "  signinwatch replay --format text --config signinwatch.yaml exports/*.json.gz\n"
      "  zcat day.json.gz | signinwatch replay --now 2026-11-24T00:00:00Z --dead-letters bad.jsonl "
      "-");
}

void AddGenerate(CLI::App* root, GenerateOptions* options) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  CLI::App* app = root->add_subcommand(
      "generate",
      "Makes realistic Entra sign-in and audit records with labelled scenarios.\n"
      "The same options give the same bytes.");
  AddInteger(app, "--seed", "Another number, other traffic", 0, kMost, &options->seed)
      ->default_str("1");
  AddParsed(
      app, "--start", "TIME", "Event time of the first record", kTimeAllowed,
      [](const std::string& text) { return ParseEventTime(text); }, &options->start)
      ->default_str(FormatEventTime(options->start));
  AddParsed(
      app, "--duration", "DURATION", "Event time from the first record to the last",
      std::string(kDurationAllowed) + ", from 1m to 3650d",
      [](const std::string& text) -> std::optional<Duration> {
        const auto value = ParseDuration(text);
        if (!value || *value < std::chrono::minutes(1) || *value > 3650 * kDay) return std::nullopt;
        return value;
      },
      &options->duration)
      ->default_str(FormatDuration(options->duration));
  AddInteger(app, "--tenants", "Tenants", 1, kGenerateTenantsMax, &options->tenants)
      ->default_str(std::to_string(options->tenants));
  AddInteger(app, "--users", "Users of all tenants together", 1, 100'000'000, &options->users)
      ->default_str(std::to_string(options->users));
  AddInteger(app, "--records", "Background records; 0: what the users' rhythm gives", 0, kMost,
             &options->records)
      ->default_str("0");
  AddParsed(
      app, "--bytes", "SIZE", "End the background at about this size; 0: no limit", kSizeAllowed,
      [](const std::string& text) { return ParseSize(text); }, &options->bytes)
      ->default_str("0");
  AddChoice(
      app, "--layout", "batches: one Event Hubs message a line; lines: one record a line",
      {"batches", "lines"}, [](const std::string& text) { return text; }, &options->layout)
      ->default_str(options->layout);
  AddInteger(app, "--partitions", "Files to write, part-N.jsonl of the directory --output", 1,
             kGeneratePartitionsMax, &options->partitions)
      ->default_str("1");
  AddParsed(app, "--output", "PATH", "File, directory, or - for standard output", kPathAllowed,
            ParsePath, &options->output)
      ->default_str(options->output);
  AddParsed(app, "--labels", "FILE", "Write the planted scenarios here, one JSON object a line",
            kPathAllowed, ParsePath, &options->labels);
  app->add_flag_callback(
      "--no-scenarios", [options] { options->scenarios = false; }, "Background traffic only");
  app->footer(
      "Examples:\n"
      "  signinwatch generate --users 200 --duration 6h --labels labels.jsonl --output day.jsonl\n"
      "  signinwatch generate --bytes 1GB --partitions 8 --output traffic/\n"
      "  signinwatch generate --layout lines --seed 7 | signinwatch replay -");
}

void AddConfigCommands(CLI::App* root, CheckConfigCommand* check, ExampleConfigCommand* example) {
  CLI::App* check_app = root->add_subcommand(
      "check-config", "Checks a configuration, and reports all mistakes as FILE:LINE:COLUMN.");
  AddParsed(check_app, "FILE", "", "The configuration, YAML", kPathAllowed, ParsePath, &check->path)
      ->required();
  check_app->footer("Example:\n  signinwatch check-config /etc/signinwatch/config.yaml");
  CLI::App* example_app = root->add_subcommand(
      "example-config", "Prints a configuration with every key at its default, explained.");
  example_app->add_flag_callback(
      "--reference", [example] { example->reference = true; },
      "Print the reference of all keys (Markdown) instead");
  example_app->footer("Example:\n  signinwatch example-config > signinwatch.yaml");
}

std::vector<std::string> CommandNames(const CLI::App& root) {
  std::vector<std::string> names;
  for (const CLI::App* app : root.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(app->get_name());
  }
  return names;
}

// What is said when no command was recognised: `argument` is the first one that is no option, empty
// if there is none.
std::string NoCommandText(const CLI::App& root, const std::string& argument) {
  const std::vector<std::string> names = CommandNames(root);
  std::string text =
      argument.empty() ? "no command is given" : "unknown command '" + argument + "'";
  if (const std::string* near = NearestName(argument, names); near != nullptr) {
    text += ", did you mean '" + *near + "'?";
  }
  text += text.back() == '?' ? " allowed: " : ", allowed: ";
  for (const std::string& name : names) text += name + ", ";
  return text + "--help, --version";
}

// For those who mistyped one.
std::string OptionNames(const CLI::App& app) {
  std::string names;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) continue;
    names += (names.empty() ? "" : ", ") + option->get_name();
  }
  return names;
}

BadUsage Explain(const CLI::App& root, const CLI::ParseError& error,
                 const std::vector<std::string>& arguments) {
  const auto parsed = root.get_subcommands();
  if (parsed.empty()) {
    const auto word = std::find_if(arguments.begin(), arguments.end(), [](const std::string& text) {
      return !text.empty() && text.front() != '-';
    });
    if (word == arguments.end() && !arguments.empty()) {
      return {"signinwatch: unknown option '" + arguments.front() +
              "', allowed: a command, --help, --version\n"};
    }
    return {"signinwatch: " + NoCommandText(root, word == arguments.end() ? "" : *word) + "\n"};
  }
  const CLI::App& app = *parsed.front();
  const std::string name = "signinwatch " + app.get_name();
  std::string text = name + ": " + error.what() + "\n";
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
      dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    text += name + ": allowed: " + OptionNames(app) + "\n";
  }
  return {text + "'" + name + " --help' says more\n"};
}

// CLI11 takes an argument like [a,b] for a list written in one word. As a path it must stay whole.
std::vector<std::string> ArgumentTexts(int argc, const char* const* argv) {
  std::vector<std::string> texts;
  for (int i = 1; i < argc; ++i) {
    std::string text = argv[i];
    if (text.starts_with('[') && text.ends_with(']')) text.insert(0, "./");
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace

Command ParseArguments(int argc, const char* const* argv) {
  const std::vector<std::string> arguments = ArgumentTexts(argc, argv);
  CLI::App root(
      "Finds bursts of failed Entra ID sign-ins whose session a password change made invalid\n"
      "(AADSTS50132, 50133, 50173), explains them, and writes tickets.",
      "signinwatch");
  ReplayCommand replay;
  CheckConfigCommand check;
  ExampleConfigCommand example;
  GenerateCommand generate;
  generate.options.start = kGenerateStart;
  root.require_subcommand(1);
  root.get_formatter()->column_width(32);
  root.set_version_flag("--version", VersionText())
      ->description("Print the version, how it was built, and the versions of the libraries");
  AddReplay(&root, &replay);
  AddConfigCommands(&root, &check, &example);
  AddGenerate(&root, &generate.options);
  root.footer(
      "Exit codes: 0 fine, 1 failed while running, 2 bad usage or configuration.\n\n"
      "Examples:\n"
      "  signinwatch replay PT1H.json\n"
      "  signinwatch replay --format text --config signinwatch.yaml exports/*.json.gz\n"
      "  signinwatch check-config signinwatch.yaml\n"
      "'signinwatch COMMAND --help' says more of a command.");
  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return PrintCommand{root.help()};
  } catch (const CLI::CallForVersion&) {
    return PrintCommand{VersionText()};
  } catch (const CLI::ParseError& error) {
    return Explain(root, error, arguments);
  }
  if (root.got_subcommand("replay")) return replay;
  if (root.got_subcommand("check-config")) return check;
  if (root.got_subcommand("example-config")) return example;
  return generate;
}

}  // namespace signinwatch
