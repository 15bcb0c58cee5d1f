// Recordings that an analyst can read, each with what must come of it.
//
// recordings/NAME.jsonl holds the records in the order of arrival, one a line, with few fields.
// recordings/NAME.expected.json, worked out by hand from the contract, holds
//   "story"    what happened, and why the ticket says what it says;
//   "tickets"  all final tickets in replay's order, each with the fields that the story is about:
//              of objects the members given are compared, all else must be equal. "$ticket:N"
//              stands for the id of ticket N, "$set:a,b" for a list of these in any order,
//              "$says:a|b|!c" for something in which a and b occur and c does not;
//   "summary"  counts, if the story is about them; `merged` is the number of merged tickets.
// recordings/NAME.config.yaml, if there is one, is the configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/words/ticket_json.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"
#include "parser/message_parser.h"
#include "parser/signal.h"
#include "tests/stories/detection_run.h"

namespace signinwatch {
namespace stories_test {

using Json = nlohmann::json;
namespace fs = std::filesystem;

const EventTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1);

fs::path RecordingsPath() { return fs::path(SIGNINWATCH_SOURCE_DIR) / "tests/stories/recordings"; }

std::vector<std::string> StoryNames() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(RecordingsPath())) {
    if (entry.path().extension() == ".jsonl") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path PathOf(const std::string& name, const std::string& suffix) {
  return RecordingsPath() / (name + suffix);
}

Json ReadJson(const fs::path& path) {
  std::ifstream in(path);
  return Json::parse(in);
}

config::Config ConfigOf(const std::string& name) {
  const fs::path path = PathOf(name, ".config.yaml");
  if (!fs::exists(path)) return {};
  const config::ConfigResult result = config::LoadConfigFile(path);
  for (const std::string& error : result.errors) ADD_FAILURE() << error;
  return result.config.value_or(config::Config{});
}

// What differs, one line each, by path; nothing when `actual` has all that is expected.
class Comparison {
 public:
  explicit Comparison(const std::vector<Json>& tickets) : tickets_(tickets) {}

  void Compare(const std::string& path, const Json& expected, const Json& actual) {
    if (expected.is_string() && expected.get<std::string>().starts_with("$set:")) {
      CompareSet(path, expected.get<std::string>().substr(5), actual);
    } else if (expected.is_string() && expected.get<std::string>().starts_with("$says:")) {
      CompareWords(path, expected.get<std::string>().substr(6), actual);
    } else if (expected.is_object() && actual.is_object()) {
      for (const auto& [key, value] : expected.items())
        Compare(path + "." + key, value, actual.value(key, Json("(absent)")));
    } else if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
      for (size_t i = 0; i < expected.size(); ++i)
        Compare(path + "[" + std::to_string(i) + "]", expected[i], actual[i]);
    } else if (Resolved(expected) != actual) {
      differences_ +=
          path + ": expected " + Resolved(expected).dump() + ", got " + actual.dump() + "\n";
    }
  }

  [[nodiscard]] const std::string& differences() const { return differences_; }

 private:
  [[nodiscard]] Json Resolved(const Json& expected) const {
    static const std::string kTicket = "$ticket:";
    if (!expected.is_string() || !expected.get<std::string>().starts_with(kTicket)) return expected;
    const size_t index = std::stoul(expected.get<std::string>().substr(kTicket.size()));
    return index < tickets_.size() ? tickets_[index].at("ticket_id") : Json("(no such ticket)");
  }

  void CompareSet(const std::string& path, const std::string& list, const Json& actual) {
    std::set<std::string> expected;
    std::istringstream items(list);
    for (std::string item; std::getline(items, item, ',');) expected.insert(item);
    if (!actual.is_array() || actual.size() != expected.size() ||
        actual.get<std::set<std::string>>() != expected) {
      differences_ += path + ": expected the set " + list + ", got " + actual.dump() + "\n";
    }
  }

  void CompareWords(const std::string& path, const std::string& list, const Json& actual) {
    std::istringstream items(list);
    for (std::string item; std::getline(items, item, '|');) {
      const bool wanted = !item.starts_with("!");
      const std::string word = wanted ? item : item.substr(1);
      if ((actual.dump().find(word) != std::string::npos) == wanted) continue;
      differences_ +=
          path + (wanted ? " does not say " : " says ") + word + ": " + actual.dump() + "\n";
    }
  }

  const std::vector<Json>& tickets_;
  std::string differences_;
};

std::vector<std::string> RecordsOf(const std::string& name) {
  std::vector<std::string> records;
  std::ifstream in(PathOf(name, ".jsonl"));
  for (std::string line; std::getline(in, line);) records.push_back(line);
  return records;
}

