#include "daemon/http/page/failure_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <string>
#include <vector>

namespace signinwatch::http {
namespace failure_chart_test {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

EventTime At(const char* text) { return *ParseEventTime(text); }

size_t Occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(FailureChart, SaysSoWhenThereAreNone) {
  EXPECT_THAT(FailureChart({}, At("2026-11-24T09:31:40Z")).text(),
              HasSubstr("No watched failures"));
  EXPECT_THAT(FailureChart({}, kBeginningOfTime).text(), HasSubstr("No watched failures"));
}

TEST(FailureChart, OneBarABucketAndOnePartACode) {
  const std::string chart = FailureChart({{At("2026-11-24T08:00:00Z"), 50132, 3},
                                          {At("2026-11-24T08:00:00Z"), 50173, 1},
                                          {At("2026-11-24T09:20:00Z"), 50132, 10}},
                                         At("2026-11-24T09:31:40Z"))
                                .text();
  EXPECT_EQ(Occurrences(chart, "<title>"), 2u);
  EXPECT_EQ(Occurrences(chart, "<rect class=\"code1\""), 2u);
  EXPECT_EQ(Occurrences(chart, "<rect class=\"code2\""), 1u);
  // The day ends at 10:00; 8:00 is its bucket 132, 9:20 its bucket 140.
  EXPECT_THAT(chart, HasSubstr("14 watched failures in the day up to 2026-11-24 10:00 UTC"));
  EXPECT_THAT(chart, HasSubstr("<rect class=\"code1\" x=\"132.08\" y=\"700\" width=\".84\" "
                               "height=\"300\"/><rect class=\"code2\" x=\"132.08\" y=\"600\""));
  EXPECT_THAT(chart, HasSubstr("<rect class=\"code1\" x=\"140.08\" y=\"0\" width=\".84\" "
                               "height=\"1000\"/>"));
  EXPECT_THAT(chart, HasSubstr("2026-11-24 08:00 UTC\n50132 session invalid or expired: 3\n"
                               "50173 fresh token needed: 1"));
  EXPECT_THAT(chart, HasSubstr("50132 session invalid or expired <b>13</b>"));
  EXPECT_THAT(chart, HasSubstr("<span>10</span><span>5</span><span>0</span>"));
}

TEST(FailureChart, TheTableHasTheSameNumbers) {
  const std::string chart = FailureChart({{At("2026-11-24T08:00:00Z"), 50132, 3},
                                          {At("2026-11-24T08:50:00Z"), 50132, 1'000}},
                                         At("2026-11-24T09:31:40Z"))
                                .text();
  EXPECT_EQ(Occurrences(chart, "<th scope=\"row\">"), 24u);
  EXPECT_THAT(chart,
              HasSubstr("<tr><th scope=\"row\">2026-11-24 08:00 UTC</th><td>1,003</td></tr>"));
}

TEST(FailureChart, EndsWithTheLatestFailureWhereThatIsBehindTheWatermark) {
  const std::vector<store::FailureCount> failures{{At("2026-11-24T09:50:00Z"), 50132, 1}};
  EXPECT_THAT(FailureChart(failures, kBeginningOfTime).text(), HasSubstr("2026-11-24 10:00 UTC"));
  EXPECT_THAT(FailureChart(failures, At("2026-11-24T11:00:01Z")).text(),
              HasSubstr("2026-11-24 12:00 UTC"));
}

TEST(FailureChart, WhatIsOutsideTheDayIsNotDrawn) {
  const std::string chart = FailureChart({{At("2026-11-23T09:50:00Z"), 50132, 7},
                                          {At("2026-11-23T10:00:00Z"), 50132, 1},
                                          {At("2020-01-01T00:00:00Z"), 50132, 7}},
                                         At("2026-11-24T10:00:00Z"))
                                .text();
  EXPECT_THAT(chart, HasSubstr("1 watched failure in the day"));
  EXPECT_EQ(Occurrences(chart, "<title>"), 1u);
}

TEST(FailureChart, FourCodesHaveAColourAndTheRestHasOne) {
  std::vector<store::FailureCount> failures;
  const EventTime time = At("2026-11-24T08:00:00Z");
  for (int64_t code = 1; code <= 200; ++code) {
    failures.push_back({time, code, code == 7 || code >= 198 ? 100u : 1u});
  }
  const std::string chart = FailureChart(failures, time).text();
  EXPECT_EQ(Occurrences(chart, "<li>"), 5u);
  EXPECT_THAT(chart, AllOf(HasSubstr("</i>7 <b>100</b>"), HasSubstr("</i>198 <b>100</b>"),
                           HasSubstr("</i>199 <b>100</b>"), HasSubstr("</i>200 <b>100</b>"),
                           HasSubstr("</i>other codes <b>196</b>")));
  EXPECT_THAT(chart, Not(HasSubstr("code6")));
}

TEST(FailureChart, HugeCountsStayInTheBox) {
  const std::string chart = FailureChart({{At("2026-11-24T08:00:00Z"), 1, uint64_t{1} << 60},
                                          {At("2026-11-24T08:10:00Z"), 1, 1}},
                                         At("2026-11-24T08:20:00Z"))
                                .text();
  std::smatch match;
  std::string rest = chart;
  const std::regex bar(
      "class=\"code1\" x=\"[0-9.]+\" y=\"(-?[0-9]+)\" width=\".84\" "
      "height=\"(-?[0-9]+)\"");
  int bars = 0;
  for (; std::regex_search(rest, match, bar); rest = match.suffix(), ++bars) {
    const long y = std::stol(match[1]);
    const long height = std::stol(match[2]);
    EXPECT_GE(y, 0);
    EXPECT_GT(height, 0);
    EXPECT_LE(y + height, 1'000);
  }
  EXPECT_EQ(bars, 2);
}

}  // namespace failure_chart_test
}  // namespace signinwatch::http
