#include "daemon/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "daemon/config/options.h"
#include "daemon/config/quantities.h"
#include "daemon/config/reference.h"
#include "daemon/config/suggestion.h"
#include "tests/daemon/config_texts.h"

namespace signinwatch {
namespace config_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

TEST(Quantities, ReadsDurations) {
  const struct {
    std::string_view text;
    std::optional<Duration> want;
  } cases[] = {
      {"30m", minutes(30)},
      {"24h", hours(24)},
      {"30d", 30 * kDay},
      {"10s", seconds(10)},
      {"500ms", milliseconds(500)},
      {"1h30m", minutes(90)},
      {"1d2h3m4s5ms", kDay + hours(2) + minutes(3) + seconds(4) + milliseconds(5)},
      {"0s", seconds(0)},
      {"90m", minutes(90)},
      {"", std::nullopt},
      {"30", std::nullopt},
      {"0", std::nullopt},
      {"m", std::nullopt},
      {"-5m", std::nullopt},
      {"+5m", std::nullopt},
      {"1.5h", std::nullopt},
      {"5 m", std::nullopt},
      {" 5m", std::nullopt},
      {"5M", std::nullopt},
      {"5w", std::nullopt},
      {"30m1h", std::nullopt},
      {"1h1h", std::nullopt},
      {"1h30", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"9223372036854775807d", std::nullopt},
      {"36501d", std::nullopt},
  };
  for (const auto& c : cases) EXPECT_EQ(config::ParseDuration(c.text), c.want) << c.text;
}

TEST(Quantities, WritesDurationsAsTheyAreRead) {
  const struct {
    Duration duration;
    const char* want;
  } cases[] = {{seconds(0), "0s"},
               {milliseconds(500), "500ms"},
               {minutes(90), "1h30m"},
               {hours(24), "24h"},
               {30 * kDay, "30d"},
               {hours(36), "36h"},
               {milliseconds(61'001), "1m1s1ms"}};
  for (const auto& c : cases) {
    EXPECT_EQ(config::FormatDuration(c.duration), c.want);
    EXPECT_EQ(config::ParseDuration(c.want), c.duration);
  }
}

TEST(Quantities, ReadsSizes) {
  const struct {
    std::string_view text;
    std::optional<int64_t> want;
  } cases[] = {{"16MiB", 16 << 20},
               {"64KiB", 64 << 10},
               {"1GB", 1'000'000'000},
               {"1GiB", 1 << 30},
               {"5MB", 5'000'000},
               {"7KB", 7'000},
               {"12", 12},
               {"12B", 12},
               {"0", 0},
               {"", std::nullopt},
               {"MiB", std::nullopt},
               {"16 MiB", std::nullopt},
               {"-1", std::nullopt},
               {"1.5MiB", std::nullopt},
               {"16mib", std::nullopt},
               {"16M", std::nullopt},
               {"1KiBx", std::nullopt},
               {"9999999999GiB", std::nullopt}};
  for (const auto& c : cases) EXPECT_EQ(config::ParseSize(c.text), c.want) << c.text;
  EXPECT_EQ(config::FormatSize(16 << 20), "16MiB");
  EXPECT_EQ(config::FormatSize(1'000'001), "1000001B");
}

TEST(Quantities, ReadsIntegers) {
  EXPECT_EQ(config::ParseInteger("50132"), 50132);
  EXPECT_EQ(config::ParseInteger("-7"), -7);
  for (const char* bad : {"", "x", "1x", "1.0", "+1", " 1", "0x10", "9223372036854775808"}) {
    EXPECT_EQ(config::ParseInteger(bad), std::nullopt) << bad;
  }
}

TEST(Suggestion, NamesTheNearest) {
  const std::vector<std::string> known{"window", "threshold", "quiet", "input"};
  const struct {
    const char* name;
    const char* want;  // nullptr: none is near
  } cases[] = {{"windw", "window"}, {"WINDOW", "window"}, {"treshhold", "threshold"},
               {"inptu", "input"},  {"quite", "quiet"},   {"frequency", nullptr},
               {"", nullptr},       {"x", nullptr},       {"win", nullptr}};
  for (const auto& c : cases) {
    const std::string* near = config::NearestName(c.name, known);
    if (c.want == nullptr) {
      EXPECT_EQ(near, nullptr) << c.name;
    } else {
      ASSERT_NE(near, nullptr) << c.name;
      EXPECT_EQ(*near, c.want);
    }
  }
}

TEST(Config, EmptyTextIsTheDefaultConfiguration) {
  for (const char* text : {"", "# nothing\n", "---\n", "~", "{}", "time:\n", "time: {}\n...\n",
                           "correlation: {operations: }", "input: {default_tenant: null}",
                           "input: {default_tenant: }"}) {
    const config::Config config = Good(text);
    EXPECT_EQ(config.parser.default_tenant, "") << text;
    EXPECT_EQ(config.parser.message_bytes_max, size_t{16} << 20);
    EXPECT_EQ(config.parser.max_clock_skew, minutes(5));
    EXPECT_THAT(config.parser.detailed_codes, ElementsAre(50132, 50133, 50173));
    EXPECT_EQ(config.detection.time.allowed_lateness, minutes(30));
    EXPECT_EQ(config.detection.time.dedup_horizon, hours(24));
    ASSERT_THAT(config.detection.rules, SizeIs(2));
    EXPECT_EQ(config.detection.rules[0].name, "user-session-invalid");
    EXPECT_EQ(config.detection.rules[1].name, "tenant-session-invalid");
    EXPECT_EQ(config.detection.rules[1].min_users, 15u);
    EXPECT_EQ(config.detection.correlation.operations, CorrelationConfig::DefaultOperations());
  }
}

TEST(Config, ReadsEveryKey) {
  const config::Config config = Good(R"(
input: {default_tenant: 0A1B2C3D-0000-4000-8000-00000000000F}
limits: {message_bytes: 64KiB, users: 2, dedup_ids: 3, session_events: 4,
         live_events: 5, familiar_sources: 6, credential_events: 7, tickets: 8,
         distinct_values: 9, operation_names: 10}
time: {allowed_lateness: 1m, max_clock_skew: 2m, idle_timeout: 500ms, alignment: 1h30m,
       dedup_horizon: 3d}
detectors:
  - {name: mine, codes: [50173, -1, 50132, 50173], group_by: tenant, window: 1m, threshold: 3,
     min_users: 2, quiet: 2m, max_duration: 12h}
correlation:
  lookback: 7d
  correlation_grace: 10m
  familiar_days: 31
  unfamiliar: [country]
  operations: {" My Reset.. ": admin_reset, change user PASSWORD: sync, set password hint: ignore}
  sync_actors: [A_, B_]
  sync_apps: []
tickets: {reopen_within: 2h, persistent_after: 5h, revise_for: 48h}
)");
  EXPECT_EQ(config.parser.default_tenant, "0a1b2c3d-0000-4000-8000-00000000000f");
  EXPECT_EQ(config.parser.message_bytes_max, size_t{64} << 10);
  EXPECT_EQ(config.parser.max_clock_skew, minutes(2));
  const DetectionLimits& limits = config.detection.limits;
  EXPECT_THAT((std::vector{limits.users, limits.dedup_ids, limits.session_events,
                           limits.live_events, limits.familiar_sources, limits.credential_events,
                           limits.tickets, limits.distinct_values, limits.operation_names}),
              ElementsAre(2, 3, 4, 5, 6, 7, 8, 9, 10));
  const TimeConfig& time = config.detection.time;
  EXPECT_THAT((std::vector{time.allowed_lateness, time.max_clock_skew, time.idle_timeout,
                           time.alignment, time.dedup_horizon}),
              ElementsAre(minutes(1), minutes(2), milliseconds(500), minutes(90), 3 * kDay));
  ASSERT_THAT(config.detection.rules, SizeIs(1));
  const BurstRule& rule = config.detection.rules[0];
  EXPECT_EQ(rule.name, "mine");
  EXPECT_THAT(rule.codes, ElementsAre(-1, 50132, 50173));
  EXPECT_EQ(rule.group_by, GroupBy::kTenant);
  EXPECT_EQ(rule.window, minutes(1));
  EXPECT_EQ(rule.threshold, 3u);
  EXPECT_EQ(rule.min_users, 2u);
  EXPECT_EQ(rule.quiet, minutes(2));
  EXPECT_EQ(rule.max_duration, hours(12));
  const CorrelationConfig& correlation = config.detection.correlation;
  EXPECT_EQ(correlation.lookback, 7 * kDay);
  EXPECT_EQ(correlation.correlation_grace, minutes(10));
  EXPECT_EQ(correlation.familiar_days, 31);
  EXPECT_FALSE(correlation.unfamiliar_address);
  EXPECT_TRUE(correlation.unfamiliar_country);
  EXPECT_FALSE(correlation.unfamiliar_device);
  EXPECT_EQ(correlation.operations.at("my reset"), ChangeKind::kAdminReset);
  EXPECT_EQ(correlation.operations.at("set password hint"), ChangeKind::kIgnore);
  EXPECT_EQ(correlation.operations.at("change user password"), ChangeKind::kSync);
  EXPECT_EQ(correlation.operations.at("disable account"), ChangeKind::kRevoke);
  EXPECT_THAT(correlation.sync_actors, ElementsAre("A_", "B_"));
  EXPECT_THAT(correlation.sync_apps, ElementsAre());
  EXPECT_EQ(config.detection.tickets.reopen_within, hours(2));
  EXPECT_EQ(config.detection.tickets.persistent_after, hours(5));
  EXPECT_EQ(config.detection.tickets.revise_for, hours(48));
}

TEST(Config, OneFileIsForAllRoles) {
  const auto read = [](const std::string& role) {
    const config::ConfigResult result =
        config::ParseConfig("role: " + role +
                                "\nkafka: {brokers: 'a:1', topics: [in]}\n"
                                "store: {url: 'postgresql://db/s'}\n"
                                "sinks: [{name: a, type: stdout}]\n",
                            "f");
    EXPECT_THAT(result.errors, testing::IsEmpty());
    return result.config->serve;
  };
  EXPECT_THAT(read("all").sinks, testing::SizeIs(1));
  EXPECT_THAT(read("all").kafka.topics, ElementsAre("in"));
  EXPECT_THAT(read("ingest").sinks, testing::IsEmpty());
  EXPECT_THAT(read("ingest").kafka.topics, ElementsAre("in"));
  EXPECT_EQ(read("ingest").store.url, "postgresql://db/s");
  EXPECT_THAT(read("detect").sinks, testing::SizeIs(1));
  EXPECT_THAT(read("detect").kafka.topics, testing::IsEmpty());
}

TEST(Config, DetectorsHaveTheDefaultsOfTheirScope) {
  const config::Config config = Good(
      "detectors:\n- {name: u}\n- {name: t, group_by: tenant}\n"
      "- {name: w, window: 1h}\n- {name: q, quiet: 11m}\n");
  const auto& rules = config.detection.rules;
  ASSERT_THAT(rules, SizeIs(4));
  EXPECT_EQ(rules[0].window, minutes(10));
  EXPECT_EQ(rules[0].threshold, 10u);
  EXPECT_EQ(rules[0].quiet, minutes(10));
  EXPECT_EQ(rules[0].max_duration, hours(24));
  EXPECT_EQ(rules[1].window, minutes(30));
  EXPECT_EQ(rules[1].threshold, 50u);
  EXPECT_EQ(rules[1].min_users, 1u);  // SPEC 5: default 1, also for tenants
  EXPECT_EQ(rules[1].quiet, minutes(30));
  EXPECT_EQ(rules[2].quiet, hours(1));  // defaults to the window
  EXPECT_EQ(rules[3].quiet, minutes(11));
}

TEST(Config, NamesEveryMistakeAtItsPlace) {
  // Each text has one mistake; `want` begins the error, `allowed` is in it.
  const struct {
    const char* text;
    const char* want;
    const char* allowed;
  } cases[] = {
      {"tiem: {}", "f:1:1: unknown key 'tiem', did you mean 'time'?", "allowed: input, limits"},
      {"frob: {}", "f:1:1: unknown key 'frob', allowed:", "tickets"},
      {"time:\n  windw: 3m", "f:2:3: unknown key 'windw' in time", "alignment"},
      {"time: {lookback: 3d}", "f:1:8: unknown key 'lookback' in time, it belongs to 'correlation'",
       "alignment"},
      {"time: {window: 3m}", "f:1:8: unknown key 'window' in time, it belongs to an entry of",
       "'detectors'"},
      {"time: {alignment: 1h, alignment: 1h}",
       "f:1:23: key 'alignment' in time is given again after line 1", "allowed: once"},
      {"time: {}\ntickets: {}\ntime: {}", "f:3:1: key 'time' is given again after line 1",
       "allowed: once"},
      {"time: {alignment: 30}", "f:1:19: time.alignment is '30', a number without a unit",
       "allowed: a duration from 1ms to 365d, such as 30m"},
      {"time: {alignment: 0s}", "f:1:19: time.alignment is '0s'", "from 1ms"},
      {"time: {alignment: 366d}", "f:1:19: time.alignment is '366d'", "to 365d"},
      {"time: {alignment: [1h]}", "f:1:19: time.alignment is a list", "a duration"},
      {"time: {alignment: }", "f:1:19: time.alignment is empty", "a duration"},
      {"time: 3", "f:1:7: time is '3'", "allowed: a mapping with the keys allowed_lateness"},
      {"[]", "f:1:1: the file is a list", "a mapping with the keys input"},
      {"[a]: 1", "f:1:1: a key is a list", "allowed: input"},
      {"limits: {message_bytes: 0}", "f:1:25: limits.message_bytes is '0'", "a size from 1B"},
      {"limits: {message_bytes: 2GiB}", "f:1:25: limits.message_bytes is '2GiB'", "to 1GiB"},
      {"limits: {users: 0}", "f:1:17: limits.users is '0'", "a whole number from 1"},
      {"limits: {users: '5'}", "f:1:17: limits.users is the text '5'", "a whole number"},
      {"limits: {users: 1.5}", "f:1:17: limits.users is '1.5'", "a whole number"},
      {"input: {default_tenant: ''}", "f:1:25: input.default_tenant is ''", "or null"},
      {"input: {default_tenant: 00000000-0000-0000-0000-000000000000}",
       "f:1:25: input.default_tenant is '0000", "other than the zero GUID"},
      {"detectors: []", "f:1:12: detectors is a list of 0 entries", "1 to 64"},
      {"detectors: {name: a}", "f:1:12: detectors is a mapping", "a list of 1 to 64"},
      {"detectors:", "f:1:1: detectors is empty", "a list of 1 to 64"},
      {"detectors: [5]", "f:1:13: detectors[0] is '5'", "a mapping with the keys name"},
      {"detectors: [{codes: [1]}]", "f:1:13: detectors[0] has no name", "a text of 1"},
      {"detectors: [{name: ''}]", "f:1:20: detectors[0].name is ''", "a text of 1"},
      {"detectors: [{name: a}, {name: a}]",
       "f:1:31: detectors[1].name is 'a', the name of "
       "detectors[0] too",
       "a name of its own"},
      {"detectors: [{name: a, codes: []}]", "f:1:30: detectors[0].codes is an empty list",
       "one or more AADSTS codes"},
      {"detectors: [{name: a, codes: 5}]", "f:1:30: detectors[0].codes is '5'", "a list"},
      {"detectors: [{name: a, codes: [x]}]", "f:1:31: detectors[0].codes[0] is 'x'", "whole"},
      {"detectors: [{name: a, codes: [1, '2']}]", "f:1:34: detectors[0].codes[1] is '2'", "whole"},
      {"detectors: [{name: a, codes: [0]}]", "f:1:31: detectors[0].codes[0] is '0'",
       "other than 0"},
      {"detectors: [{name: a, group_by: device}]", "f:1:33: detectors[0].group_by is 'device'",
       "one of user, tenant"},
      {"detectors: [{name: a, threshold: 0}]", "f:1:34: detectors[0].threshold is '0'", "from 1"},
      {"detectors: [{name: a, window: 0s}]", "f:1:31: detectors[0].window is '0s'", "from 1ms"},
      {"detectors: [{name: a, window: 10m, quiet: 9m59s}]",
       "f:1:43: detectors[0].quiet is 9m59s, below the window", "allowed: 10m or more"},
      {"detectors: [{name: a, quiet: 9m}]", "f:1:30: detectors[0].quiet is 9m, below the window",
       "10m or more"},
      {"detectors: [{name: a, min_users: 2}]",
       "f:1:34: detectors[0].min_users is 2 with group_by: user", "group_by: tenant only"},
      {"detectors: [{name: a, <<: {window: 1m}}]",
       "f:1:23: unknown key '<<' in detectors[0]: merge", "write the keys out"},
      {"correlation: {familiar_days: 32}", "f:1:30: correlation.familiar_days is '32'", "1 to 31"},
      {"correlation: {familiar_days: 0}", "f:1:30: correlation.familiar_days is '0'", "1 to 31"},
      {"correlation: {unfamiliar: []}", "f:1:27: correlation.unfamiliar is an empty list",
       "one or more of address, country, device"},
      {"correlation: {unfamiliar: [adress]}", "f:1:28: correlation.unfamiliar[0] is 'adress'",
       "address, country, device"},
      {"correlation: {operations: {a: b}}", "f:1:31: correlation.operations.'a' is 'b'",
       "one of admin_reset, self_reset, change, sync, revoke, force_change"},
      {"correlation: {operations: {Foo: change, ' foo. ': change}}",
       "f:1:41: ' foo. ' in correlation.operations is given again", "once"},
      {"correlation: {operations: {' . ': change}}", "f:1:28: a name in correlation.operations is",
       "the name of an audit operation"},
      {"correlation: {operations: [a]}", "f:1:27: correlation.operations is a list", "a mapping"},
      {"correlation: {sync_actors: Sync_}", "f:1:28: correlation.sync_actors is 'Sync_'", "a list"},
      {"correlation: {sync_apps: ['']}", "f:1:27: correlation.sync_apps[0] is ''", "none of them"},
      {"time: [", "f:1:", "this is not YAML"},
      {"a: 1\n b: 2", "f:2:3: this is not YAML", "allowed: YAML"},
      {"time: *x", "f:1:7: this is not YAML", "anchor"},
      {"time: {}\n---\ntime: {}", "f:3:1: a second YAML document", "one document"},
      {"a\x01: 1", "f:1:2: a byte that is not text", "UTF-8"},
      {"time:\n # \xff", "f:2:4: a byte that is not text", "UTF-8"},
      {"time:\r\n  alignment: 3\r\n", "f:2:14: time.alignment is '3'", "a duration"},
      {"\xef\xbb\xbftime: {alignment: 3}", "f:1:19: time.alignment is '3'", "a duration"},
  };
  for (const auto& c : cases) {
    const auto errors = ErrorsOf(c.text);
    ASSERT_THAT(errors, SizeIs(1)) << c.text << "\n" << testing::PrintToString(errors);
    EXPECT_THAT(errors[0], StartsWith(c.want)) << c.text;
    EXPECT_THAT(errors[0], HasSubstr(c.allowed)) << c.text;
    EXPECT_THAT(errors[0], HasSubstr("allowed")) << c.text;
  }
}

// A mistake in one key says nothing of the keys beside it.
TEST(Config, AMistakeOfADetectorHidesNoneBesideIt) {
  EXPECT_THAT(ErrorsOf("detectors: [{name: a, threshold: 0, min_users: 2, quiet: 9m}]\n"),
              ElementsAre(StartsWith("f:1:34: detectors[0].threshold is '0'"),
                          StartsWith("f:1:48: detectors[0].min_users is 2 with group_by: user"),
                          StartsWith("f:1:58: detectors[0].quiet is 9m, below the window")));
  // What can't be known is not compared.
  EXPECT_THAT(ErrorsOf("detectors: [{name: a, group_by: device, min_users: 2, quiet: 9m}]\n"),
              ElementsAre(StartsWith("f:1:33: detectors[0].group_by is 'device'")));
  EXPECT_THAT(ErrorsOf("detectors: [{name: a, window: x, quiet: 9m}]\n"),
              ElementsAre(StartsWith("f:1:31: detectors[0].window is 'x'")));
}

TEST(Config, NamesAllMistakesAtOnceByPlace) {
  const auto errors = ErrorsOf(
      "tickets: {reopen_within: 5}\n"
      "detectors:\n"
      "  - {name: a, threshold: 0, windw: 1m}\n"
      "  - {name: a}\n"
      "time: {alignment: x}\n");
  EXPECT_THAT(errors,
              ElementsAre(StartsWith("f:1:26: "), StartsWith("f:3:26: "), StartsWith("f:3:29: "),
                          StartsWith("f:4:12: "), StartsWith("f:5:19: ")));
}

TEST(Config, AnchorsAndAliasesAreRead) {
  const config::Config config = Good(
      "time: {alignment: &hour 1h, allowed_lateness: *hour}\n"
      "detectors:\n- {name: a, codes: &codes [1, 2]}\n- {name: b, codes: *codes}\n");
  EXPECT_EQ(config.detection.time.allowed_lateness, hours(1));
  EXPECT_THAT(config.detection.rules[1].codes, ElementsAre(1, 2));
}

TEST(Config, AliasesThatGrowOrReferToThemselvesEnd) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 1; j < 10; ++j) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THAT(ErrorsOf(bomb + "detectors: *a11\n"), SizeIs(13 + 9));
  EXPECT_THAT(ErrorsOf("time: &t {alignment: *t}"),
              ElementsAre(HasSubstr("time.alignment is a mapping")));
  EXPECT_THAT(ErrorsOf("detectors: &d [*d]"), ElementsAre(HasSubstr("detectors[0] is a list")));

  std::string keys = "x: &m {name: a";
  for (int i = 0; i < 2'000; ++i) keys += ", k" + std::to_string(i) + ": 1";
  keys += "}\ndetectors: [*m, *m, *m]\n";
  EXPECT_THAT(ErrorsOf(keys).back(), HasSubstr("no more than these mistakes"));
}

TEST(Config, DeepNestingAndLargeFilesAreMistakes) {
  EXPECT_THAT(ErrorsOf(std::string(100'000, '[')), ElementsAre(HasSubstr("nested too deeply")));
  EXPECT_THAT(ErrorsOf(std::string((1 << 20) + 1, '#')), ElementsAre(HasSubstr("up to 1MiB")));
}

TEST(Config, LongValuesAreCutBetweenCharacters) {
  std::string value(59, 'a');
  value += "\xc3\xa4" + std::string(300, 'b');
  const auto errors = ErrorsOf("correlation: {sync_apps: [" + value + "]}");
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], HasSubstr("'" + std::string(59, 'a') + "...'"));
}

TEST(Config, FilesThatCanNotBeReadAreAnError) {
  EXPECT_THAT(config::LoadConfigFile("/nonexistent/c.yaml").errors,
              ElementsAre("/nonexistent/c.yaml: No such file or directory"));
  EXPECT_THAT(config::LoadConfigFile("/").errors, ElementsAre(StartsWith("/: ")));
  EXPECT_FALSE(config::LoadConfigFile("/").config.has_value());
}

TEST(Config, FileNameStartsEveryError) {
  const auto path = std::filesystem::path(testing::TempDir()) / "signinwatch_config_test.yaml";
  std::ofstream(path) << "time:\n  alignment: 5\n";
  const config::ConfigResult result = config::LoadConfigFile(path.string());
  std::filesystem::remove(path);
  EXPECT_FALSE(result.config.has_value());
  EXPECT_THAT(result.errors, ElementsAre(StartsWith(path.string() + ":2:14: ")));
}

TEST(Reference, ExampleIsTheDefaultConfiguration) {
  const config::Config example = Good(config::ConfigurationExample());
  const config::Config standard;
  ASSERT_EQ(example.detection.rules.size(), standard.detection.rules.size());
  for (size_t i = 0; i < standard.detection.rules.size(); ++i) {
    const BurstRule& a = example.detection.rules[i];
    const BurstRule& b = standard.detection.rules[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.codes, b.codes);
    EXPECT_EQ(a.group_by, b.group_by);
    EXPECT_EQ(a.window, b.window);
    EXPECT_EQ(a.threshold, b.threshold);
    EXPECT_EQ(a.min_users, b.min_users);
    EXPECT_EQ(a.quiet, b.quiet);
    EXPECT_EQ(a.max_duration, b.max_duration);
  }
  EXPECT_EQ(example.parser.message_bytes_max, standard.parser.message_bytes_max);
  EXPECT_EQ(example.detection.time.alignment, standard.detection.time.alignment);
  EXPECT_EQ(example.detection.correlation.lookback, standard.detection.correlation.lookback);
  EXPECT_EQ(example.detection.limits.users, standard.detection.limits.users);
  EXPECT_EQ(example.detection.tickets.revise_for, standard.detection.tickets.revise_for);
}

TEST(Reference, HasEveryLimitOfDetection) {
  // One line a limit, and `message_bytes`, which is the parser's.
  const auto& limits =
      *std::find_if(config::ConfigSections().begin(), config::ConfigSections().end(),
                    [](const config::Section& each) { return each.name == "limits"; });
  EXPECT_EQ(limits.options.size(), sizeof(DetectionLimits) / sizeof(size_t) + 1);
}

TEST(Reference, DescribesEveryKey) {
  const std::string reference = config::ConfigurationReference();
  for (const char* text :
       {"| `default_tenant` | `null` |", "| `message_bytes` | `16MiB` |", "| `window` | 10m for",
        "| `unfamiliar` | `[address, country, device]` |", "| `revoke` | `disable account`"}) {
    EXPECT_THAT(reference, HasSubstr(text));
  }
}

}  // namespace config_test
}  // namespace signinwatch
