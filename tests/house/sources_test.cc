// House rules of the sources: layers, names, sizes, tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/house/tree.h"

namespace signinwatch::house {
namespace sources_test {

using testing::IsEmpty;
using Findings = std::vector<std::string>;

bool IsInAny(const SourceFile& file, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&file](const std::string& folder) { return file.IsIn(folder); });
}

TEST(Layers, ThirdPartyHeadersStayWithTheirPart) {
  const struct {
    const char* pattern;  // of the included name
    std::vector<std::string> folders;
  } rules[] = {
      // Beside the parser, its benchmark measures bare simdjson.
      {"simdjson.*", {"parser/", "bench/parse/"}},
      {"xxhash.*", {"parser/ids.cc"}},
      {"yaml-cpp/.*",
       {"daemon/config/", "tests/daemon/http/", "tests/daemon/rules/", "tests/deploy/"}},
      {"boost/.*", {"daemon/http/", "tests/daemon/http/", "tests/fuzz/http_fuzz.cc"}},
      // Input is unzipped, answers are zipped; tests make gzip'd files.
      {"zlib.*", {"daemon/files/", "daemon/http/http_message.cc", "tests/"}},
      {"CLI/.*", {"daemon/cli/"}},
      {"kainjow/.*", {"daemon/words/"}},
      {"librdkafka/.*", {"daemon/kafka/", "bench/serve/"}},
      {"sqlite3.h", {"daemon/store/sqlite/", "tests/daemon/store/sqlite/"}},  // tests damage files
      {"libpq-fe.h", {"daemon/store/postgres/", "tests/daemon/store/postgres/"}},
      // No third party's, but as private: which kind of store it is, is known where it is opened.
      {"daemon/store/sqlite/.*", {"daemon/store/", "tests/daemon/store/"}},
      {"daemon/store/postgres/.*", {"daemon/store/", "tests/daemon/store/"}},
      {"curl/.*", {"daemon/http_client/"}},
      {"openssl/.*",
       {"daemon/http_client/", "daemon/sinks/", "daemon/http/", "tests/daemon/http/"}},
      {"crypt.h", {"daemon/http/", "tests/daemon/http/"}},
      {"httplib.h", {"tests/daemon/", "bench/http/"}},  // which are servers and clients
      {"prometheus/.*", {"metrics/"}},
      {"absl/(status|strings)/.*", {"daemon/", "tests/"}},
      {"benchmark/.*", {"bench/"}},
      {"nlohmann/.*", {"daemon/kafka/statistics.cc", "tests/"}},
      {"g(test|mock)/.*", {"tests/"}},
  };
  Findings findings;
  for (const SourceFile& file : Tree()) {
    if (!file.IsCpp()) continue;
    for (const std::string& include : file.Includes()) {
      for (const auto& rule : rules) {
        if (std::regex_match(include, std::regex(rule.pattern)) && !IsInAny(file, rule.folders)) {
          findings.push_back(file.path + " includes " + include);
        }
      }
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

// A standard header has neither a slash nor an extension. What parsers and detectors may not use of
// them is what reads a clock, does I/O or starts threads (ARCHITECTURE.md, rules 1 and 2).
bool IsPureStandard(const std::string& include) {
  static const std::vector<std::string> impure{
      "cstdio",     "ctime",  "fstream",     "iostream",
      "filesystem", "thread", "mutex",       "condition_variable",
      "future",     "atomic", "csignal",     "locale",
      "clocale",    "random", "shared_mutex"};
  return include.find_first_of("/.") == std::string::npos &&
         std::find(impure.begin(), impure.end(), include) == impure.end();
}

TEST(Layers, PureFoldersIncludeOnlyWhatIsPure) {
  const struct {
    const char* folder;
    std::vector<std::string> allowed;  // beginnings
  } rules[] = {
      {"parser/", {"parser/", "simdjson.h", "xxhash.h"}},
      {"detectors/", {"detectors/", "parser/", "absl/container/"}},
      {"daemon/words/",
       {"daemon/words/", "daemon/json/", "detectors/", "parser/", "kainjow/mustache.hpp",
        "absl/status/", "absl/strings/"}},
  };
  Findings findings;
  for (const auto& rule : rules) {
    for (const SourceFile& file : Tree()) {
      if (!file.IsIn(rule.folder) || !file.IsCpp()) continue;
      for (const std::string& include : file.Includes()) {
        const bool allowed =
            IsPureStandard(include) || std::any_of(rule.allowed.begin(), rule.allowed.end(),
                                                   [&include](const std::string& begin) {
                                                     return include.starts_with(begin);
                                                   });
        if (!allowed) findings.push_back(file.path + " includes " + include);
      }
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

// What tickets say is in daemon/words, so that detection and its state hold facts alone: no literal
// has a sentence, which begins with a capital or ends in a full stop and has a blank.
TEST(Layers, DetectionHasNoProse) {
  const std::regex sentence(R"re("[A-Z][a-z]+ [^"]*"|"[^"]* [^"]*[.]"|"[^"]*[.] [^"]*")re");
  Findings findings;
  for (const SourceFile& file : Tree()) {
    if (!file.IsIn("detectors/") || !file.IsCpp()) continue;
    if (file.IsIn("detectors/config.cc"))
      continue;  // the names of operations, as Entra writes them
    for (const std::string& line : file.Lines()) {
      const std::string code = line.substr(0, line.find("//"));
      if (std::regex_search(code, sentence)) findings.push_back(file.path + ": " + code);
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Layers, DataMovesRight) {
  // Nobody includes what is to the right of them; nothing of the program includes benchmarks or
  // tests.
  const struct {
    const char* folder;
    const char* banned;  // beginnings of included names
  } rules[] = {
      {"daemon/generator/", "(metrics|detectors|daemon/(?!generator/|clock/).*)/.*"},
      {"metrics/", "((bench|daemon|detectors)/.*|parser/(?!harmful_characters|utf8).*)"},
      {"daemon/clock/", "(detectors|metrics|daemon/(?!clock/).*)/.*"},
      {"daemon/steps/", "(detectors|metrics|daemon/(?!clock/|steps/).*)/.*"},
      {"daemon/config/", "(metrics|daemon/(?!config/|json/|words/).*)/.*"},
      {"daemon/log/", "(metrics|daemon/(?!version/|clock/|config/|json/|log/).*)/.*"},
      {"daemon/disk/", "(metrics|daemon/(?!disk/).*)/.*"},
      {"daemon/json/", "(metrics|detectors|daemon/(?!json/).*)/.*"},
      {"daemon/words/", "(metrics|daemon/(?!json/|words/).*)/.*"},
      {"daemon/routing/", "(metrics|daemon/(?!config/|routing/).*)/.*"},
      {"daemon/store/",
       "(metrics|daemon/(?!version/|clock/|config/|disk/|json/|log/|position/|store/).*)/.*"},
      {"daemon/kafka/",
       "(metrics|daemon/(?!version/|clock/|config/|json/|log/|position/|kafka/).*)/.*"},
      {"daemon/position/", "(detectors|metrics|daemon/(?!position/).*)/.*"},
      {"daemon/http_client/",
       "(metrics|daemon/(?!version/|clock/|config/|json/|log/|kafka/|http_client/).*)/.*"},
      {"daemon/sinks/", "(metrics|daemon/(cli|files|replay|pipeline|http|serve))/.*"},
      {"daemon/pipeline/", "daemon/(cli|files|replay|http|serve)/.*"},
      {"daemon/http/", "(metrics|daemon/(cli|files|replay|serve))/.*"},
      {"daemon/doctor/", "(metrics|daemon/(cli|files|replay|pipeline|serve))/.*"},
      {"daemon/rehearsal/", "(metrics|daemon/(cli|files|kafka|replay|pipeline|http|serve))/.*"},
      {"daemon/files/", "(detectors|daemon/(cli|config|replay))/.*"},
      {"daemon/replay/", "daemon/cli/.*"},
      {"daemon/", "(bench|tests)/.*"},
      {"bench/", "tests/.*"},
  };
  Findings findings;
  for (const auto& rule : rules) {
    const std::regex banned(rule.banned);
    for (const SourceFile& file : Tree()) {
      if (!file.IsIn(rule.folder) || !file.IsCpp()) continue;
      for (const std::string& include : file.Includes()) {
        if (std::regex_match(include, banned)) {
          findings.push_back(file.path + " includes " + include);
        }
      }
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

// What one header defines or declares at the level of its namespace, by qualified name: types, and
// functions with their parameters' types (more or less: the last word of each is left out).
std::vector<std::string> QualifiedNames(const SourceFile& header) {
  static const std::regex open_namespace("^namespace ([a-z_:]+) \\{$");
  static const std::regex type(
      "^(struct|class|enum class) ([A-Za-z0-9_]+)( final)?( : [^;]*)? \\{$");
  static const std::regex function(
      "^[a-z\\[][A-Za-z0-9_:<>,*&\\[\\] ]* [*&]*([A-Z]\\w*)\\(([^()]*)\\)[^()]*[;{]$");
  static const std::regex parameter_name(" [*&]?\\w+( = [^,]*)?(,|$)");
  std::istringstream lines(header.text);
  std::string space;
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, open_namespace)) {
      space = match[1];
    } else if (std::regex_match(line, match, type)) {
      names.push_back(space + "::" + match[2].str());
    } else if (std::regex_match(line, match, function)) {
      const std::string types = std::regex_replace(match[2].str(), parameter_name, "$2");
      names.push_back(space + "::" + match[1].str() + "(" + types + ")");
    }
  }
  return names;
}

// Two things of one name break the rule of one definition: the linker keeps one of them for both,
// and who uses the other calls, or destroys, what is not there.
TEST(Sources, NoTwoHeadersDefineOneName) {
  std::map<std::string, std::string> first;  // header by qualified name
  Findings findings;
  for (const SourceFile& file : Tree()) {
    if (!file.path.ends_with(".h")) continue;
    for (const std::string& name : QualifiedNames(file)) {
      const auto [known, is_new] = first.emplace(name, file.path);
      if (!is_new) findings.push_back(name + ": " + known->second + " and " + file.path);
    }
  }
  EXPECT_GT(first.size(), 800U);
  EXPECT_THAT(findings, IsEmpty());
}

// The namespace of a file that belongs to a part; tests belong to the part that they test. Nothing:
// what the product speaks of (parser/, detectors/), and what puts parts together.
std::string PartOf(const std::string& path) {
  static const std::regex part("^(?:tests/)?(?:daemon/([a-z_]+)|(metrics))/.*");
  std::smatch match;
  if (!std::regex_match(path, match, part)) return "";
  const std::string name = match[1].str() + match[2].str();
  // Folders of tests alone hold tests of several parts.
  return name == "metrics" || Folders().contains("daemon/" + name) ? name : "";
}

TEST(Sources, AreInTheNamespaceOfTheirPart) {
  const std::regex ours("(?:^|\n)namespace (signinwatch[a-z_:]*) \\{");
  size_t seen = 0;
  Findings findings;
  for (const SourceFile& file : Tree()) {
    const std::string part = PartOf(file.path);
    if (part.empty() || !file.IsCpp()) continue;
    for (std::sregex_iterator match(file.text.begin(), file.text.end(), ours), end; match != end;
         ++match) {
      ++seen;
      const std::string space = (*match)[1].str() + "::";
      if (!space.starts_with("signinwatch::" + part + "::"))
        findings.push_back(file.path + ": " + space);
    }
  }
  EXPECT_GT(seen, 600U);
  EXPECT_THAT(findings, IsEmpty());
}

// Time and chance are given to whoever needs them, so that a test or a simulation says what they
// are (daemon/clock/clock.h). Where something is put together, each place with its reason.
TEST(Sources, NeitherReadAClockNorDrawNumbers) {
  const struct {
    const char* pattern;
    std::map<std::string, std::string> allowed;  // beginnings of paths
  } rules[] = {
      {"_clock::now\\(|Clock::now|clock_gettime|gettimeofday|absl::Now|\\btime\\((0|nullptr)\\)",
       {{"daemon/clock/clock.cc", "the one place that does"}}},
      {"SystemClock\\(\\)",
       {{"daemon/clock/", "its place"},
        {"daemon/cli/command_line.cc", "a command line begins"},
        {"daemon/demo/demo.cc", "a command begins"},
        {"daemon/doctor/doctor.cc", "a command begins"},
        {"daemon/feed/feed.cc", "a command begins"},
        {"daemon/generator/generate.cc", "a command begins: how long it took"},
        {"daemon/log/log.cc", "the one log of the process, which nobody is given"},
        {"daemon/rehearsal/", "commands begin"},
        {"daemon/replay/replay.cc", "a command begins: how long it took"},
        {"daemon/tickets/tickets.cc", "a command begins"},
        {"daemon/serve/run_serve.cc", "a command begins"},
        {"daemon/serve/serve.h", "whoever starts the daemon may give it another"}}},
      {"random_device|\\brand\\(",
       {{"daemon/main.cc", "the program begins: the hash tables' seed"},
        {"daemon/rehearsal/sink_trial.cc", "a command begins: the id of its ticket"},
        {"daemon/serve/serve.h", "whoever starts the daemon may give it another"}}},
  };
  Findings findings;
  for (const auto& rule : rules) {
    const std::regex banned(rule.pattern);
    std::set<std::string> used;
    for (const SourceFile& file : Tree()) {
      if (!file.IsCpp() || !IsInAny(file, {"parser/", "detectors/", "metrics/", "daemon/"}))
        continue;
      if (!std::regex_search(file.text, banned)) continue;
      const auto allowed =
          std::find_if(rule.allowed.begin(), rule.allowed.end(),
                       [&file](const auto& place) { return file.path.starts_with(place.first); });
      if (allowed == rule.allowed.end()) {
        findings.push_back(file.path + " has " + rule.pattern + ": take a Clock, or a seed");
      } else {
        used.insert(allowed->first);
      }
    }
    for (const auto& [place, reason] : rule.allowed) {
      if (!used.contains(place)) findings.push_back(place + " needs no leave for " + rule.pattern);
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Sources, TestsOfStagesDoNotSleep) {
  const std::map<std::string, std::string> allowed{
      {"tests/daemon/pipeline/fake_source.cc",
       "waits as Kafka's client does, where there are threads"}};
  Findings findings;
  for (const SourceFile& file : Tree()) {
    const bool of_stages = IsInAny(file, {"tests/daemon/pipeline/", "tests/daemon/steps/"}) ||
                           file.path == "tests/daemon/sinks/delivery_test.cc";
    if (!of_stages || allowed.contains(file.path)) continue;
    if (file.text.find("sleep_") != std::string::npos) {
      findings.push_back(file.path + " sleeps: call Step with the time that is wanted");
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Sources, AreNoLongerThan700Lines) {
  Findings findings;
  for (const SourceFile& file : Tree()) {
    if (!file.IsCpp() && !file.path.ends_with(".sh") && file.path != "dev") continue;
    const auto lines = std::count(file.text.begin(), file.text.end(), '\n');
    if (lines > 700) findings.push_back(file.path + ": " + std::to_string(lines) + " lines");
  }
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Sources, HaveGuardsNamedAfterTheirPath) {
  Findings findings;
  for (const SourceFile& file : Tree()) {
    if (!file.path.ends_with(".h")) continue;
    std::string guard = "SIGNINWATCH_" + file.path + "_";
    for (char& c : guard) {
      c = std::isalnum(static_cast<unsigned char>(c)) != 0
              ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
              : '_';
    }
    const std::string open = "#ifndef " + guard + "\n#define " + guard + "\n";
    if (file.text.find(open) == std::string::npos ||
        !file.text.ends_with("#endif  // " + guard + "\n")) {
      findings.push_back(file.path + ": the guard is not " + guard);
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Sources, AreNamedAfterWhatTheyHold) {
  const std::regex name("[a-z0-9_]+\\.(cc|h)");
  const std::regex vague(".*(utils?|common|helpers?|misc)[._].*");
  Findings findings;
  for (const SourceFile& file : Tree()) {
    if (!file.IsCpp()) continue;
    const std::string file_name(file.FileName());
    if (!std::regex_match(file_name, name) || std::regex_match(file_name, vague)) {
      findings.push_back(file.path);
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

// Sources without a test of their own, each with the reason.
const std::map<std::string, std::string>& SourcesWithoutATest() {
  static const std::map<std::string, std::string> reasons{
      {"daemon/main.cc", "wiring only"},
      {"daemon/cli/arguments.cc", "cli_test, through RunCommandLine"},
      {"daemon/cli/subcommands.cc", "cli_test, through RunCommandLine"},
      {"daemon/config/config_text.cc", "config_test and web_config_test, through what they read"},
      {"daemon/config/role_rules.cc", "serve_rules_test, through ParseConfig"},
      {"daemon/config/yaml_document.cc", "config_test and web_config_test, through what they read"},
      {"daemon/config/yaml_reader.cc", "config_test, through ParseConfig"},
      {"daemon/demo/traffic.cc", "demo_test, through RunDemo"},
      {"daemon/files/gzip_reader.cc", "files_test, through FileSource"},
      {"daemon/files/raw_file.cc", "files_test, through FileSource"},
      {"daemon/files/temporary_file.cc", "files_test, through FileSource"},
      {"daemon/generator/background.cc", "generator_test, through Generate"},
      {"daemon/generator/exporter.cc", "generator_test, through Generate"},
      {"daemon/generator/label.cc", "labels_test, through Generate"},
      {"daemon/generator/output.cc", "message_sink_test, through Generate"},
      {"daemon/generator/population.cc", "generator_test, through Generate"},
      {"daemon/generator/record_templates.cc", "generator_test, through Generate"},
      {"daemon/generator/record_writer.cc", "generator_test, through Generate"},
      {"daemon/generator/scenarios.cc", "labels_test, through Generate"},
      {"daemon/generator/scene.cc", "labels_test, through Generate"},
      {"daemon/generator/text_template.cc", "generator_test, through Generate"},
      {"daemon/generator/ticks.cc", "generator_test, through Generate"},
      {"daemon/generator/vocabulary.cc", "generator_test, through Generate"},
      {"daemon/http/page/near_misses.cc", "pages_test, through CapacityPage"},
      {"daemon/http/page/where_told.cc", "routes_test, through the pages"},
      {"daemon/http/pem.cc", "web_access_test, through HttpServer"},
      {"daemon/ingest/ingest_pipeline.cc", "ingest_test, through the route stage"},
      {"daemon/ingest/signal_output.cc", "ingest_test, through the route stage"},
      {"daemon/kafka/c11_threads.cc", "what ThreadSanitizer needs to watch the other tests"},
      {"daemon/kafka/fetch_waker.cc", "kafka_source_test, through RecordSource"},
      {"daemon/kafka/offset_commits.cc", "kafka_source_test, through RecordSource"},
      {"daemon/kafka/source_facts.cc", "kafka_source_test, through RecordSource"},
      {"daemon/kafka/source_identity.cc", "kafka_source_test, through RecordSource"},
      {"daemon/kafka/source_messages.cc", "kafka_source_test, through RecordSource"},
      {"daemon/kafka/source_rebalance.cc", "kafka_source_test, through RecordSource"},
      {"daemon/kafka/source_unreadable.cc", "kafka_source_test, through RecordSource"},
      {"daemon/pipeline/batch.cc", "parse_stage_test, through ParseStage"},
      {"daemon/pipeline/detection_fold.cc", "stream_fold_test and shards_test, through both folds"},
      {"daemon/pipeline/fold_metrics.cc", "pipeline_test, through Pipeline::status()"},
      {"daemon/pipeline/shard_fold.cc", "shards_test, through the stages"},
      {"daemon/pipeline/shards_fold.cc", "shards_test, through the stages"},
      {"daemon/pipeline/takeover_stage.cc", "shards_test, through the stages"},
      {"daemon/rehearsal/ticket_delivery.cc", "preview_test, through PreviewTicket"},
      {"daemon/replay/fold.cc", "replay_test, through RunReplay"},
      {"daemon/replay/parsed_block.cc", "replay_test, through RunReplay"},
      {"daemon/replay/summary.cc", "replay_test, through RunReplay"},
      {"daemon/replay/ticket_output.cc", "replay_test, through RunReplay"},
      {"daemon/replay/ticket_table.cc", "replay_test, through RunReplay"},
      {"daemon/serve/engine.cc", "serve_test, through Serve"},
      {"daemon/serve/run_serve.cc", "tests/e2e, as users start it"},
      {"daemon/signals/signal_decoder.cc", "signal_message_test, through Decode"},
      {"daemon/signals/wire.cc", "signal_message_test, through what is written and read"},
      {"daemon/store/postgres/claim_queries.cc", "store_test, what any store passes"},
      {"daemon/store/postgres/commit_flight.cc", "store_test, what any store passes"},
      {"daemon/store/postgres/handling_queries.cc", "store_test, what any store passes"},
      {"daemon/store/postgres/instance_queries.cc", "store_test, what any store passes"},
      {"daemon/store/postgres/outbox_queries.cc", "store_test, what any store passes"},
      {"daemon/store/postgres/remote_queries.cc", "store_test, what any store passes"},
      {"daemon/store/postgres/state_queries.cc", "store_test, what any store passes"},
      {"daemon/store/postgres/ticket_queries.cc", "store_test, what any store passes"},
      {"daemon/store/postgres/upkeep_queries.cc", "store_test, what any store passes"},
      {"daemon/store/postgres/connection_target.cc", "postgres_store_test, through PostgresStore"},
      {"daemon/store/postgres/postgres_connection.cc",
       "postgres_store_test, through PostgresStore"},
      {"daemon/store/postgres/session.cc", "postgres_store_test, through PostgresStore"},
      {"daemon/store/postgres/database_probe.cc", "store_probe_test, through ProbeDatabase"},
      {"daemon/store/sqlite/outbox_tables.cc", "store_test, what any store passes"},
      {"daemon/store/sqlite/progress_tables.cc", "store_test, what any store passes"},
      {"daemon/store/sqlite/remote_tables.cc", "store_test, what any store passes"},
      {"daemon/store/sqlite/roll_up_tables.cc", "store_test, what any store passes"},
      {"daemon/store/sqlite/ticket_tables.cc", "store_test, what any store passes"},
      {"daemon/store/state_order.cc", "store_test, what any store passes"},
      {"daemon/store/ticket_row.cc", "store_test, what any store passes"},
      {"daemon/store/ticket_search.cc", "store_test, what any store passes"},
      {"daemon/sinks/flap_damper.cc", "delivery_schedule_test, through DeliverySchedule"},
      {"daemon/sinks/alertmanager/alert.cc", "alertmanager_sink_test, as it is sent"},
      {"daemon/sinks/alertmanager/alertmanager_system.cc", "alertmanager_sink_test, as it is sent"},
      {"daemon/sinks/thehive/thehive_alert.cc", "thehive_sink_test, as it is sent"},
      {"daemon/sinks/thehive/thehive_system.cc", "thehive_sink_test, as it is sent"},
      {"daemon/version/version.cc", "cli_test, through --version"},
      {"daemon/sinks/pagerduty/pagerduty_event.cc", "pagerduty_sink_test, as it is sent"},
      {"daemon/sinks/pagerduty/pagerduty_system.cc", "pagerduty_sink_test, as it is sent"},
      {"daemon/words/context_json.cc", "ticket_json_test, through TicketToJson"},
      {"daemon/words/phrases.cc", "runbook_test, through TicketRunbook"},
      {"daemon/words/runbook_fields.cc", "runbook_test, through TicketRunbook"},
      {"daemon/words/runbook_tenant.cc", "runbook_test, through TicketRunbook"},
      {"daemon/words/runbook_user.cc", "runbook_test, through TicketRunbook"},
      {"detectors/audit_record.cc", "audit_log_test and credential_log_test, through both logs"},
      {"detectors/detector_audit.cc", "detector_test, through Detector::Apply"},
      {"detectors/detector_evidence.cc", "detector_context_test, through Detector::Apply"},
      {"detectors/evidence.cc", "detector_context_test, as tickets show it"},
      {"detectors/subject.cc", "explainer_test, through Explainer"},
      {"detectors/detector_prefetch.cc", "detector_test, through Detector::Prefetch"},
      {"detectors/detector_room.cc", "a part of Detector: tests/detectors/detector_limits_test.cc"},
      {"detectors/detector_time.cc", "a part of Detector: tests/oracle and tests/stories"},
  };
  return reasons;
}

// A test is named after its source, or includes its header.
bool HasTest(const SourceFile& source) {
  const std::string stem = source.path.substr(0, source.path.size() - 3);
  const std::string test_name = stem.substr(stem.find_last_of('/') + 1) + "_test.cc";
  const std::string top = "tests/" + stem.substr(0, stem.find('/') + 1);
  return std::any_of(Tree().begin(), Tree().end(), [&](const SourceFile& file) {
    if (!file.IsIn("tests/") || !file.IsCpp()) return false;
    if (file.IsIn(top) && file.FileName() == test_name) return true;
    const auto includes = file.Includes();
    return std::find(includes.begin(), includes.end(), stem + ".h") != includes.end();
  });
}

TEST(Sources, HaveTests) {
  Findings findings;
  for (const SourceFile& file : Tree()) {
    if (!file.path.ends_with(".cc")) continue;
    if (!IsInAny(file, {"parser/", "detectors/", "daemon/", "metrics/"})) continue;
    const bool excused = SourcesWithoutATest().contains(file.path);
    if (HasTest(file) == excused) {
      findings.push_back(file.path + (excused ? ": has a test, and is excused" : ": has no test"));
    }
  }
  for (const auto& [path, reason] : SourcesWithoutATest()) {
    if (TextOf(path).empty()) findings.push_back(path + ": excused, and does not exist");
  }
  EXPECT_THAT(findings, IsEmpty());
}

// The path of a source that a CMakeLists.txt names, which may begin with "../".
std::string SourcePath(const SourceFile& lists, const std::string& source) {
  std::string folder = lists.path.substr(0, lists.path.rfind('/'));
  std::string rest = source;
  while (rest.starts_with("../")) {
    rest.erase(0, 3);
    folder.erase(folder.rfind('/'));
  }
  return folder + "/" + rest;
}

// A program with threads that ThreadSanitizer does not watch has races that nobody sees.
TEST(Sources, TestsWithThreadsAreThreaded) {
  const std::map<std::string, std::string> allowed{
      {"tests/daemon/hostile_memory_test.cc", "measures memory; pipeline_test has those threads"},
      {"tests/parser/message_allocation_test.cc", "counts what is allocated, without a thread"}};
  static const std::regex program(R"(signinwatch_test\(([^)]*)\))");
  static const std::regex source(R"([\w./]+\.cc)");
  static const std::regex threads(R"(#include <(atomic|condition_variable|future|mutex|thread)>)");
  Findings findings;
  size_t threaded = 0;
  for (const SourceFile& lists : Tree()) {
    if (!lists.IsIn("tests/") || lists.FileName() != "CMakeLists.txt") continue;
    for (std::sregex_iterator at(lists.text.begin(), lists.text.end(), program), end; at != end;
         ++at) {
      const std::string words = (*at)[1];
      if (words.find("THREADED") != std::string::npos) {
        ++threaded;
        continue;
      }
      for (std::sregex_iterator named(words.begin(), words.end(), source), last; named != last;
           ++named) {
        const std::string path = SourcePath(lists, named->str());
        if (std::regex_search(TextOf(path), threads) && !allowed.contains(path)) {
          findings.push_back(path + " has threads, and its program is not THREADED");
        }
      }
    }
  }
  EXPECT_THAT(findings, IsEmpty());
  EXPECT_GT(threaded, 14u);
}

// A text that one place escapes and another forgets ends a string, a line or a page.
TEST(Sources, OnePlaceEscapesJson) {
  Findings findings;
  for (const SourceFile& file : Tree()) {
    if (!file.IsCpp() || !IsInAny(file, {"parser/", "detectors/", "metrics/", "daemon/"})) continue;
    if (file.IsIn("daemon/json/json_string.cc") || file.IsIn("parser/harmful_characters."))
      continue;
    // The call, a quote behind a backslash, the beginning of an escaped control character.
    for (const char* escape : {"AppendJsonEscape", R"("\\\"")", R"(\\u00)"}) {
      if (file.text.find(escape) != std::string::npos) {
        findings.push_back(file.path + " has " + escape + "; instead: daemon/json/json_string.h");
      }
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Sources, MainIsWiring) {
  const std::string main = TextOf("daemon/main.cc");
  EXPECT_FALSE(main.empty());
  EXPECT_LT(std::count(main.begin(), main.end(), '\n'), 40);
}

TEST(Texts, HaveNoBannedWords) {
  // Written in two parts so that this file does not find itself.
  const struct {
    std::string word;
    const char* instead;
  } bans[] = {
      {"TO"
       "DO",
       "do it, or say in CHANGELOG.md what is missing"},
      {"FIX"
       "ME",
       "mend it"},
      {"NO"
       "LINT",
       "write it so that the check is right, or turn the check off in .clang-tidy"},
      {"GTEST_"
       "SKIP",
       "a test runs or does not exist"},
      {"DIS"
       "ABLED_",
       "a test runs or does not exist"},
      {"/wo"
       "rk/",
       "a path from the repository's root"},
      {"/fa"
       "rm/",
       "a path from the repository's root"},
      {"/ho"
       "me/",
       "a path from the repository's root"},
      {"using namespace "
       "std",
       "the name in full, or a using declaration"},
      {"std::"
       "endl",
       "'\\n'"},
      {"#pragma "
       "once",
       "a guard named after the path"},
  };
  Findings findings;
  for (const SourceFile& file : Tree()) {
    for (const auto& ban : bans) {
      if (file.text.find(ban.word) != std::string::npos) {
        findings.push_back(file.path + " has '" + ban.word + "'; instead: " + ban.instead);
      }
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Texts, EndInOneNewlineAndHaveNoTrailingBlanks) {
  Findings findings;
  for (const SourceFile& file : Tree()) {
    // Data and pictures may be anything.
    if (file.IsIn("tests/data/") || file.path.ends_with(".png") || file.text.empty()) continue;
    if (file.text.back() != '\n') findings.push_back(file.path + ": no newline at the end");
    for (const char* bad : {" \n", "\t\n", "\r\n"}) {
      if (file.text.find(bad) != std::string::npos) {
        findings.push_back(file.path + ": blanks at the end of a line");
      }
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

}  // namespace sources_test
}  // namespace signinwatch::house
