#include "daemon/http/ticket_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace signinwatch::http {
namespace ticket_parameters_test {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Parameters = std::multimap<std::string, std::string>;

store::TicketFilter Read(const Parameters& parameters) {
  store::TicketFilter filter;
  for (const ParameterProblem& problem : ReadTicketParameters(parameters, &filter)) {
    ADD_FAILURE() << problem.parameter << ": " << problem.detail;
  }
  return filter;
}

std::vector<ParameterProblem> Problems(const Parameters& parameters) {
  store::TicketFilter filter;
  return ReadTicketParameters(parameters, &filter);
}

TEST(TicketParameters, NoneRestrictsNothing) {
  const store::TicketFilter filter = Read({});
  EXPECT_FALSE(filter.tenant_id || filter.user || filter.state || !filter.cause.empty() ||
               !filter.severity.empty() || filter.scope || filter.detector || filter.from ||
               filter.to);
  EXPECT_EQ(filter.limit, 100u);
  EXPECT_EQ(filter.cursor, "");
}

TEST(TicketParameters, AllAreRead) {
  const store::TicketFilter filter = Read({{"tenant", "AAAA-b"},
                                           {"user", "Ada@contoso.example"},
                                           {"state", "open"},
                                           {"cause", "sync_delay"},
                                           {"severity", "high"},
                                           {"scope", "tenant"},
                                           {"detector", "D"},
                                           {"from", "2026-11-24T09:00:00Z"},
                                           {"to", "2026-11-24t12:00:00.5+02:00"},
                                           {"limit", "1000"},
                                           {"cursor", "x"}});
  EXPECT_EQ(filter.tenant_id, "aaaa-b");  // as ids are stored
  EXPECT_EQ(filter.user, "Ada@contoso.example");
  EXPECT_EQ(filter.state, "open");
  EXPECT_THAT(filter.cause, ElementsAre("sync_delay"));
  EXPECT_THAT(filter.severity, ElementsAre("high"));
  EXPECT_EQ(filter.scope, "tenant");
  EXPECT_EQ(filter.detector, "D");
  EXPECT_EQ(filter.from, ParseEventTime("2026-11-24T09:00:00Z"));
  EXPECT_EQ(filter.to, ParseEventTime("2026-11-24T10:00:00.5Z"));
  EXPECT_EQ(filter.limit, 1'000u);
  EXPECT_EQ(filter.cursor, "x");
}

TEST(TicketParameters, EachMistakeIsTold) {
  const struct {
    const char* name;
    const char* value;
    const char* detail;
  } cases[] = {
      {"tenants", "x", "no such parameter"},
      {"tenant", "", "has no value"},
      {"state", "Open", "no such value"},
      {"cause", "none", "no such value"},
      {"severity", "urgent", "no such value"},
      {"scope", "users", "no such value"},
      {"limit", "0", "1 to 1000"},
      {"limit", "1001", "1 to 1000"},
      {"limit", "-1", "1 to 1000"},
      {"limit", "10x", "1 to 1000"},
      {"limit", "99999999999999999999", "1 to 1000"},
      {"from", "2026-11-4", "RFC 3339"},
      {"from", "2026-13-24", "RFC 3339"},
      {"to", "24.11.2026", "RFC 3339"},
      {"q", "a b c d e f g h i", "more than 8 words"},
      {"sort", "name", "no such value"},
      {"from", "11/24/2026 09:00:00 AM", "RFC 3339"},
      {"from", "2026-11-24T09:00:00", "RFC 3339"},
      {"to", "2026-11-24T09:00:00 02:00", "%2B"},  // a + that became a blank
      {"to", "2026-13-24T09:00:00Z", "RFC 3339"},
  };
  for (const auto& c : cases) {
    const std::vector<ParameterProblem> problems = Problems({{c.name, c.value}});
    ASSERT_THAT(problems, SizeIs(1)) << c.name << "=" << c.value;
    EXPECT_EQ(problems[0].parameter, c.name);
    EXPECT_THAT(problems[0].detail, HasSubstr(c.detail)) << c.value;
  }
}

TEST(TicketParameters, WhatIsAllowedIsTold) {
  EXPECT_THAT(Problems({{"state", "x"}})[0].allowed, ElementsAre("open", "resolved", "merged"));
  EXPECT_THAT(Problems({{"severity", "x"}})[0].allowed,
              ElementsAre("critical", "high", "medium", "low", "info"));
  EXPECT_THAT(Problems({{"cause", "x"}})[0].allowed, SizeIs(kCauseCount));
  EXPECT_THAT(Problems({{"x", "x"}})[0].allowed, SizeIs(15));
  EXPECT_THAT(Problems({{"x", "x"}})[0].allowed, Contains("cursor"));
}

TEST(TicketParameters, AllMistakesAtOnce) {
  EXPECT_THAT(Problems({{"limit", "x"}, {"state", "y"}, {"z", "1"}}), SizeIs(3));
}

TEST(TicketParameters, MistakesAreBounded) {
  Parameters many;
  for (int i = 0; i < 5'000; ++i) many.emplace("x" + std::to_string(i), "1");
  EXPECT_THAT(Problems(many), SizeIs(20));
  EXPECT_THAT(Problems({{"user", std::string(1'025, 'x')}}), SizeIs(1));
  EXPECT_THAT(Problems({{"user", std::string(1'024, 'x')}}), IsEmpty());
}

TEST(TicketParameters, RepeatedIsTold) {
  const auto problems = Problems({{"state", "open"}, {"state", "resolved"}, {"state", "open"}});
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems[0].detail, "given more than once");
}

TEST(TicketParameters, SeveralSeveritiesAndCausesAreAllTaken) {
  store::TicketFilter filter;
  EXPECT_THAT(ReadTicketParameters({{"severity", "high"},
                                    {"severity", "critical"},
                                    {"severity", "high"},
                                    {"cause", "mixed"},
                                    {"cause", "pending"},
                                    {"review", "needed"},
                                    {"quiet", "no"}},
                                   &filter),
              IsEmpty());
  EXPECT_THAT(filter.severity, ElementsAre("high", "critical"));
  EXPECT_THAT(filter.cause, ElementsAre("mixed", "pending"));
  EXPECT_EQ(filter.needs_review, true);
  EXPECT_EQ(filter.excepted, false);
  EXPECT_THAT(Problems({{"quiet", "x"}})[0].allowed, ElementsAre("yes", "no"));
  EXPECT_THAT(Problems({{"severity", "high"}, {"severity", "x"}}), SizeIs(1));
  EXPECT_THAT(Problems({{"review", "x"}})[0].allowed, ElementsAre("needed", "done"));
}

TEST(TicketParameters, ADayIsWhole) {
  store::TicketFilter filter;
  EXPECT_THAT(ReadTicketParameters({{"from", "2026-11-24"}, {"to", "2026-11-24"}}, &filter),
              IsEmpty());
  EXPECT_EQ(filter.from, ParseEventTime("2026-11-24T00:00:00Z"));
  EXPECT_EQ(filter.to, ParseEventTime("2026-11-24T23:59:59.999999Z"));
}

TEST(TicketParameters, ASearchIsItsWords) {
  const auto words = [](const std::string& text) {
    store::TicketFilter filter;
    EXPECT_THAT(ReadTicketParameters({{"q", text}}, &filter), IsEmpty());
    std::vector<std::string> found;
    for (const store::SearchWord& word : filter.words) found.push_back(word.text);
    return found;
  };
  EXPECT_THAT(words("ada"), ElementsAre("ada"));
  EXPECT_THAT(words("  ada   outlook "), ElementsAre("ada", "outlook"));
  EXPECT_THAT(words("\"Outlook Mobile\" ada"), ElementsAre("Outlook Mobile", "ada"));
  EXPECT_THAT(words("\"Outlook Mobile"), ElementsAre("Outlook Mobile"));
  EXPECT_THAT(words("\"\" \""), IsEmpty());
}

TEST(TicketParameters, TenantsAreFoundByTheirNames) {
  store::TicketFilter filter;
  filter.words = {{"GROVE"}, {"contoso"}};
  FindTenantsByName({{"id-1", "Woodgrove Bank"}, {"id-2", "Contoso"}, {"id-3", "Contoso Ltd."}},
                    &filter);
  EXPECT_THAT(filter.words[0].tenants, ElementsAre("id-1"));
  EXPECT_THAT(filter.words[1].tenants, ElementsAre("id-2", "id-3"));
}

TEST(TicketParameters, EachOrderHasItsWord) {
  for (size_t i = 0; i < SortWords().size(); ++i) {
    store::TicketFilter filter;
    EXPECT_THAT(ReadTicketParameters({{"sort", SortWords()[i]}}, &filter), IsEmpty());
    EXPECT_EQ(filter.order, static_cast<store::TicketOrder>(i));
  }
  EXPECT_EQ(SortWords()[static_cast<size_t>(store::TicketOrder::kLastFailure)], "last_failure");
  EXPECT_EQ(SortWords()[static_cast<size_t>(store::TicketOrder::kSeverity)], "severity");
  EXPECT_EQ(SortWords()[static_cast<size_t>(store::TicketOrder::kFailures)], "failures");
}

TEST(TicketParameters, SpanThatEndsBeforeItBegins) {
  const auto problems =
      Problems({{"from", "2026-11-24T09:00:00Z"}, {"to", "2026-11-24T08:59:59Z"}});
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(problems[0].parameter, "to");
}

}  // namespace ticket_parameters_test
}  // namespace signinwatch::http
