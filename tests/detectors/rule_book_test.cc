#include "detectors/rule_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "detectors/row_archive.h"

namespace signinwatch {
namespace rule_book_test {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;

BurstRule Rule(std::string name, GroupBy scope, std::vector<int64_t> codes = {50132}) {
  BurstRule rule;
  rule.name = std::move(name);
  rule.group_by = scope;
  rule.codes = std::move(codes);
  return rule;
}

DetectionConfig ConfigOf(std::vector<BurstRule> rules) {
  DetectionConfig config;
  config.rules = std::move(rules);
  return config;
}

TEST(RuleBookTest, ARuleHasASlotAmongThoseOfItsScope) {
  const RuleBook book(ConfigOf(
      {Rule("a", GroupBy::kTenant), Rule("b", GroupBy::kUser), Rule("c", GroupBy::kTenant)}));
  EXPECT_EQ(book.size(), 3u);
  EXPECT_EQ(book.CountOf(GroupBy::kUser), 1u);
  EXPECT_EQ(book.CountOf(GroupBy::kTenant), 2u);
  EXPECT_EQ(book.SlotOf(1), 0u);
  EXPECT_EQ(book.SlotOf(2), 1u);
  EXPECT_EQ(book.RuleOf(GroupBy::kTenant, 1), 2u);
  EXPECT_EQ(book.RuleOf(GroupBy::kUser, 0), 1u);
}

TEST(RuleBookTest, SaysWhatACodeMeans) {
  const RuleBook book(
      ConfigOf({Rule("a", GroupBy::kUser, {50132}), Rule("b", GroupBy::kUser, {50126, 50132})}));
  EXPECT_EQ(book.ClassOf(0), nullptr);
  EXPECT_EQ(book.ClassOf(50133), nullptr);
  EXPECT_EQ(book.ClassOf(99999), nullptr);
  ASSERT_NE(book.ClassOf(50132), nullptr);
  EXPECT_EQ(book.ClassOf(50132)->rules, 3u);
  EXPECT_FALSE(book.ClassOf(50132)->bad_password);
  EXPECT_EQ(book.ClassOf(50126)->rules, 2u);
  EXPECT_TRUE(book.ClassOf(50126)->bad_password);
  for (const int64_t code : {50055, 50144}) {
    EXPECT_EQ(book.ClassOf(code)->rules, 0u);
    EXPECT_TRUE(book.ClassOf(code)->expired);
  }
  EXPECT_EQ(book.codes()[book.ClassOf(50132)->index], 50132);
}

TEST(RuleBookTest, SpansAreThoseOfTheLongestRule) {
  BurstRule slow = Rule("slow", GroupBy::kUser);
  slow.max_duration = hours(72);
  slow.quiet = hours(2);
  DetectionConfig config = ConfigOf({Rule("a", GroupBy::kUser), slow});
  const RuleBook book(config);
  EXPECT_EQ(book.session_span(), hours(74) + config.time.max_clock_skew + minutes(10));
  const Duration revisable = config.tickets.revise_risks_for;
  EXPECT_EQ(book.PastSpan(GroupBy::kUser), revisable + book.session_span());
  EXPECT_EQ(book.PastSpan(GroupBy::kTenant), revisable + 2 * book.session_span());
  EXPECT_EQ(book.credentials_span(), config.correlation.lookback + revisable + book.session_span());
  EXPECT_EQ(book.risks_span(),
            config.correlation.risk_before + revisable + 2 * book.session_span());
  EXPECT_EQ(book.audits_span(), kDay + book.session_span());
}

TEST(RuleBookTest, AdoptsSavedRulesByNameAndScope) {
  SavedRules saved;
  saved.rules = {Rule("gone", GroupBy::kUser), Rule("same", GroupBy::kUser),
                 Rule("other", GroupBy::kUser), Rule("needed", GroupBy::kTenant)};
  RuleBook book(ConfigOf({Rule("other", GroupBy::kTenant), Rule("same", GroupBy::kUser)}));
  EXPECT_FALSE(book.IsAsSaved(saved));
  RuleBook::Places places;
  ASSERT_TRUE(book.AdoptRules(saved, {false, true, false, true}, &places));
  EXPECT_THAT(places, ElementsAre(RuleBook::kNowhere, 1, RuleBook::kNowhere, 2));
  EXPECT_EQ(book.size(), 3u);
  EXPECT_EQ(book[2].name, "needed");
  EXPECT_THAT(book[2].codes, testing::IsEmpty()) << "it is retired";
  EXPECT_EQ(book.SlotOf(2), 1u);
}

TEST(RuleBookTest, RetiredRulesHaveABound) {
  SavedRules saved;
  for (size_t i = 0; i <= kRetiredRulesMax; ++i) {
    saved.rules.push_back(Rule("gone" + std::to_string(i), GroupBy::kUser));
  }
  RuleBook::Places places;
  std::vector<bool> used(saved.rules.size(), true);
  EXPECT_FALSE(RuleBook(ConfigOf({})).AdoptRules(saved, used, &places));
  used[0] = false;
  EXPECT_TRUE(RuleBook(ConfigOf({})).AdoptRules(saved, used, &places));
}

TEST(RuleBookTest, CodesThatAreNeededStillHaveAPlaceAndNoMeaning) {
  SavedRules saved;
  saved.codes = {50055, 50126, 50144, 60001, 60002};
  RuleBook book(ConfigOf({Rule("a", GroupBy::kUser, {50132})}));
  const RuleBook::Places places = book.AdoptCodes(saved, {true, false, false, true, false});
  EXPECT_EQ(book.codes()[places[0]], 50055);
  EXPECT_EQ(book.codes()[places[3]], 60001);
  EXPECT_EQ(places[4], RuleBook::kNowhere);
  EXPECT_EQ(book.ClassOf(60001), nullptr);
}

TEST(RuleBookTest, IsReadAsItWasWritten) {
  RuleBook book(ConfigOf({Rule("a", GroupBy::kTenant, {50132, 50133}), Rule("b", GroupBy::kUser)}));
  RowWriter writer(nullptr);
  book.all().Archive(writer);
  const std::string row = writer.Take();
  RowReader reader(row, nullptr);
  SavedRules saved;
  saved.Archive(reader);
  EXPECT_TRUE(reader.done());
  EXPECT_TRUE(book.IsAsSaved(saved));
  EXPECT_EQ(saved.CountOf(GroupBy::kUser), 1u);
}

}  // namespace rule_book_test
}  // namespace signinwatch
