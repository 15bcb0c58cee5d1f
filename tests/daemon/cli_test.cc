#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "daemon/cli/command_line.h"
#include "daemon/config/sink_types.h"

namespace signinwatch {
namespace cli_test {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

// A stream whose text can be had.
class TextStream {
 public:
  TextStream() : stream_(open_memstream(&data_, &size_)) {}
  ~TextStream() {
    std::fclose(stream_);
    std::free(data_);
  }
  TextStream(const TextStream&) = delete;
  TextStream& operator=(const TextStream&) = delete;

  [[nodiscard]] std::FILE* stream() const { return stream_; }
  [[nodiscard]] std::string Text() const {
    std::fflush(stream_);
    return {data_, size_};
  }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
  std::FILE* stream_;
};

// What a command line did.
struct CliRun {
  int code = 0;
  std::string out;
  std::string err;
  std::optional<config::Config> config;
  std::optional<replay::ReplayOptions> replay;
  std::optional<generator::GenerateOptions> generate;
  std::optional<feed::FeedOptions> feed;
  std::optional<demo::DemoOptions> demo;
  std::optional<tickets::TicketsOptions> tickets;
  std::optional<rehearsal::SinkTrialOptions> trial;
  std::optional<doctor::DoctorOptions> doctor;
  bool served = false;

