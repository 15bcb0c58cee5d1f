#include "daemon/log/logger.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <latch>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::log {
namespace logger_test {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// 2026-11-26T05:41:00.007Z
constexpr LogTime kNow{milliseconds{1795671660007}};

std::string Line(config::LogFormat format, std::string_view message, std::vector<LogField> fields,
                 uint64_t suppressed = 0) {
  return FormatLogLine(format, kNow, config::LogLevel::kWarning, message, fields, suppressed);
}

// The value of one field, as logfmt and as JSON write it.
std::string Logfmt(std::string_view value) {
  const std::string line = Line(config::LogFormat::kLogfmt, "m", {{"k", value}});
  const size_t begin = line.find(" k=") + 3;
  return line.substr(begin, line.size() - begin - 1);
}
std::string Json(std::string_view value) {
  const std::string line = Line(config::LogFormat::kJson, "m", {{"k", value}});
  const size_t begin = line.find("\"k\":") + 4;
  return line.substr(begin, line.size() - begin - 2);
}

TEST(FormatLogLine, IsLogfmt) {
  EXPECT_EQ(
      Line(config::LogFormat::kLogfmt, "delivery failed", {{"sink", "soc"}, {"attempt", 3}}, 12),
      "time=2026-11-26T05:41:00.007Z level=warning msg=\"delivery failed\" sink=soc attempt=3 "
      "suppressed=12\n");
  EXPECT_EQ(Line(config::LogFormat::kLogfmt, "started", {}),
            "time=2026-11-26T05:41:00.007Z level=warning msg=started\n");
}

TEST(FormatLogLine, IsJson) {
  EXPECT_EQ(
      Line(config::LogFormat::kJson, "delivery failed", {{"sink", "soc"}, {"attempt", 3}}, 12),
      R"({"time":"2026-11-26T05:41:00.007Z","level":"warning","msg":"delivery failed",)"
      R"("sink":"soc","attempt":3,"suppressed":12})"
      "\n");
}

TEST(FormatLogLine, QuotesAndEscapes) {
  const struct {
    const char* what;
    std::string_view value;
    const char* logfmt;
    const char* json;
  } cases[] = {
      {"a word", "soc-1/x:9", "soc-1/x:9", R"("soc-1/x:9")"},
      {"nothing", "", R"("")", R"("")"},
      {"a blank", "a b", R"("a b")", R"("a b")"},
      {"an equals sign", "a=b", R"("a=b")", R"("a=b")"},
      {"a quote", R"(a"b)", R"("a\"b")", R"("a\"b")"},
      {"a backslash", R"(a\b)", R"("a\\b")", R"("a\\b")"},
      {"lines", "a\nb\r\tc", R"("a\nb\r\tc")", R"("a\nb\r\tc")"},
      {"zero", std::string_view("a\0b", 3), R"("a\u0000b")", R"("a\u0000b")"},
      {"a terminal's escape", "\x1b[31m\x7f", R"("\u001b[31m\u007f")", R"("\u001b[31m\u007f")"},
      {"an eight-bit control",
       "a\xc2\x9b"
       "b",
       R"("a\u009bb")", R"("a\u009bb")"},
      {"a line separator", "a\xe2\x80\xa8z", R"("a\u2028z")", R"("a\u2028z")"},
      {"right to left", "\xe2\x80\xae", R"("\u202e")", R"("\u202e")"},
      {"an isolate", "\xe2\x81\xa6", R"("\u2066")", R"("\u2066")"},
      {"letters", "J\xc3\xbcrgen", "\"J\xc3\xbcrgen\"", "\"J\xc3\xbcrgen\""},
      {"beyond the basic plane", "\xf0\x9f\x94\xa5", "\"\xf0\x9f\x94\xa5\"",
       "\"\xf0\x9f\x94\xa5\""},
      {"invalid UTF-8", "a\xff\xe2\x82z", R"("a\ufffd\ufffdz")", R"("a\ufffd\ufffdz")"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Logfmt(c.value), c.logfmt) << c.what;
    EXPECT_EQ(Json(c.value), c.json) << c.what;
  }
}

TEST(FormatLogLine, IsReadBackByAnotherReaderOfJson) {
  std::string every;
  for (int c = 0; c < 128; ++c) every.push_back(static_cast<char>(c));
  const auto json = nlohmann::json::parse(Line(config::LogFormat::kJson, "m", {{"k", every}}));
  EXPECT_EQ(json["k"], every);
}

TEST(FormatLogLine, CutsLongValues) {
  EXPECT_EQ(Logfmt(std::string(1'000, 'x')), std::string(1'000, 'x'));
  EXPECT_EQ(Logfmt(std::string(1'001, 'x')), std::string(997, 'x') + "...");
  // Whole characters: 498 of two bytes are 996.
  std::string text;
  for (int i = 0; i < 600; ++i) text += "\xc3\xbc";
  EXPECT_EQ(Logfmt(text), '"' + text.substr(0, 996) + "...\"");
  EXPECT_THAT(Line(config::LogFormat::kLogfmt, std::string(5'000, 'm'), {}),
              SizeIs(testing::Lt(1'100)));
}

TEST(FormatLogLine, WritesNumbersShortAndWhole) {
  const std::vector<LogField> fields{{"half", 0.5},
                                     {"tiny", 1e-9},
                                     {"least", std::numeric_limits<int64_t>::min()},
                                     {"most", std::numeric_limits<uint64_t>::max()},
                                     {"yes", true},
                                     {"nan", std::numeric_limits<double>::quiet_NaN()},
                                     {"inf", std::numeric_limits<double>::infinity()}};
  EXPECT_THAT(Line(config::LogFormat::kLogfmt, "m", fields),
              HasSubstr(" half=0.5 tiny=1e-09 least=-9223372036854775808 "
                        "most=18446744073709551615 yes=true nan=nan inf=inf\n"));
  // JSON knows neither "nan" nor "inf".
  EXPECT_THAT(Line(config::LogFormat::kJson, "m", fields),
              HasSubstr(R"("half":0.5,"tiny":1e-09,"least":-9223372036854775808,)"
                        R"("most":18446744073709551615,"yes":true,"nan":"nan","inf":"inf"})"));
}

TEST(LogField, TakesTextOfEveryKind) {
  const std::string text = "text";
  EXPECT_EQ(LogField("k", text).text(), "text");
  EXPECT_EQ(LogField("k", std::string_view(text)).text(), "text");
  EXPECT_EQ(LogField("k", absl::string_view(text)).text(), "text");
  EXPECT_EQ(LogField("k", text.c_str()).text(), "text");
  EXPECT_EQ(LogField("k", "text").text(), "text");
  // Text that looks like a number stays text.
  EXPECT_FALSE(LogField("k", "5").bare());
}

class LoggerTest : public testing::Test {
 protected:
  LoggerTest() : fd_(::open(path_.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600)) {}
  ~LoggerTest() override { ::close(fd_); }

  // What was written since the last call.
  std::vector<std::string> Lines() {
    std::istringstream text(ReadWholeFile(path_).substr(read_));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line); lines.push_back(line)) {
      read_ += line.size() + 1;
    }
    return lines;
  }
  void Repeat(Logger& logger, int times, std::string_view message = "m") const {
    for (int i = 0; i < times; ++i) logger.Log(config::LogLevel::kInfo, message, {});
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("log");
  const int fd_;
  size_t read_ = 0;
  LogTime now_ = kNow;
  const Logger::Clock clock_ = [this] { return now_; };
};

TEST_F(LoggerTest, WritesWhatTheLevelLetsThrough) {
  Logger logger({.level = config::LogLevel::kWarning}, fd_, clock_);
  for (const config::LogLevel level : {config::LogLevel::kDebug, config::LogLevel::kInfo,
                                       config::LogLevel::kWarning, config::LogLevel::kError}) {
    logger.Log(level, "m", {});
  }
  EXPECT_THAT(Lines(), ElementsAre("time=2026-11-26T05:41:00.007Z level=warning msg=m",
                                   "time=2026-11-26T05:41:00.007Z level=error msg=m"));
  EXPECT_THAT(logger.counts().written, ElementsAre(0, 0, 1, 1));

  logger.Configure({.format = config::LogFormat::kJson, .level = config::LogLevel::kDebug}, fd_);
  logger.Log(config::LogLevel::kDebug, "m", {});
  EXPECT_THAT(Lines(),
              ElementsAre(R"({"time":"2026-11-26T05:41:00.007Z","level":"debug","msg":"m"})"));
}

TEST_F(LoggerTest, SuppressesRepeatsAndSaysHowMany) {
  Logger logger({}, fd_, clock_);
  Repeat(logger, kLogRepeatsPerMinute + 12);
  EXPECT_THAT(Lines(), SizeIs(kLogRepeatsPerMinute));
  // Another message is not held back by the first.
  Repeat(logger, 1, "other");
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("msg=other")));

  now_ = kNow + minutes(1) - milliseconds(1);
  Repeat(logger, 1);
  EXPECT_THAT(Lines(), SizeIs(0));
  EXPECT_EQ(logger.counts().suppressed, 13);

  now_ = kNow + minutes(1);
  Repeat(logger, 2);
  EXPECT_THAT(Lines(), ElementsAre("time=2026-11-26T05:42:00.007Z level=info msg=m suppressed=13",
                                   "time=2026-11-26T05:42:00.007Z level=info msg=m"));
  EXPECT_EQ(logger.counts().suppressed, 13);
  EXPECT_EQ(logger.counts().written[1], kLogRepeatsPerMinute + 3);
}

TEST_F(LoggerTest, CountsRepeatsByMessageWhateverTheFields) {
  Logger logger({}, fd_, clock_);
  for (int i = 0; i < 20; ++i) {
    logger.Log(config::LogLevel::kInfo, "m", std::vector<LogField>{{"attempt", i}});
  }
  EXPECT_THAT(Lines(), SizeIs(kLogRepeatsPerMinute));
}

TEST_F(LoggerTest, GoesOnWhenTheClockIsSetBack) {
  Logger logger({}, fd_, clock_);
  Repeat(logger, kLogRepeatsPerMinute + 1);
  now_ -= std::chrono::hours(1);
  Lines();
  Repeat(logger, 1);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("suppressed=1")));
}

TEST_F(LoggerTest, BoundsTheMessagesThatItRemembers) {
  Logger logger({}, fd_, clock_);
  for (size_t i = 0; i < kLogMessagesMax + 1'000; ++i) {
    logger.Log(config::LogLevel::kInfo, "message " + std::to_string(i), {});
  }
  // Those beyond the bound share one count.
  EXPECT_THAT(Lines(), SizeIs(kLogMessagesMax + kLogRepeatsPerMinute));
}

TEST_F(LoggerTest, CountsWhatCanNotBeWritten) {
  Logger logger({}, -1, clock_);
  Repeat(logger, 3);
  EXPECT_EQ(logger.counts().failed, 3);
  EXPECT_EQ(logger.counts().written[1], 0);
}

// A reader at the other end of a pipe sees one line a read: each was one write.
TEST_F(LoggerTest, WritesALineAtOnce) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_DIRECT), 0);  // packets: a read takes what one write wrote
  Logger logger({}, ends[1], clock_);
  logger.Log(config::LogLevel::kInfo, "m", std::vector<LogField>{{"text", "a b"}, {"number", 7}});
  logger.Log(config::LogLevel::kInfo, "n", {});
  char buffer[4096];
  const ssize_t size = ::read(ends[0], buffer, sizeof(buffer));
  EXPECT_EQ(std::string(buffer, static_cast<size_t>(size)),
            "time=2026-11-26T05:41:00.007Z level=info msg=m text=\"a b\" number=7\n");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(LoggerTest, KeepsLinesAndCountsOfManyThreadsWhole) {
  constexpr int kThreads = 8;
  constexpr int kRepeats = 50'000;
  Logger logger({}, fd_, clock_);
  const std::string filling(900, 'x');
  std::latch start(kThreads);  // all at once: each is done soon
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&logger, &filling, &start, t] {
      start.arrive_and_wait();
      const std::vector<LogField> fields{{"filling", filling}};
      for (int i = 0; i < 100; ++i) {
        logger.Log(config::LogLevel::kInfo, std::to_string(t) + "/" + std::to_string(i), fields);
      }
      for (int i = 0; i < kRepeats; ++i) logger.Log(config::LogLevel::kWarning, "repeated", fields);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(logger.counts().written, ElementsAre(0, kThreads * 100, kLogRepeatsPerMinute, 0));
  EXPECT_EQ(logger.counts().suppressed, kThreads * kRepeats - kLogRepeatsPerMinute);
  const std::vector<std::string> lines = Lines();
  EXPECT_THAT(lines, SizeIs(kThreads * 100 + kLogRepeatsPerMinute));
  const std::string end = " filling=" + filling;
  for (const std::string& line : lines) {
    EXPECT_TRUE(line.starts_with("time=2026-11-26T05:41:00.007Z level=")) << line;
    EXPECT_TRUE(line.ends_with(end)) << line;
    EXPECT_LT(line.size(), end.size() + 60) << line;
  }
}

}  // namespace logger_test
}  // namespace signinwatch::log
