#include "daemon/replay/replay.h"

#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace replay_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;

constexpr std::string_view kTenant = "11111111-2222-4333-8444-555555555555";

// A sign-in at `minute` minutes past midnight of a fixed day.
std::string SignIn(int minute, const std::string& user, int code, const std::string& id) {
  char time[40];
  std::snprintf(time, sizeof(time), "2026-03-01T%02d:%02d:00Z", minute / 60, minute % 60);
  return Json{{"time", time},
              {"category", "SignInLogs"},
              {"tenantId", kTenant},
              {"properties",
               {{"id", id},
                {"createdDateTime", time},
                {"userId", user},
                {"userPrincipalName", user + "@contoso.example"},
                {"status", {{"errorCode", code}}}}}}
      .dump();
}

// `count` failures a minute apart, one a line.
std::string Burst(int minute, const std::string& user, int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += SignIn(minute + i, user, 50132, user + "-" + std::to_string(minute + i)) + "\n";
  }
  return lines;
}

struct Result {
  int exit_code = 0;
  std::string out;
  std::string err;

  [[nodiscard]] std::vector<std::string> OutLines() const { return Lines(out); }
  [[nodiscard]] Json Summary() const { return Json::parse(Lines(err).back()); }
  [[nodiscard]] std::vector<Json> Tickets() const {
    std::vector<Json> tickets;
    for (const std::string& line : OutLines()) tickets.push_back(Json::parse(line));
    return tickets;
  }
  static std::vector<std::string> Lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
};

class ReplayTest : public ::testing::Test {
 protected:
  Result Run(std::vector<std::string> paths, const std::string& out_path = "") {
    options_.paths = std::move(paths);
    options_.now = *ParseEventTime("2026-03-02T00:00:00Z");
    const std::string out = out_path.empty() ? folder_.Path("out") : out_path;
    const std::string err = folder_.Path("err");
    Result result;
    std::FILE* const out_file = std::fopen(out.c_str(), "w");
    std::FILE* const err_file = std::fopen(err.c_str(), "w");
    result.exit_code = replay::RunReplay(config_, options_, out_file, err_file);
    std::fclose(out_file);
    std::fclose(err_file);
    if (out_path.empty()) result.out = ReadWholeFile(out);
    result.err = ReadWholeFile(err);
    return result;
  }

  TemporaryFolder folder_;
  config::Config config_;
  replay::ReplayOptions options_;
};

TEST_F(ReplayTest, PrintsTheFinalTicketsSorted) {
  const std::string path = folder_.Write("a.jsonl", Burst(60, "zoe", 12) + Burst(61, "adam", 11) +
                                                        Burst(60, "bob", 10) + Burst(70, "eve", 9));
  const Result result = Run({path});
  EXPECT_EQ(result.exit_code, 0);
  const std::vector<Json> tickets = result.Tickets();
  ASSERT_THAT(tickets, SizeIs(3));
  EXPECT_EQ(tickets[0]["user_id"], "bob");
  EXPECT_EQ(tickets[1]["user_id"], "zoe");
  EXPECT_EQ(tickets[2]["user_id"], "adam");
  for (const Json& ticket : tickets) EXPECT_EQ(ticket["state"], "resolved");
  EXPECT_EQ(tickets[1]["event_count"], 12);
}

TEST_F(ReplayTest, EndsWithTheSummaryOfTheContract) {
  const std::string text = Burst(60, "zoe", 12);
  const Result result = Run({folder_.Write("a.jsonl", text)});
  Json summary = result.Summary();
  EXPECT_GE(summary["seconds"].get<double>(), 0.0);
  summary.erase("seconds");
  EXPECT_EQ(summary.dump(), R"({"records":12,"accepted":12,"irrelevant":0,"rejected":{},)"
                            R"("duplicates":0,"late":0,"late_dropped":0,"bursts":1,"tickets":1,)"
                            R"("bytes":)" +
                                std::to_string(text.size()) + "}");
}