  [[nodiscard]] bool AnythingRan() const {
    return replay || generate || feed || demo || tickets || trial || doctor || served;
  }
};

CliRun Do(const std::vector<std::string>& arguments, int command_code = 0,
          const config::WebConfigCheck& web = {}) {
  CliRun run;
  const cli::Commands commands{
      .serve =
          [&](const config::Config& config, const std::string& path, std::FILE*) {
            run.config = config;
            run.served = true;
            EXPECT_EQ(path, arguments.back()) << "what a reload reads";
            return command_code;
          },
      .replay =
          [&](const config::Config& config, const replay::ReplayOptions& options, std::FILE* out,
              std::FILE* err) {
            run.config = config;
            run.replay = options;
            std::fputs("tickets\n", out);
            std::fputs("summary\n", err);
            return command_code;
          },
      .tickets =
          [&](const config::Config& config, const tickets::TicketsOptions& options, std::FILE*,
              std::FILE*) {
            run.config = config;
            run.tickets = options;
            return command_code;
          },
      .sinks =
          [&](const config::Config& config, const rehearsal::SinkTrialOptions& options, std::FILE*,
              std::FILE*) {
            run.config = config;
            run.trial = options;
            return command_code;
          },
      .doctor =
          [&](const config::Config& config, const doctor::DoctorOptions& options, std::FILE*,
              std::FILE*) {
            run.config = config;
            run.doctor = options;
            return command_code;
          },
      .demo =
          [&](const demo::DemoOptions& options, std::FILE*, std::FILE*) {
            run.demo = options;
            return command_code;
          },
      .generate =
          [&](const generator::GenerateOptions& options, std::FILE*) {
            run.generate = options;
            return command_code;
          },
      .feed =
          [&](const generator::GenerateOptions& generate, const feed::FeedOptions& feed,
              std::FILE*) {
            run.generate = generate;
            run.feed = feed;
            return command_code;
          },
      .metrics_reference = [] { return std::string("# Metrics\n"); },
      .check_web_config = [&](const std::string&) { return web; },
      .rules = [](const std::string& url) { return "rules of " + url + "\n"; },
      .look_at_secrets =
          [](const config::ServeConfig& serve) {
            std::vector<doctor::SecretState> states;
            for (const config::SinkConfig& sink : serve.sinks) {
              const auto secret = config::SettingOf<config::SecretRef>(sink, "secret");
              if (secret.empty()) continue;
              const bool bad = secret.name == "BAD";
              states.push_back(
                  {bad ? doctor::SecretState::Kind::kFault : doctor::SecretState::Kind::kUnread,
                   "sink " + sink.name + ".secret", bad ? "empty" : "not set"});
            }
            return states;
          }};
  std::vector<const char*> argv{"signinwatch"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  const TextStream out;
  const TextStream err;
  run.code = cli::RunCommandLine(static_cast<int>(argv.size()), argv.data(), commands, out.stream(),
                                 err.stream());
  run.out = out.Text();
  run.err = err.Text();
  return run;
}

// A file that is gone with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_(std::filesystem::path(testing::TempDir()) /
              ("signinwatch_cli_test_" +
               std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
               ".yaml")) {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(CommandLine, ReplayHasDefaults) {
  const CliRun run = Do({"replay", "a.json"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out, "tickets\n");
  EXPECT_EQ(run.err, "summary\n");
  ASSERT_TRUE(run.replay);
  EXPECT_THAT(run.replay->paths, ElementsAre("a.json"));
  EXPECT_FALSE(run.replay->events);
  EXPECT_EQ(run.replay->dead_letters, "");
  EXPECT_EQ(run.replay->format, replay::ReplayOptions::Format::kJson);
  EXPECT_EQ(run.replay->parse_threads, 0);
  EXPECT_GT(run.replay->now, *ParseEventTime("2020-01-01T00:00:00Z"));  // the wall clock
  EXPECT_EQ(run.config->detection.rules.size(), 2u);
}

TEST(CommandLine, ReplayReadsItsOptions) {
  const TemporaryFile config("time: {alignment: 7m}\n");
  const CliRun run =
      Do({"replay", "--config", config.path(), "--now", "2026-11-24T09:00:00Z", "a", "--events",
          "--dead-letters", "d.jsonl", "--format=text", "--threads", "3", "-", "b c", "generate"});
  EXPECT_EQ(run.code, 0) << run.err;
  ASSERT_TRUE(run.replay);
  EXPECT_THAT(run.replay->paths, ElementsAre("a", "-", "b c", "generate"));
  EXPECT_EQ(FormatEventTime(run.replay->now), "2026-11-24T09:00:00.000000Z");
  EXPECT_TRUE(run.replay->events);
  EXPECT_EQ(run.replay->dead_letters, "d.jsonl");
  EXPECT_EQ(run.replay->format, replay::ReplayOptions::Format::kText);
  EXPECT_EQ(run.replay->parse_threads, 3);
  EXPECT_EQ(run.config->detection.time.alignment, std::chrono::minutes(7));
}

TEST(CommandLine, PathsStayAsTheyAre) {
  // CLI11 would split the first into two.
  EXPECT_THAT(Do({"replay", "[a,b]", "{c}", "a,b"}).replay->paths,
              ElementsAre("./[a,b]", "{c}", "a,b"));
  EXPECT_THAT(Do({"replay", "--", "--events", "-x"}).replay->paths, ElementsAre("--events", "-x"));
}

TEST(CommandLine, NowTakesEveryFormOfTime) {
  for (const char* text :
       {"2026-11-24T09:00:00Z", "2026-11-24 9:00:00", "2026-11-24T10:00:00+01:00",
        "11/24/2026 9:00:00 AM", "11/24/2026 09:00:00"}) {
    const CliRun run = Do({"replay", "--now", text, "a"});
    ASSERT_TRUE(run.replay) << text << run.err;
    EXPECT_EQ(FormatEventTime(run.replay->now), "2026-11-24T09:00:00.000000Z") << text;
  }
}

TEST(CommandLine, ExitCodeOfTheCommandIsHandedOn) {
  EXPECT_EQ(Do({"replay", "a"}, 1).code, 1);
  EXPECT_EQ(Do({"replay", "a"}, 2).code, 2);
  EXPECT_EQ(Do({"generate"}, 1).code, 1);
  EXPECT_EQ(Do({"generate", "--kafka", "b", "--topic", "t"}, 1).code, 1);
  EXPECT_EQ(Do({"demo"}, 2).code, 2);
  EXPECT_EQ(Do({"tickets", "list"}, 1).code, 1);
  const TemporaryFile config("kafka: {brokers: \"b:1\", topics: [t]}\n");
  EXPECT_EQ(Do({"serve", "--config", config.path()}, 1).code, 1);
}

TEST(CommandLine, ServeWantsAConfigurationThatSaysWhereRecordsComeFrom) {
  const TemporaryFile whole("kafka: {brokers: \"b:9092\", topics: [signins]}\n");
  const CliRun run = Do({"serve", "--config", whole.path()});
  EXPECT_EQ(run.code, 0) << run.err;
  ASSERT_TRUE(run.served);
  EXPECT_EQ(run.config->serve.kafka.cluster.brokers, "b:9092");
  EXPECT_THAT(run.config->serve.kafka.topics, ElementsAre("signins"));

  const TemporaryFile empty("");
  const CliRun refused = Do({"serve", "--config", empty.path()});
  EXPECT_EQ(refused.code, 2);
  EXPECT_FALSE(refused.AnythingRan());
  EXPECT_THAT(refused.err, AllOf(StartsWith(empty.path() + ": kafka.brokers"),
                                 HasSubstr("\n" + empty.path() + ": kafka.topics")));
}

TEST(CommandLine, DemoReadsItsOptions) {
  const CliRun standard = Do({"demo"});
  ASSERT_TRUE(standard.demo);
  EXPECT_EQ(standard.demo->run_for, Duration{0});
  EXPECT_EQ(standard.demo->listen, "127.0.0.1:9532");
  EXPECT_EQ(standard.demo->speed, 180u);
  EXPECT_EQ(standard.demo->users, 1500u);

  const CliRun run =
      Do({"demo", "--for", "1m30s", "--listen", "127.0.0.1:0", "--speed", "600", "--users", "50"});
  ASSERT_TRUE(run.demo) << run.err;
  EXPECT_EQ(run.demo->run_for, std::chrono::seconds(90));
  EXPECT_EQ(run.demo->listen, "127.0.0.1:0");
  EXPECT_EQ(run.demo->speed, 600u);
  EXPECT_EQ(run.demo->users, 50u);
}

TEST(CommandLine, TicketsListReadsItsFilter) {
  const CliRun standard = Do({"tickets", "list"});
  ASSERT_TRUE(standard.tickets) << standard.err;
  EXPECT_EQ(standard.tickets->action, tickets::TicketsOptions::Action::kList);
  EXPECT_EQ(standard.tickets->format, tickets::TicketsOptions::Format::kText);
  EXPECT_EQ(standard.tickets->filter.limit, 100u);
  EXPECT_FALSE(standard.tickets->filter.state || standard.tickets->filter.from);
  EXPECT_EQ(standard.config->serve.store.path, config::StoreConfig().path);

  const TemporaryFile config("store: {path: /srv/tickets.db}\n");
  const CliRun run = Do({"tickets",    "list",
                         "--config",   config.path(),
                         "--tenant",   "t1",
                         "--user",     "a@b",
                         "--state",    "open",
                         "--severity", "critical",
                         "--cause",    "mixed",
                         "--scope",    "tenant",
                         "--detector", "d",
                         "--from",     "2026-11-24T09:00:00Z",
                         "--to",       "2026-11-25T09:00:00Z",
                         "--limit",    "7",
                         "--format",   "json"});
  ASSERT_TRUE(run.tickets) << run.err;
  EXPECT_EQ(run.config->serve.store.path, "/srv/tickets.db");
  const store::TicketFilter& filter = run.tickets->filter;
  EXPECT_EQ(filter.tenant_id, "t1");
  EXPECT_EQ(filter.user, "a@b");
  EXPECT_EQ(filter.state, "open");
  EXPECT_THAT(filter.severity, testing::ElementsAre("critical"));
  EXPECT_THAT(filter.cause, testing::ElementsAre("mixed"));
  EXPECT_EQ(filter.scope, "tenant");
  EXPECT_EQ(filter.detector, "d");
  EXPECT_EQ(filter.from, ParseEventTime("2026-11-24T09:00:00Z"));
  EXPECT_EQ(filter.to, ParseEventTime("2026-11-25T09:00:00Z"));
  EXPECT_EQ(filter.limit, 7u);
  EXPECT_EQ(run.tickets->format, tickets::TicketsOptions::Format::kJson);
}

TEST(CommandLine, SinksTestNamesItsSink) {
  const TemporaryFile config("store: {path: /srv/tickets.db}\n");
  const CliRun run = Do({"sinks", "test", "soc", "--config", config.path()}, 1);
  ASSERT_TRUE(run.trial) << run.err;
  EXPECT_EQ(run.trial->sink, "soc");
  EXPECT_EQ(run.config->serve.store.path, "/srv/tickets.db");
  EXPECT_EQ(run.code, 1);
  EXPECT_EQ(Do({"sinks", "test"}).code, 2);
}

TEST(CommandLine, TicketsShowTakesOneTicket) {
  const CliRun run = Do({"tickets", "show", "4f1c", "--format", "json"});
  ASSERT_TRUE(run.tickets) << run.err;
  EXPECT_EQ(run.tickets->action, tickets::TicketsOptions::Action::kShow);
  EXPECT_EQ(run.tickets->ticket_id, "4f1c");
  EXPECT_EQ(run.tickets->format, tickets::TicketsOptions::Format::kJson);
}

TEST(CommandLine, MetricsReferenceIsPrinted) {
  const CliRun run = Do({"metrics-reference"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out, "# Metrics\n");
}

TEST(CommandLine, GenerateCanFeedACluster) {
  const CliRun run = Do({"generate", "--kafka", "a:1,b:2", "--topic", "signins", "--speed", "180",
                         "--compression", "zstd", "--kafka-option", "client.id=x=y", "--partitions",
                         "4", "--kafka-option", "security.protocol=plaintext"});
  ASSERT_TRUE(run.feed) << run.err;
  EXPECT_EQ(run.feed->cluster.brokers, "a:1,b:2");
  EXPECT_EQ(run.feed->topic, "signins");
  EXPECT_EQ(run.feed->speed, 180u);
  EXPECT_EQ(run.feed->rate, 0u);
  EXPECT_EQ(run.feed->compression, "zstd");
  EXPECT_THAT(run.feed->cluster.options,
              ElementsAre(Pair("client.id", "x=y"), Pair("security.protocol", "plaintext")));
  EXPECT_EQ(run.generate->partitions, 4u);
  EXPECT_EQ(Do({"generate", "--kafka", "a", "--topic", "t", "--rate", "5"}).feed->rate, 5u);
  EXPECT_FALSE(Do({"generate"}).feed);
}

TEST(CommandLine, GenerateStartsAtATimeOrBeforeNow) {
  const EventTime now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const CliRun day = Do({"generate", "--start", "now-1d"});
  ASSERT_TRUE(day.generate) << day.err;
  EXPECT_GE(day.generate->start, now - kDay);
  EXPECT_LE(day.generate->start, std::chrono::system_clock::now() - kDay);
  EXPECT_GE(Do({"generate", "--start", "now"}).generate->start, now);
  // The last one counts for both forms.
  EXPECT_EQ(Do({"generate", "--start", "2026-11-24T09:00:00Z"}).generate->start,
            *ParseEventTime("2026-11-24T09:00:00Z"));
}

TEST(CommandLine, GenerateReadsItsOptions) {
  const CliRun standard = Do({"generate"});
  ASSERT_TRUE(standard.generate);
  EXPECT_EQ(FormatEventTime(standard.generate->start), "2025-03-03T00:00:00.000000Z");
  EXPECT_EQ(standard.generate->output, "-");
  EXPECT_TRUE(standard.generate->scenarios);

  const CliRun run = Do({"generate",
                         "--seed",
                         "9",
                         "--start",
                         "2024-01-02T03:04:05Z",
                         "--duration",
                         "1h30m",
                         "--tenants",
                         "4",
                         "--users",
                         "55",
                         "--records",
                         "66",
                         "--bytes",
                         "2MiB",
                         "--layout",
                         "lines",
                         "--partitions",
                         "7",
                         "--output",
                         "dir",
                         "--labels",
                         "l.jsonl",
                         "--no-scenarios"});
  ASSERT_TRUE(run.generate) << run.err;
  const generator::GenerateOptions& options = *run.generate;
  EXPECT_EQ(options.seed, 9u);
  EXPECT_EQ(FormatEventTime(options.start), "2024-01-02T03:04:05.000000Z");
  EXPECT_EQ(options.duration, std::chrono::minutes(90));
  EXPECT_EQ(options.tenants, 4u);
  EXPECT_EQ(options.users, 55u);
  EXPECT_EQ(options.records, 66u);
  EXPECT_EQ(options.bytes, uint64_t{2} << 20);
  EXPECT_EQ(options.layout, "lines");
  EXPECT_EQ(options.partitions, 7u);
  EXPECT_EQ(options.output, "dir");
  EXPECT_EQ(options.labels, "l.jsonl");
  EXPECT_FALSE(options.scenarios);
}

TEST(CommandLine, DoctorWantsWhatServeWants) {
  const TemporaryFile good("kafka: {brokers: 'a:1', topics: [t]}\n");
  const CliRun run = Do({"doctor", "--config", good.path()}, 1);
  ASSERT_TRUE(run.doctor);
  EXPECT_EQ(run.code, 1);
  EXPECT_EQ(run.config->serve.kafka.cluster.brokers, "a:1");
  EXPECT_EQ(run.doctor->config_path, good.path());
  EXPECT_EQ(run.doctor->format, doctor::DoctorOptions::Format::kText);
  EXPECT_EQ(Do({"doctor", "--config", good.path(), "--format", "json"}).doctor->format,
            doctor::DoctorOptions::Format::kJson);
  EXPECT_EQ(Do({"doctor"}).code, 2);
}

TEST(CommandLine, DoctorIsNotAskedWhereTheConfigurationIsNone) {
  const TemporaryFile empty("");
  const CliRun run = Do({"doctor", "--config", empty.path()});
  EXPECT_EQ(run.code, 2);
  EXPECT_FALSE(run.AnythingRan());
  EXPECT_THAT(run.err, HasSubstr("kafka.brokers is not given"));
}

// Whoever is not root checks all the same what can be checked.
TEST(CommandLine, CheckConfigSaysWhatItCanNotRead) {
  const auto with_secret = [](const std::string& name) {
    return "sinks: [{name: soc, type: webhook, url: 'https://h', secret: 'env:" + name + "'}]\n";
  };
  {
    const TemporaryFile file(with_secret("OTHER"));
    const CliRun run = Do({"check-config", file.path()});
    EXPECT_EQ(run.code, 0);
    EXPECT_EQ(run.out, file.path() + ": ok\n");
    EXPECT_EQ(run.err, file.path() + ": not checked here: sink soc.secret: not set\n");
  }
  const TemporaryFile file(with_secret("BAD"));
  const CliRun run = Do({"check-config", file.path()});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err, file.path() + ": sink soc.secret: empty\n");
}

// It has no effect any more, and whoever looks at the file should know.
TEST(CommandLine, CheckConfigSaysWhichExceptionsHaveEnded) {
  const std::string criteria = "users: [a@b.example], why: backups, who: ana@b.example}\n";
  const TemporaryFile file("exceptions:\n  - {name: old, until: 2020-01-02, " + criteria +
                           "  - {name: new, until: 9999-01-01, " + criteria);
  const CliRun run = Do({"check-config", file.path()});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out, file.path() + ": ok\n");
  EXPECT_EQ(run.err, file.path() + ": exception old ended at 2020-01-02T00:00:00.000000Z\n");
}

TEST(CommandLine, RulesLinkToWhereItIs) {
  const TemporaryFile good("http: {external_url: 'https://soc.contoso.example/'}\n");
  const CliRun run = Do({"rules", "--config", good.path()});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, "rules of https://soc.contoso.example\n");
}

TEST(CommandLine, RulesNeedToKnowWhereItIs) {
  const TemporaryFile empty("{}\n");
  const CliRun run = Do({"rules", "--config", empty.path()});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(
      run.err,
      empty.path() + ": the links of the rules need http.external_url: where people reach it\n");
  EXPECT_EQ(Do({"rules"}).code, 2);
}

TEST(CommandLine, BadUsageSaysWhatIsAllowed) {
  const struct {
    std::vector<std::string> arguments;
    const char* want;
    const char* allowed;
  } cases[] = {
      {{},
       "no command is given",
       "serve, replay, tickets, sinks, doctor, demo, generate, check-config, example-config, "
       "metrics-reference, rules"},
      {{"watch", "--config", "x"}, "unknown command 'watch'", "serve, replay"},
      {{"serve"}, "--config is required", "'signinwatch serve --help'"},
      {{"serve", "--config", "a", "b"}, "b", "allowed: --help, --config"},
      // What is missing is misspelt: that is what to say.
      {{"serve", "--confg", "x"},
       "unknown option '--confg', did you mean '--config'?",
       "allowed: --help, --config"},
      {{"serve", "--confg=x"}, "unknown option '--confg'", "allowed: --help, --config"},
      {{"tickets", "show", "--frmat", "json"}, "unknown option '--frmat'", "--format"},
      {{"replay", "--config", "--frob"}, "PATH is required", "--help"},
      {{"demo", "--for", "0s"}, "'0s'", "from 1s to 365d"},
      {{"demo", "--speed", "fast"}, "'fast'", "a whole number from 1"},
      {{"tickets"},
       "no command is given, allowed: list, show, preview, --help",
       "signinwatch tickets"},
      {{"tickets", "lst"}, "did you mean 'list'?", "signinwatch tickets"},
      {{"tickets", "--state", "open"}, "no command is given", "allowed: list, show, preview"},
      {{"tickets", "list", "--state", "closed"}, "'closed'", "open|resolved|merged"},
      {{"tickets", "list", "--severity", "urgent"}, "'urgent'", "info|low|medium|high|critical"},
      {{"tickets", "list", "--cause", "none"}, "'none'", "password_changed|"},
      {{"tickets", "list", "--from", "noon"}, "'noon'", "2026-11-24T09:00:00Z"},
      {{"tickets", "list", "--limit", "0"}, "'0'", "from 1 to"},
      {{"tickets", "list", "--frob"}, "signinwatch tickets list: ", "--severity"},
      {{"tickets", "show"}, "TICKET is required", "'signinwatch tickets show --help'"},
      {{"generate", "--topic", "t"}, "--topic requires --kafka", "--help"},
      {{"generate", "--kafka", "b"}, "--kafka requires --topic", "--help"},
      {{"generate", "--speed", "9"}, "--speed requires --kafka", "--help"},
      {{"generate", "--rate", "9"}, "--rate requires --kafka", "--help"},
      {{"generate", "--kafka", "b", "--topic", "t", "--rate", "9", "--speed", "9"},
       "excludes",
       "--help"},
      {{"generate", "--kafka", "b", "--topic", "t", "--output", "o"}, "excludes", "--help"},
      {{"generate", "--kafka", "b", "--topic", "t", "--compression", "zip"}, "'zip'", "lz4"},
      {{"generate", "--kafka", "b", "--topic", "t", "--kafka-option", "x"}, "'x'", "NAME=VALUE"},
      {{"generate", "--start", "now+1d"}, "'now+1d'", "now-1d"},
      {{"generate", "--start", "now-1"}, "'now-1'", "now-1d"},
      {{"reply", "x"}, "did you mean 'replay'?", "check-config"},
      {{"--frob"}, "unknown option '--frob'", "--help, --version"},
      {{"replay"}, "PATH is required", "--help"},
      {{"replay", "--frob", "x"}, "--frob", "--events"},
      {{"replay", "--config"}, "--config", "--events"},
      {{"replay", "--config", "a", "--config", "b", "x"}, "--config", "received 2"},
      {{"replay", "--config", "", "x"}, "--config", "allowed: a path"},
      {{"replay", "--now", "yesterday", "x"}, "'yesterday'", "2026-11-24T09:00:00Z"},
      {{"replay", "--now", "1999-12-31T23:59:59Z", "x"}, "'1999", "from the year 2000"},
      {{"replay", "--format", "xml", "x"}, "'xml'", "json|text"},
      {{"replay", "--threads", "-1", "x"}, "'-1'", "a whole number from 0 to 256"},
      {{"replay", "--threads", "2x", "x"}, "'2x'", "a whole number from 0 to 256"},
      {{"check-config"}, "FILE is required", "--help"},
      {{"check-config", "a", "b"}, "b", "--help"},
      {{"generate", "extra"}, "extra", "--seed"},
      {{"generate", "--duration", "60"}, "'60'", "30m, 24h"},
      {{"generate", "--duration", "0s"}, "'0s'", "from 1m"},
      {{"generate", "--bytes", "1 GB"}, "'1 GB'", "64KiB"},
      {{"generate", "--layout", "csv"}, "'csv'", "batches|lines"},
      {{"generate", "--users", "0"}, "'0'", "from 1 to"},
      {{"generate", "--partitions", "99999"}, "'99999'", "from 1 to 10000"},
  };
  for (const auto& c : cases) {
    const CliRun run = Do(c.arguments);
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_THAT(run.err, AllOf(StartsWith("signinwatch"), HasSubstr(c.want), HasSubstr(c.allowed)));
    EXPECT_FALSE(run.AnythingRan()) << run.err;
  }
}

TEST(CommandLine, SecretsAreRefusedAndNotRepeated) {
  for (const char* name : {"sasl.password", "ssl.key.password", "ssl.key.pem",
                           "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config"}) {
    const CliRun run = Do({"generate", "--kafka", "b", "--topic", "t", "--kafka-option",
                           std::string(name) + "=hunter2"});
    EXPECT_EQ(run.code, 2) << name;
    EXPECT_FALSE(run.AnythingRan());
    EXPECT_THAT(run.err, AllOf(HasSubstr(name), Not(HasSubstr("hunter2"))));
  }
}

TEST(CommandLine, BadConfigurationIsExitTwoAndRunsNothing) {
  const TemporaryFile config("time: {alignment: 7}\nfrob: 1\n");
  for (const CliRun& run :
       {Do({"replay", "--config", config.path(), "a"}), Do({"check-config", config.path()}),
        Do({"serve", "--config", config.path()}),
        Do({"tickets", "list", "--config", config.path()})}) {
    EXPECT_EQ(run.code, 2);
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_THAT(run.err, AllOf(StartsWith(config.path() + ":1:19: "),
                               HasSubstr("\n" + config.path() + ":2:1: ")));
    EXPECT_FALSE(run.AnythingRan());
  }
  EXPECT_EQ(Do({"check-config", "/nonexistent.yaml"}).code, 2);
  EXPECT_EQ(Do({"replay", "--config", "/nonexistent.yaml", "a"}).code, 2);
}

TEST(CommandLine, GoodConfigurationIsOk) {
  const TemporaryFile config("time: {alignment: 7m}\n");
  const CliRun run = Do({"check-config", config.path()});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out, config.path() + ": ok\n");
  EXPECT_THAT(run.err, IsEmpty());
}

TEST(CommandLine, CheckConfigChecksTheWebConfigurationAsServeWould) {
  const TemporaryFile config("http: {web_config_file: /etc/web.yaml}\n");
  config::WebConfigCheck check;
  check.warnings = {"/etc/web.yaml:1:2: TLS10 is left out"};
  CliRun run = Do({"check-config", config.path()}, 0, check);
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.err, "warning: /etc/web.yaml:1:2: TLS10 is left out\n");
  EXPECT_EQ(run.out, config.path() + ": ok\n");
  check.errors = {"server.crt: no usable certificate"};
  run = Do({"check-config", config.path()}, 0, check);
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, StartsWith("server.crt: no usable certificate\n"));
  EXPECT_THAT(run.out, IsEmpty());
}

