#include "daemon/cli/subcommands.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/cli/option_values.h"

namespace signinwatch::cli {
namespace {

// The traffic's default start: a Monday, and far enough back that no clock takes it for the future.
constexpr EventTime kGenerateStart = std::chrono::sys_days(std::chrono::year(2025) / 3 / 3);

// Replay reads any number of tickets; a list for people has an end.
constexpr int64_t kTicketsListedMax = 1'000'000;

// A duration within bounds that the error names.
CLI::Option* AddDuration(CLI::App* app, const std::string& name, const std::string& help,
                         Duration least, Duration most, Duration* target) {
  return AddParsed(
      app, name, "DURATION", help,
      std::string(kDurationAllowed) + ", from " + config::FormatDuration(least) + " to " +
          config::FormatDuration(most),
      [least, most](const std::string& text) -> std::optional<Duration> {
        const auto value = config::ParseDuration(text);
        if (!value || *value < least || *value > most) return std::nullopt;
        return value;
      },
      target);
}

CLI::Option* AddTime(CLI::App* app, const std::string& name, const std::string& help,
                     std::optional<EventTime>* target) {
  return AddParsed(
      app, name, "TIME", help, kTimeAllowed,
      [](const std::string& text) { return ParseEventTime(text); }, target);
}

CLI::Option* AddConfig(CLI::App* app, const std::string& help, std::string* target) {
  return AddParsed(app, "--config", "FILE", help, kPathAllowed, ParseText, target);
}

// Format: an enumeration with kText and kJson.
template <typename Format>
CLI::Option* AddListFormat(CLI::App* app, Format* target) {
  return AddChoice(
             app, "--format", "For people or for programs", {"text", "json"},
             [](const std::string& text) { return text == "json" ? Format::kJson : Format::kText; },
             target)
      ->default_str("text");
}

// A filter's word, one of those that the enumeration with `count` values has.
template <typename Enum, typename Target>
void AddFilter(CLI::App* app, const std::string& name, const std::string& help, Enum last,
               const char* (*name_of)(Enum), Target* target) {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(last); ++i) names.push_back(name_of(static_cast<Enum>(i)));
  AddChoice(
      app, name, help, names, [](const std::string& text) { return Target{text}; }, target);
}

// Start of the traffic: a time, now, or now less a duration.
struct Start {
  EventTime time;
  std::optional<Duration> before_now;
};

std::optional<Start> ParseStart(const std::string& text) {
  constexpr std::string_view kNow = "now";
  if (!text.starts_with(kNow)) {
    const auto time = ParseEventTime(text);
    if (!time) return std::nullopt;
    return Start{*time, std::nullopt};
  }
  if (text == kNow) return Start{{}, Duration{0}};
  if (text[kNow.size()] != '-') return std::nullopt;
  const auto before = config::ParseDuration(text.substr(kNow.size() + 1));
  if (!before || *before > 3650 * kDay) return std::nullopt;
  return Start{{}, before};
}

// librdkafka's names of options whose values are secret, and so not for a command line.
bool IsSecretOption(const std::string& name) {
  return name.find("password") != std::string::npos || name.find("secret") != std::string::npos ||
         name.find(".pem") != std::string::npos || name.starts_with("sasl.oauthbearer.");
}

std::optional<std::pair<std::string, std::string>> ParseKafkaOption(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  std::string name = text.substr(0, equals);
  if (IsSecretOption(name)) return std::nullopt;
  return std::pair(std::move(name), text.substr(equals + 1));
}

// What only makes sense when the traffic goes to a cluster.
void AddFeed(CLI::App* app, GenerateCommand* command) {
  feed::FeedOptions* feed = &command->feed;
  CLI::Option* kafka = AddParsed(app, "--kafka", "BROKERS",
                                 "Produce to this cluster (host:port,...) instead of writing files",
                                 "host:port,host:port", ParseText, &feed->cluster.brokers);
  CLI::Option* topic = AddParsed(app, "--topic", "NAME", "The topic, which must exist",
                                 "a topic's name", ParseText, &feed->topic);
  kafka->needs(topic)->excludes("--output");
  topic->needs(kafka);
  CLI::Option* rate = AddInteger(app, "--rate", "Messages per second; without it, no limit", 1,
                                 10'000'000, &feed->rate);
  AddInteger(app, "--speed",
             "Seconds of export time per second, and nothing from the future;\nwithout it, as fast "
             "as possible",
             1, 10'000'000, &feed->speed)
      ->needs(kafka)
      ->excludes(rate);
  rate->needs(kafka);
  AddChoice(
      app, "--compression", "Compression of the messages",
      {"none", "gzip", "lz4", "snappy", "zstd"}, [](const std::string& text) { return text; },
      &feed->compression)
      ->needs(kafka);
  app->add_option_function<std::vector<std::string>>(
         "--kafka-option",
         [feed](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             auto option = ParseKafkaOption(text);
             if (!option) {
               throw CLI::ValidationError(
                   "--kafka-option", "'" + text.substr(0, text.find('=')) +
                                         "' cannot be used, allowed: NAME=VALUE of librdkafka, "
                                         "except secrets, which do not belong on a command line");
             }
             feed->cluster.options.insert_or_assign(std::move(option->first),
                                                    std::move(option->second));
           }
         },
         "An option of librdkafka; may be repeated")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->needs(kafka);
}

}  // namespace