// Stories of less than half an hour, the default allowed_lateness: their records may come in any
// order, and none is late.
std::vector<std::string> ShortStoryNames() {
  std::vector<std::string> names;
  MessageParser parser{ParserOptions{}};
  ParsedMessage parsed;
  for (const std::string& name : StoryNames()) {
    EventTime first = kEndOfTime, last = kBeginningOfTime;
    for (const std::string& record : RecordsOf(name)) {
      parser.Parse(record, kNow, &parsed);
      for (const Signal& signal : parsed.signals) {
        first = std::min(first, signal.event_time);
        last = std::max(last, signal.event_time);
      }
    }
    const bool default_lateness =
        ConfigOf(name).detection.time.allowed_lateness == DetectionConfig{}.time.allowed_lateness;
    if (default_lateness && last - first < std::chrono::minutes(30)) names.push_back(name);
  }
  return names;
}

Json SummaryOf(const DetectionRun& run) {
  std::map<std::string, TicketState> states;
  for (const Ticket& ticket : run.revisions()) states[ticket.ticket_id] = ticket.state;
  const auto merged = std::count_if(states.begin(), states.end(), [](const auto& ticket) {
    return ticket.second == TicketState::kMerged;
  });
  const RunCounts& counts = run.counts();
  return {{"records", counts.records},           {"accepted", counts.accepted},
          {"irrelevant", counts.irrelevant},     {"rejected", counts.rejected},
          {"duplicates", counts.duplicates},     {"late", counts.late},
          {"late_dropped", counts.late_dropped}, {"merged", merged}};
}

// The tickets of `records`, arriving in this order, against what the story tells of them.
class Telling {
 public:
  Telling(const std::string& name, const std::vector<std::string>& records)
      : told_(ReadJson(PathOf(name, ".expected.json"))),
        config_(ConfigOf(name)),
        run_(config_.detection, config_.parser, kNow) {
    for (const std::string& record : records) run_.Read(0, record);
    run_.EndPartition(0);
    run_.Finish();
  }

  [[nodiscard]] std::string TicketDifferences() const {
    std::vector<Json> tickets;
    for (const Ticket& ticket : run_.FinalTickets())
      tickets.push_back(Json::parse(words::TicketToJson(ticket)));
    Comparison comparison(tickets);
    comparison.Compare("tickets", told_.at("tickets"), tickets);
    return comparison.differences();
  }

  [[nodiscard]] std::string SummaryDifferences() const {
    const std::vector<Json> no_tickets;
    Comparison comparison(no_tickets);
    comparison.Compare("summary", told_.value("summary", Json::object()), SummaryOf(run_));
    return comparison.differences();
  }

  [[nodiscard]] std::string story() const { return told_.at("story"); }
  [[nodiscard]] const RunCounts& counts() const { return run_.counts(); }

 private:
  Json told_;
  config::Config config_;
  DetectionRun run_;
};

class StoryTest : public testing::TestWithParam<std::string> {};

TEST_P(StoryTest, EndsAsTold) {
  const Telling telling(GetParam(), RecordsOf(GetParam()));
  EXPECT_EQ(telling.TicketDifferences(), "") << telling.story();
  EXPECT_EQ(telling.SummaryDifferences(), "") << telling.story();
  EXPECT_EQ(telling.counts().rejected, 0U);
}

INSTANTIATE_TEST_SUITE_P(Stories, StoryTest, testing::ValuesIn(StoryNames()),
                         [](const auto& story) { return story.param; });

// SPEC 4: the final tickets are a function of the set of records.
class ShortStoryTest : public testing::TestWithParam<std::string> {};

TEST_P(ShortStoryTest, EndsTheSameWhenToldBackwards) {
  std::vector<std::string> records = RecordsOf(GetParam());
  std::reverse(records.begin(), records.end());
  const Telling telling(GetParam(), records);
  EXPECT_EQ(telling.TicketDifferences(), "") << telling.story();
  EXPECT_EQ(telling.counts().late, 0U);
}

TEST_P(ShortStoryTest, EndsTheSameWhenRecordsComeThrice) {
  std::vector<std::string> records;
  for (const std::string& record : RecordsOf(GetParam())) {
    // Without an id nothing is known to be a copy.
    const int times = record.find(R"("id":"","createdDateTime")") == std::string::npos ? 3 : 1;
    records.insert(records.end(), static_cast<size_t>(times), record);
  }
  EXPECT_EQ(Telling(GetParam(), records).TicketDifferences(), "");
}

INSTANTIATE_TEST_SUITE_P(Stories, ShortStoryTest, testing::ValuesIn(ShortStoryNames()),
                         [](const auto& story) { return story.param; });

TEST(StoriesTest, EveryRecordingHasItsStoryAndNothingLiesAbout) {
  const std::vector<std::string> names = StoryNames();
  EXPECT_GE(names.size(), 35U);
  size_t files = 0;
  for (const std::string& name : names) {
    ASSERT_TRUE(fs::exists(PathOf(name, ".expected.json"))) << name;
    EXPECT_GT(ReadJson(PathOf(name, ".expected.json")).at("story").get<std::string>().size(), 40U);
    files += fs::exists(PathOf(name, ".config.yaml")) ? 3 : 2;
  }
  const fs::directory_iterator all(RecordingsPath());
  EXPECT_EQ(static_cast<size_t>(std::distance(begin(all), end(all))), files);
}

}  // namespace stories_test
}  // namespace signinwatch
