// Exports in the shapes that people have them in. Each file of shapes/ comes from a public report
// of somebody's trouble with such records; people, tenants and addresses in it are invented.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/replay/replay.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace replay_shapes_test {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::ordered_json;

std::vector<Json> JsonLines(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with('{')) lines.push_back(Json::parse(line));
  }
  return lines;
}

struct Result {
  int exit_code = 0;
  std::vector<Json> tickets;
  std::vector<Json> dead_letters;
  std::string err;
  Json summary;
};

class ReplayShapesTest : public ::testing::Test {
 protected:
  Result Run(std::vector<std::string> paths) {
    replay::ReplayOptions options;
    options.paths = std::move(paths);
    options.now = *ParseEventTime("2026-09-15T00:00:00Z");
    options.dead_letters = folder_.Path("dead");
    std::FILE* const out = std::fopen(folder_.Path("out").c_str(), "w");
    std::FILE* const err = std::fopen(folder_.Path("err").c_str(), "w");
    Result result;
    result.exit_code = replay::RunReplay(config_, options, out, err);
    std::fclose(out);
    std::fclose(err);
    result.tickets = JsonLines(ReadWholeFile(folder_.Path("out")));
    result.dead_letters = JsonLines(ReadWholeFile(options.dead_letters));
    result.err = ReadWholeFile(folder_.Path("err"));
    result.summary = JsonLines(result.err).back();
    return result;
  }
  Result RunShape(const std::string& name) {
    return Run({SIGNINWATCH_SOURCE_DIR "/tests/daemon/shapes/" + name});
  }
  Result RunText(const std::string& text) { return Run({folder_.Write("file", text)}); }

  TemporaryFolder folder_;
  config::Config config_;
};

// A workspace's data export was once 12 records of no category, and nothing to worry about.
TEST_F(ReplayShapesTest, RowsOfALogAnalyticsWorkspace) {
  const Result result = RunShape("log-analytics.ndjson");
  EXPECT_EQ(result.exit_code, 0);
  ASSERT_THAT(result.tickets, SizeIs(1));
  EXPECT_EQ(result.tickets[0]["event_count"], 12);
  EXPECT_EQ(result.tickets[0]["tenant_id"], "aaaaaaaa-1111-4222-8333-444444444444");
  EXPECT_EQ(result.summary["accepted"], 12);
}

TEST_F(ReplayShapesTest, TimesWithANarrowNoBreakBlank) {
  const Result result = RunShape("time-narrow-blank.ndjson");
  ASSERT_THAT(result.tickets, SizeIs(1));
  EXPECT_EQ(result.tickets[0]["event_count"], 12);
}

// They were once irrelevant, and in nobody's sight.
TEST_F(ReplayShapesTest, SignInsOfGraphWithATimeThatCannotBeRead) {
  config_.parser.default_tenant = "aaaaaaaa-1111-4222-8333-444444444444";
  const Result result = RunShape("graph-unreadable-time.json");
  EXPECT_EQ(result.summary["rejected"].dump(), R"({"no_time":12})");
  EXPECT_THAT(result.dead_letters, SizeIs(12));
  EXPECT_EQ(result.dead_letters.at(0)["reason"], "no_time");
}

TEST_F(ReplayShapesTest, AControlCharacterInAText) {
  const Result result = RunShape("control-character.ndjson");
  ASSERT_THAT(result.tickets, SizeIs(1));
  EXPECT_EQ(result.tickets[0]["event_count"], 12);
  EXPECT_EQ(result.summary["rejected"].dump(), "{}");
  EXPECT_EQ(result.summary["invalid_utf8"], 1);
}

// Another service's pseudo-JSON in the batch: behind a break nobody can tell a record from a text.
TEST_F(ReplayShapesTest, ABrokenElement) {
  const Result result = RunShape("broken-element.ndjson");
  EXPECT_EQ(result.summary["accepted"], 6);
  // Both lines are damaged, and look like records all the same: each is a message, and the rest of
  // each one dead letter.
  EXPECT_EQ(result.summary["rejected"].dump(), R"({"damaged":2})");
  ASSERT_THAT(result.dead_letters, SizeIs(2));
  EXPECT_EQ(result.dead_letters[0]["position"], 1);
  EXPECT_EQ(result.dead_letters[1]["position"], 2);
}

TEST_F(ReplayShapesTest, TwoArraysOneBehindTheOther) {
  config_.parser.default_tenant = "aaaaaaaa-1111-4222-8333-444444444444";
  const Result result = RunShape("two-arrays.json");
  EXPECT_EQ(result.summary["rejected"].dump(), "{}");
  EXPECT_EQ(result.summary["accepted"], 24);
  ASSERT_THAT(result.tickets, SizeIs(2));  // of the user in each
  EXPECT_EQ(result.tickets[0]["event_count"], 12);
  EXPECT_EQ(result.tickets[1]["event_count"], 12);
}