void AddServe(CLI::App* root, ServeCommand* command) {
  CLI::App* app = root->add_subcommand(
      "serve", "Reads sign-in and audit logs from Kafka or Event Hubs and delivers tickets.");
  AddConfig(app, "Configuration", &command->config_path)->required();
  app->footer(
      "Runs until SIGTERM or SIGINT, and resumes where it stopped when it is started again.\n\n"
      "Example:\n  signinwatch serve --config /etc/signinwatch/config.yaml");
}

void AddReplay(CLI::App* root, ReplayCommand* command) {
  CLI::App* app = root->add_subcommand(
      "replay",
      "Reads exported sign-in and audit logs from files and prints the final tickets,\n"
      "one a line; the last line on standard error is a summary.");
  AddParsed(app, "--config", "FILE", "Configuration; without it, the defaults", kPathAllowed,
            ParseText, &command->config_path);
  AddParsed(
      app, "--now", "TIME",
      "Reject records further in the future than this; without it, than the time of the start",
      kTimeAllowed, [](const std::string& text) { return ParseEventTime(text); }, &command->now);
  app->add_flag_callback(
      "--events", [command] { command->options.events = true; },
      "Print every revision of a ticket instead of the last one");
  AddParsed(app, "--dead-letters", "FILE", "Keep rejected records here, one JSON object a line",
            kPathAllowed, ParseText, &command->options.dead_letters);
  AddChoice(
      app, "--format", "For programs or for people", {"json", "text"},
      [](const std::string& text) {
        return text == "text" ? replay::ReplayOptions::Format::kText
                              : replay::ReplayOptions::Format::kJson;
      },
      &command->options.format)
      ->default_str("json");
  AddInteger(app, "--threads", "Parser threads; 0: one per processor", 0, 256,
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

void AddTickets(CLI::App* root, TicketsCommand* command) {
  tickets::TicketsOptions* options = &command->options;
  store::TicketFilter* filter = &options->filter;
  CLI::App* app = root->add_subcommand("tickets", "Shows the tickets in the store.");
  app->require_subcommand(1);
  const std::string config_help = "Configuration, which says where the store is";

  CLI::App* list = app->add_subcommand("list", "Lists tickets in a table, latest first.");
  AddConfig(list, config_help, &command->config_path);
  AddParsed(list, "--tenant", "ID", "Only tickets of this tenant", "a tenant's id", ParseText,
            &filter->tenant_id);
  AddParsed(list, "--user", "USER", "Only tickets of this user: object id or user principal name",
            "a user", ParseText, &filter->user);
  AddFilter(list, "--state", "Only tickets in this state", TicketState::kMerged, TicketStateName,
            &filter->state);
  AddFilter(list, "--severity", "Only tickets of this severity", Severity::kCritical, SeverityName,
            &filter->severity);
  AddFilter(list, "--cause", "Only tickets of this cause", Cause::kMixed, CauseName,
            &filter->cause);
  AddChoice(
      list, "--scope", "Only tickets of users, or of tenants", {"user", "tenant"},
      [](const std::string& text) { return text; }, &filter->scope);
  AddParsed(list, "--detector", "NAME", "Only tickets of this detector", "a detector's name",
            ParseText, &filter->detector);
  AddTime(list, "--from", "Only tickets whose burst ended at or after this", &filter->from);
  AddTime(list, "--to", "Only tickets whose burst began at or before this", &filter->to);
  AddInteger(list, "--limit", "At most this many", 1, kTicketsListedMax, &filter->limit)
      ->default_str(std::to_string(filter->limit));
  AddListFormat(list, &options->format);
  list->footer(
      "Examples:\n"
      "  signinwatch tickets list --config /etc/signinwatch/config.yaml --state open\n"
      "  signinwatch tickets list --severity critical --from 2026-11-24T00:00:00Z --format json");

  CLI::App* show = app->add_subcommand("show", "One ticket: its story, and what to do.");
  AddConfig(show, config_help, &command->config_path);
  AddParsed(show, "TICKET", "", "The ticket's id, or its beginning", "a ticket's id", ParseText,
            &options->ticket_id)
      ->required();
  AddListFormat(show, &options->format);
  show->callback([options] { options->action = tickets::TicketsOptions::Action::kShow; });
  show->footer(
      "Examples:\n"
      "  signinwatch tickets show 4f1c1ff8-52b6-5c3f-8a47-6a3a0f4c1d2e\n"
      "  signinwatch tickets show 4f1c");
  CLI::App* preview = app->add_subcommand(
      "preview", "What a sink would send of a ticket: its text and its requests, without secrets.");
  AddConfig(preview, "Configuration, which has the sink and says where the store is",
            &command->config_path)
      ->required();
  AddParsed(preview, "--sink", "NAME", "The sink", "a sink's name", ParseText, &options->sink)
      ->required();
  AddParsed(preview, "TICKET", "", "The ticket's id, or its beginning; without it, an example",
            "a ticket's id", ParseText, &options->ticket_id);
  preview->callback([options] { options->action = tickets::TicketsOptions::Action::kPreview; });
  preview->footer(
      "Sends nothing, and reads no secret.\n\n"
      "Examples:\n"
      "  signinwatch tickets preview --config /etc/signinwatch/config.yaml --sink jira\n"
      "  signinwatch tickets preview --config /etc/signinwatch/config.yaml --sink jira 4f1c");
  app->footer(
      "'signinwatch tickets list --help' lists the filters.\n\n"
      "Example:\n  signinwatch tickets list --state open");
}

void AddSinks(CLI::App* root, SinksCommand* command) {
  CLI::App* app = root->add_subcommand("sinks", "Tries the systems that tickets are sent to.");
  app->require_subcommand(1);
  CLI::App* test = app->add_subcommand(
      "test",
      "Sends a ticket that is marked as a test through its whole life (opened, updated,\n"
      "resolved) and says what came of each step.");
  AddConfig(test, "Configuration", &command->config_path)->required();
  AddParsed(test, "NAME", "", "The sink", "a sink's name", ParseText, &command->options.sink)
      ->required();
  test->footer(
      "A running daemon and its store are left alone. Ends with exit code 1 if a step failed.\n\n"
      "Example:\n  signinwatch sinks test jira --config /etc/signinwatch/config.yaml");
  app->footer("Example:\n  signinwatch sinks test jira --config /etc/signinwatch/config.yaml");
}

void AddDoctor(CLI::App* root, DoctorCommand* command) {
  CLI::App* app = root->add_subcommand(
      "doctor",
      "Checks everything that `serve` needs and says what is wrong and how to fix it: "
      "secrets,\nconnections, log-in, topics, retention, clock, records, store, sinks.");
  AddConfig(app, "Configuration", &command->options.config_path)->required();
  AddListFormat(app, &command->options.format);
  app->footer(
      "Does not disturb a running daemon: joins no group, writes nothing, sends no ticket. Ends "
      "within a\nminute, with exit code 1 if a check failed; warnings alone are fine.\n\n"
      "Example:\n  signinwatch doctor --config /etc/signinwatch/config.yaml");
}

void AddDemo(CLI::App* root, DemoCommand* command) {
  demo::DemoOptions* options = &command->options;
  CLI::App* app = root->add_subcommand(
      "demo",
      "The daemon on generated traffic, with a Kafka cluster inside this process:\n"
      "nothing to install, nothing left behind.");
  AddDuration(app, "--for", "Stop after this time; without it, at Ctrl-C", std::chrono::seconds(1),
              365 * kDay, &options->run_for);
  AddParsed(app, "--listen", "HOST:PORT",
            "Address of the console and the API; port 0: any free one", "host:port", ParseText,
            &options->listen)
      ->default_str(options->listen);
  AddInteger(app, "--speed", "Seconds of traffic time per second", 1, 100'000, &options->speed)
      ->default_str(std::to_string(options->speed));
  AddInteger(app, "--users", "Users of all tenants together", 1, 5'000, &options->users)
      ->default_str(std::to_string(options->users));
  app->footer(
      "Examples:\n"
      "  signinwatch demo\n"
      "  signinwatch demo --for 60s --listen 127.0.0.1:0 --speed 600");
}

void AddGenerate(CLI::App* root, GenerateCommand* command) {
  generator::GenerateOptions* options = &command->options;
  options->start = kGenerateStart;
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  CLI::App* app = root->add_subcommand(
      "generate",
      "Generates realistic Entra sign-in and audit records with labelled scenarios.\n"
      "The same options give the same bytes.");
  AddInteger(app, "--seed", "A different number gives different traffic", 0, kMost, &options->seed)
      ->default_str("1");
  app->add_option_function<std::string>(
         "--start",
         [command](const std::string& text) {
           const auto start = ParseStart(text);
           if (!start) {
             throw CLI::ValidationError("--start", "'" + text + "' cannot be used, allowed: " +
                                                       kTimeAllowed + "; now; now-1d");
           }
           command->options.start = start->time;
           command->before_now = start->before_now;
         },
         "Event time of the first record; also now, or now-DURATION")
      ->type_name("TIME")
      ->default_str(FormatEventTime(options->start));
  AddDuration(app, "--duration", "Event time from the first record to the last",
              std::chrono::minutes(1), 3650 * kDay, &options->duration)
      ->default_str(config::FormatDuration(options->duration));
  AddInteger(app, "--tenants", "Tenants", 1, generator::kGenerateTenantsMax, &options->tenants)
      ->default_str(std::to_string(options->tenants));
  AddInteger(app, "--users", "Users of all tenants together", 1, 100'000'000, &options->users)
      ->default_str(std::to_string(options->users));
  AddInteger(app, "--records", "Background records; 0: as many as the users' habits give", 0, kMost,
             &options->records)
      ->default_str("0");
  AddParsed(
      app, "--bytes", "SIZE", "End the background at about this size; 0: no limit", kSizeAllowed,
      [](const std::string& text) { return config::ParseSize(text); }, &options->bytes)
      ->default_str("0");
  AddChoice(
      app, "--layout", "batches: one Event Hubs message a line; lines: one record a line",
      {"batches", "lines"}, [](const std::string& text) { return text; }, &options->layout)
      ->default_str(options->layout);
  AddInteger(
      app, "--partitions",
      "Files to write, part-N.jsonl of the directory --output; the topic's partitions to use", 1,
      generator::kGeneratePartitionsMax, &options->partitions)
      ->default_str("1");
  AddParsed(app, "--output", "PATH", "File, directory, or - for standard output", kPathAllowed,
            ParseText, &options->output)
      ->default_str(options->output);
  AddParsed(app, "--labels", "FILE", "Write the planted scenarios here, one JSON object a line",
            kPathAllowed, ParseText, &options->labels);
  AddFeed(app, command);
  app->add_flag_callback(
      "--no-scenarios", [options] { options->scenarios = false; }, "Background traffic only");
  app->footer(
      "Examples:\n"
      "  signinwatch generate --users 200 --duration 6h --labels labels.jsonl --output day.jsonl\n"
      "  signinwatch generate --bytes 1GB --partitions 8 --output traffic/\n"
      "  signinwatch generate --layout lines --seed 7 | signinwatch replay -\n"
      "  signinwatch generate --kafka localhost:9092 --topic signins --start now-1d --speed 180");
}

void AddCheckConfig(CLI::App* root, CheckConfigCommand* command) {
  CLI::App* app = root->add_subcommand(
      "check-config",
      "Checks a configuration and reports all mistakes as FILE:LINE:COLUMN; also checks the\nweb "
      "configuration file that it names, with its certificates.");
  AddParsed(app, "FILE", "", "The configuration, YAML", kPathAllowed, ParseText, &command->path)
      ->required();
  app->footer("Example:\n  signinwatch check-config /etc/signinwatch/config.yaml");
}

void AddExampleConfig(CLI::App* root, ExampleConfigCommand* command) {
  CLI::App* app = root->add_subcommand(
      "example-config", "Prints a configuration with every key at its default, explained.");
  app->add_flag_callback(
      "--reference", [command] { command->reference = true; },
      "Print the reference of all keys (Markdown) instead");
  app->footer("Example:\n  signinwatch example-config > signinwatch.yaml");
}

void AddMetricsReference(CLI::App* root) {
  root->add_subcommand("metrics-reference", "Prints the reference of all metrics (Markdown).")
      ->footer("Example:\n  signinwatch metrics-reference > METRICS.md");
}

void AddRules(CLI::App* root, RulesCommand* command) {
  CLI::App* app = root->add_subcommand(
      "rules",
      "Prints the alerting rules for Prometheus, with links to the runbook and the tickets\n"
      "behind http.external_url.");
  AddConfig(app, "Configuration", &command->config_path)->required();
  app->footer(
      "Example:\n"
      "  signinwatch rules --config /etc/signinwatch/config.yaml > signinwatch.rules.yaml");
}

}  // namespace signinwatch::cli