TEST(CommandLine, ExampleConfigurationIsGood) {
  const CliRun example = Do({"example-config"});
  EXPECT_EQ(example.code, 0);
  const TemporaryFile config(example.out);
  EXPECT_EQ(Do({"check-config", config.path()}).code, 0);
  EXPECT_THAT(Do({"example-config", "--reference"}).out, StartsWith("# Configuration\n"));
}

TEST(CommandLine, HelpAndVersionGoToStandardOutput) {
  for (const char* option : {"--help", "-h"}) {
    const CliRun help = Do({option});
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.out, AllOf(HasSubstr("serve"), HasSubstr("replay"), HasSubstr("generate"),
                                HasSubstr("Exit codes"), HasSubstr("Examples:")));
    EXPECT_THAT(help.err, IsEmpty());
  }
  for (const char* command : {"serve", "replay", "tickets", "demo", "generate", "check-config",
                              "example-config", "metrics-reference"}) {
    const CliRun help = Do({command, "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.out,
                AllOf(HasSubstr(std::string("signinwatch ") + command), HasSubstr("Example")));
  }
  EXPECT_THAT(Do({"tickets", "list", "--help"}).out,
              AllOf(HasSubstr("signinwatch tickets list"), HasSubstr("--severity")));
  const CliRun version = Do({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out,
              AllOf(StartsWith("signinwatch "), HasSubstr("\nbuild: "), HasSubstr("simdjson "),
                    HasSubstr("yaml-cpp "), HasSubstr("CLI11 ")));
}

TEST(CommandLine, OutputThatCanNotBeWrittenIsExitOne) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  const TextStream err;
  const char* argv[] = {"signinwatch", "--help"};
  EXPECT_EQ(cli::RunCommandLine(2, argv, cli::Commands{}, full, err.stream()), 1);
  std::fclose(full);
  EXPECT_THAT(err.Text(), HasSubstr("cannot write to standard output"));
}

}  // namespace cli_test
}  // namespace signinwatch