// What can be read is used, and the exit code says that something is missing.
TEST_F(ReplayShapesTest, AGzipFileThatBreaksOff) {
  const std::string packed =
      Gzip(ReadWholeFile(SIGNINWATCH_SOURCE_DIR "/tests/daemon/shapes/time-narrow-blank.ndjson"));
  const Result result = RunText(packed.substr(0, packed.size() - 9));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("gzip data ends early; what came before is used"));
  EXPECT_GE(result.summary["records"], 1);
}

TEST_F(ReplayShapesTest, WhatIsNoneOfOursIsNamed) {
  const Result csv = RunText("Date (UTC),Request ID,User\n2026-09-14,a,b\n");
  EXPECT_EQ(csv.exit_code, 0);
  EXPECT_THAT(csv.err, HasSubstr("looks like CSV, of which nothing can be read: "
                                 "export the log as JSON"));
  EXPECT_THAT(csv.err, Not(HasSubstr("none of its records is of use")));  // once is enough
  EXPECT_EQ(csv.summary["rejected"].dump(), R"({"not_json":1})");
  EXPECT_THAT(RunText("PK\x03\x04 xl/workbook.xml").err, HasSubstr("looks like a spreadsheet"));
  EXPECT_THAT(RunText("{}\n").err, Not(HasSubstr("looks like")));
}

TEST_F(ReplayShapesTest, ElementsThatAreNoObjectsShareADeadLetter) {
  const Result result = RunText("[1,2,3,{},4]\n7\n");
  EXPECT_EQ(result.summary["records"], 6);
  EXPECT_EQ(result.summary["rejected"].dump(), R"({"not_object":5})");
  ASSERT_THAT(result.dead_letters, SizeIs(3));
  EXPECT_EQ(result.dead_letters[0]["detail"], "3 elements that are not objects");
  EXPECT_EQ(result.dead_letters[0]["payload_base64"], "MSwyLDM=");
  EXPECT_EQ(result.dead_letters[1]["detail"], "1 element that is not an object");
  EXPECT_EQ(result.dead_letters[2]["detail"], "a bare value");
}

std::string SignIn(int minute, const std::string& user) {
  char time[40];
  std::snprintf(time, sizeof(time), "2026-09-14T09:%02d:00Z", minute);
  return Json{{"time", time},
              {"category", "SignInLogs"},
              {"tenantId", "t"},
              {"resultType", "50132"},
              {"properties", {{"id", std::to_string(minute) + user}, {"userId", user}}}}
      .dump();
}

// A shipper's: only where it is asked for, since a log line's text may be anybody's.
TEST_F(ReplayShapesTest, RecordsThatAShipperWrapped) {
  std::string lines;
  for (int i = 0; i < 12; ++i) {
    lines += Json{{"@timestamp", "x"}, {"message", SignIn(i, "u")}}.dump() + "\n";
  }
  EXPECT_THAT(RunText(lines).tickets, SizeIs(0));
  config_.parser.unwrap = true;
  EXPECT_THAT(RunText(lines).tickets, SizeIs(1));
}

// Risk events come hours after the sign-ins and before their sign-ins' other partitions: for the
// watermark they are not there, so they make nothing late.
TEST_F(ReplayShapesTest, RiskEventsMoveNoWatermark) {
  const std::string risk =
      R"({"time":"2026-09-14T23:00:00Z","category":"UserRiskEvents","tenantId":"t",)"
      R"("properties":{"id":"r","userId":"u"}})"
      "\n";
  const std::string old_risk =
      R"({"time":"2020-01-01T00:00:00Z","category":"UserRiskEvents","tenantId":"t"})"
      "\n";
  std::string lines = risk;
  for (int i = 0; i < 12; ++i) lines += SignIn(i, "u") + "\n" + old_risk;
  const Result result = Run({folder_.Write("a", risk + old_risk), folder_.Write("b", lines)});
  EXPECT_EQ(result.summary["accepted"], 27);
  EXPECT_EQ(result.summary["late"], 0);
  ASSERT_THAT(result.tickets, SizeIs(1));
  EXPECT_EQ(result.tickets[0]["event_count"], 12);
}

// Two users with ids that begin alike for 3,000 bytes have a ticket each, of bounded texts.
TEST_F(ReplayShapesTest, LongIdsAreComparedWhole) {
  const std::string start(3000, 'a');
  std::string lines;
  for (int i = 0; i < 12; ++i) {
    lines += SignIn(i, start + "1") + "\n" + SignIn(i, start + "2") + "\n";
  }
  const Result result = RunText(lines);
  ASSERT_THAT(result.tickets, SizeIs(2));
  for (const Json& ticket : result.tickets) {
    EXPECT_EQ(ticket["event_count"], 12);
    EXPECT_EQ(ticket["user_id"], std::string(1024, 'a'));
  }
  EXPECT_NE(result.tickets[0]["ticket_id"], result.tickets[1]["ticket_id"]);
}

}  // namespace replay_shapes_test
}  // namespace signinwatch