TEST_F(ReplayTest, PrintsEveryRevisionWhenAsked) {
  options_.events = true;
  const Result result = Run({folder_.Write("a.jsonl", Burst(60, "zoe", 12))});
  const std::vector<Json> revisions = result.Tickets();
  ASSERT_GE(revisions.size(), 2U);
  EXPECT_EQ(revisions.front()["reason"], "opened");
  EXPECT_EQ(revisions.back()["reason"], "resolved");
  for (size_t i = 0; i < revisions.size(); ++i) EXPECT_EQ(revisions[i]["revision"], i + 1);
  EXPECT_EQ(result.Summary()["tickets"], 1);
  EXPECT_EQ(result.Summary()["bursts"], 1);
}

TEST_F(ReplayTest, AccountsForEveryRecord) {
  const std::string good = SignIn(60, "zoe", 0, "1");
  const std::string no_tenant =
      R"({"category":"SignInLogs","time":"2026-03-01T00:00:00Z","resultType":"0"})";
  const std::string cut = R"({"records":[)" + good + ",{\"x\":";
  const std::string text = good + "\n" + R"({"category":"RiskyUsers"})" + "\n" +
                           R"({"category":"riskyusers"})" + "\n" + "17\n" + no_tenant + "\n" + cut +
                           "\nrubbish\n";
  options_.dead_letters = folder_.Path("dead");
  const std::string first = folder_.Write("empty", "");
  const std::string second = folder_.Write("b.jsonl", text);
  const Result result = Run({first, second});
  EXPECT_EQ(result.exit_code, 0);
  const Json summary = result.Summary();
  EXPECT_EQ(summary["records"], 8);
  EXPECT_EQ(summary["accepted"], 2);
  EXPECT_EQ(summary["irrelevant"], 2);
  EXPECT_EQ(summary["rejected"].dump(),
            R"({"not_json":1,"damaged":1,"not_object":1,"no_tenant":1})");
  EXPECT_EQ(summary["irrelevant_by_category"].dump(), R"({"RiskyUsers":2})");

  std::vector<std::string> letters;
  for (const std::string& line : Result::Lines(ReadWholeFile(options_.dead_letters))) {
    const Json letter = Json::parse(line);
    EXPECT_EQ(letter["source"], second);
    EXPECT_EQ(letter["partition"], 1);
    EXPECT_THAT(letter["detail"].get<std::string>(), Not(IsEmpty()));
    letters.push_back(letter["reason"].get<std::string>() + " " + letter["position"].dump() + " " +
                      letter["payload_base64"].get<std::string>());
  }
  ASSERT_THAT(letters, SizeIs(4));
  EXPECT_EQ(letters[0], "not_object 4 MTc=");
  EXPECT_THAT(letters[1], StartsWith("no_tenant 5 eyJjYXRlZ29yeSI6"));
  EXPECT_EQ(letters[2], "damaged 6 eyJ4Ijo=");
  EXPECT_EQ(letters[3], "not_json 7 cnViYmlzaA==");
}

TEST_F(ReplayTest, KeepsTheBeginningOfWhatIsTooLarge) {
  config_.parser.message_bytes_max = 1000;
  options_.dead_letters = folder_.Path("dead");
  const Result result =
      Run({folder_.Write("a.jsonl", "{}\n" + std::string(200'000, 'x') + "\n{}\n")});
  EXPECT_EQ(result.Summary()["rejected"].dump(), R"({"too_large":1})");
  const Json letter = Json::parse(ReadWholeFile(options_.dead_letters));
  EXPECT_EQ(letter["position"], 2);
  EXPECT_EQ(letter["payload_base64"].get<std::string>().size(), (65536 + 2) / 3 * 4);
}

TEST_F(ReplayTest, CountsTheMissingRestOfGzipOnce) {
  struct Case {
    const char* what;
    std::string packed;
    uint64_t accepted;
    std::string payload;
  };
  const std::string text = Burst(60, "zoe", 3);
  const std::string packed = Gzip(text);
  const std::string cut_line = Gzip(text + R"({"records":[{"a)");
  const Case cases[] = {
      {"between lines", packed.substr(0, packed.size() - 8), 3, ""},
      {"within a line", cut_line.substr(0, cut_line.size() - 8), 3, "eyJh"},
      {"before anything", packed.substr(0, 5), 0, ""},
  };
  for (const Case& c : cases) {
    options_.dead_letters = folder_.Path("dead");
    const Result result = Run({folder_.Write("a.gz", c.packed)});
    EXPECT_EQ(result.exit_code, 1) << c.what;
    EXPECT_EQ(result.Summary()["accepted"], c.accepted) << c.what;
    EXPECT_EQ(result.Summary()["rejected"].dump(), R"({"damaged":1})") << c.what;
    EXPECT_EQ(result.Summary()["bytes"], c.packed.size()) << c.what;
    EXPECT_THAT(result.err, HasSubstr("a.gz: gzip data ends early")) << c.what;
    const Json letter = Json::parse(ReadWholeFile(options_.dead_letters));
    EXPECT_EQ(letter["payload_base64"], c.payload) << c.what;
  }
}

// The file that is furthest behind is read next, so what is in order within each file is never
// late, however far the files are apart.
TEST_F(ReplayTest, ReadsManyFilesInStepByEventTime) {
  config_.detection.time.allowed_lateness = std::chrono::minutes(1);
  std::string whole;
  std::vector<std::string> parts(7);
  for (int minute = 0; minute < 600; ++minute) {
    const std::string line = SignIn(minute, "u" + std::to_string(minute / 40),
                                    minute % 3 == 0 ? 50132 : 50173, std::to_string(minute));
    whole += line + "\n";
    parts[static_cast<size_t>(minute * minute % 7)] += line + "\n";
  }
  std::vector<std::string> paths;
  for (size_t i = 0; i < parts.size(); ++i) {
    paths.push_back(folder_.Write("part" + std::to_string(i), parts[i]));
  }
  const Result expected = Run({folder_.Write("whole", whole)});
  EXPECT_THAT(expected.OutLines(), SizeIs(15));
  const Result result = Run(paths);
  EXPECT_EQ(result.Summary()["late"], 0);
  EXPECT_EQ(result.Summary()["accepted"], 600);
  const std::vector<Json> a = expected.Tickets(), b = result.Tickets();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    for (const char* key : {"user_id", "event_count", "first_event_time", "last_event_time"}) {
      EXPECT_EQ(a[i][key], b[i][key]);
    }
  }
}

TEST_F(ReplayTest, GivesTheSameForAnyNumberOfThreads) {
  std::vector<std::string> paths;
  for (int file = 0; file < 5; ++file) {
    std::string text;
    for (int minute = 0; minute < 1000; ++minute) {
      const std::string user = "u" + std::to_string((minute * 31 + file) % 17);
      text += SignIn((minute + file * 11) % 1400, user, minute % 4 == 0 ? 0 : 50132,
                     std::to_string(file * 900 + minute)) +
              (minute % 100 == 99 ? "\nrubbish\n" : "\n");
    }
    paths.push_back(folder_.Write("part" + std::to_string(file), file == 3 ? Gzip(text) : text));
  }
  options_.dead_letters = folder_.Path("dead");
  for (const bool events : {false, true}) {
    options_.events = events;
    options_.parse_threads = 1;
    const Result expected = Run(paths);
    const std::string expected_dead = ReadWholeFile(options_.dead_letters);
    EXPECT_THAT(expected.OutLines(), Not(IsEmpty()));
    for (const int threads : {2, 3, 16, 0}) {
      options_.parse_threads = threads;
      const Result result = Run(paths);
      EXPECT_EQ(result.out, expected.out) << threads;
      EXPECT_EQ(ReadWholeFile(options_.dead_letters), expected_dead) << threads;
      Json a = result.Summary(), b = expected.Summary();
      a.erase("seconds");
      b.erase("seconds");
      EXPECT_EQ(a, b) << threads;
    }
  }
}

TEST_F(ReplayTest, RefusesPathsThatCannotBeOpened) {
  const std::string good = folder_.Write("a.jsonl", Burst(60, "zoe", 12));
  const Result result = Run({folder_.Path("none"), good, folder_.Path(".")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(Result::Lines(result.err),
              ElementsAre("signinwatch: " + folder_.Path("none") + ": No such file or directory",
                          "signinwatch: " + folder_.Path(".") + ": Is a directory"));
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_EQ(Run({"-", good, "-"}).exit_code, 2);
  options_.dead_letters = good;
  EXPECT_EQ(Run({good}).exit_code, 2);
  EXPECT_THAT(ReadWholeFile(good), Not(IsEmpty()));
  options_.dead_letters = folder_.Path("none/dead");
  EXPECT_EQ(Run({good}).exit_code, 2);
}

TEST_F(ReplayTest, SaysWhenWhatItWritesIsLost) {
  const std::string path = folder_.Write("a.jsonl", Burst(60, "zoe", 12) + "rubbish\n");
  for (const bool events : {false, true}) {
    options_.events = events;
    const Result result = Run({path}, "/dev/full");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("standard output: No space left on device"));
    EXPECT_EQ(result.Summary()["tickets"], 1);
  }
  options_.events = false;
  options_.dead_letters = "/dev/full";
  const Result result = Run({path});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("/dev/full: No space left on device"));
  EXPECT_EQ(result.Tickets().size(), 1U);
}

TEST_F(ReplayTest, WritesATableForPeople) {
  options_.format = replay::ReplayOptions::Format::kText;
  ::setenv("COLUMNS", "90", 1);
  const Result result = Run({folder_.Write(
      "a.jsonl", Burst(60, "\x1b]0;x\x07zo\xc3\xab", 12) + Burst(90, std::string(200, 'w'), 12))});
  ::unsetenv("COLUMNS");
  const std::vector<std::string> lines = result.OutLines();
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_THAT(lines[0], StartsWith("WHEN (UTC)        SEVERITY  WHO"));
  EXPECT_THAT(lines[1], StartsWith("2026-03-01 01:00  high      \xef\xbf\xbd]0;x\xef\xbf\xbdzo"));
  EXPECT_THAT(lines[1], HasSubstr("12 failures"));
  EXPECT_THAT(lines[1], HasSubstr("unexplained"));
  EXPECT_THAT(lines[2], StartsWith("                  -> "));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Result::Lines(result.err).front(),
              StartsWith("2 tickets of 2 bursts. 24 records in 1 file: 24 accepted"));
  EXPECT_EQ(result.Summary()["tickets"], 2);
}

// Nothing in it is of use, and the exit code is 0: it has to be said.
TEST_F(ReplayTest, AFileOfWhichNothingIsOfUseIsNamedAsWhatItLooksLike) {
  const std::string wrapped = folder_.Write(
      "wrapped.jsonl",
      Json{{"@timestamp", "2026-03-01T09:00:00Z"}, {"message", SignIn(1, "ada", 50132, "1")}}
              .dump() +
          "\n");
  const std::string activity = folder_.Write(
      "activity.json",
      R"({"records":[{"time":"2026-03-01T09:00:00Z","resourceId":"/SUBSCRIPTIONS/1/X",)"
      R"("operationName":"WRITE","category":"Administrative"}]})");
  const std::string good = folder_.Write("good.jsonl", Burst(0, "ada", 12));
  const Result result = Run({wrapped, activity, good});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr(wrapped + ": none of its records is of use (1 were read); they "
                                              "look like records wrapped by a shipper: set "
                                              "input.unwrap: true\n"));
  EXPECT_THAT(result.err, HasSubstr(activity + ": none of its records is of use"));
  EXPECT_THAT(result.err, HasSubstr("the Azure activity log"));
  EXPECT_THAT(result.err, Not(HasSubstr(good)));
  EXPECT_EQ(result.Summary()["records"], 14);  // it stays the last line
}

}  // namespace replay_test
}  // namespace signinwatch
