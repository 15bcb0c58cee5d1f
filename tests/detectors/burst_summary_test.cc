#include "detectors/burst_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace burst_summary_test {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;

const std::vector<int64_t> kCodes{50126, 50132, 50173};

class BurstSummaryTest : public testing::Test {
 protected:
  struct Facts {
    Duration at{};
    std::string_view id{};
    std::string_view user = "user1";
    std::string_view name = "user1@contoso.example";
    std::string_view app{};
    std::string_view app_name{};
    std::string_view address{};
    std::string_view country{};
    uint16_t code = 1;
    bool unfamiliar = false;
    bool guest = false;
  };
  void Add(const Facts& facts) {
    Failure failure;
    failure.time = kMorning + facts.at;
    failure.id = {0, 0, pool_.Intern(facts.id)};
    failure.user = {pool_.Intern(facts.user), false};
    failure.user_principal_name = pool_.Intern(facts.name);
    failure.app_id = pool_.Intern(facts.app);
    failure.app_name = pool_.Intern(facts.app_name);
    const IpAddress address = ParseIpAddress(facts.address);
    failure.has_address = address.present;
    failure.address_hi = address.hi;
    failure.address_lo = address.lo;
    failure.country = pool_.Intern(facts.country);
    failure.code_index = facts.code;
    failure.guest = facts.guest;
    summary_.Add(failure, facts.unfamiliar, pool_);
  }
  Ticket Write(GroupBy scope = GroupBy::kUser) {
    Ticket ticket;
    ticket.scope = scope;
    summary_.WriteDeciding(pool_, profiles_, &ticket);
    summary_.WriteRest(pool_, profiles_, kCodes, &ticket);
    if (scope == GroupBy::kTenant) {
      const auto cause = [&](const UserText& user) {
        return summary_.users().Find(user)->guest ? Cause::kHomeTenant : Cause::kUnexplained;
      };
      summary_.WriteUsers(pool_, cause, &ticket);
    }
    return ticket;
  }
  // "id/name:count" of each.
  static std::vector<std::string> Shown(const CountedList& list) {
    std::vector<std::string> shown;
    for (const Counted& value : list.shown) {
      shown.push_back(value.id + (value.name.empty() ? "" : "/" + value.name) + ":" +
                      std::to_string(value.count));
    }
    return shown;
  }

  TextPool pool_;
  FailureProfiles profiles_;
  BurstSummary summary_;
};

TEST_F(BurstSummaryTest, ListsAreSortedByCountThenValue) {
  for (const char* country : {"DE", "FR", "AT", "FR", "", "IT"}) Add({.country = country});
  const Ticket ticket = Write();
  EXPECT_THAT(Shown(ticket.countries), ElementsAre("FR:2", "AT:1", "DE:1", "IT:1"));
  EXPECT_EQ(ticket.countries.total, 4u) << "the absent one is not listed";
  EXPECT_EQ(ticket.event_count, 6u);
}

TEST_F(BurstSummaryTest, ListsAreCutAtTwentyWithTheFullNumberBeside) {
  for (int i = 0; i < 30; ++i) {
    for (int n = 0; n <= i; ++n) Add({.address = "192.0.2." + std::to_string(i)});
  }
  const Ticket ticket = Write();
  ASSERT_EQ(ticket.ip_addresses.shown.size(), 20u);
  EXPECT_EQ(ticket.ip_addresses.total, 30u);
  EXPECT_EQ(Shown(ticket.ip_addresses).front(), "192.0.2.29:30");
  EXPECT_EQ(Shown(ticket.ip_addresses).back(), "192.0.2.10:11");
}

TEST_F(BurstSummaryTest, AddressesOfOneCountAreSortedAsTheyAreWritten) {
  for (const char* address : {"9.0.0.1", "10.0.0.1", "2001:db8::1"}) Add({.address = address});
  EXPECT_THAT(Shown(Write().ip_addresses), ElementsAre("10.0.0.1:1", "2001:db8::1:1", "9.0.0.1:1"));
}

TEST_F(BurstSummaryTest, AppHasTheNameOfItsFirstEventAndOneWithoutIdItsName) {
  Add({.at = seconds(9), .app = "app1", .app_name = "New name"});
  Add({.at = seconds(1), .app = "app1", .app_name = "Old name"});
  Add({.at = seconds(2), .app_name = "Old name"});
  Add({.at = seconds(3), .app = "app0"});
  Add({.at = seconds(4)});
  const Ticket ticket = Write();
  EXPECT_THAT(Shown(ticket.apps), ElementsAre("app1/Old name:2", "/Old name:1", "app0:1"));
  EXPECT_EQ(ticket.apps.total, 3u);
}

TEST_F(BurstSummaryTest, NameIsThatOfTheFirstEventByTimeThenIdThenText) {
  Add({.at = seconds(1), .id = "r2", .name = "a@contoso.example"});
  Add({.at = seconds(1), .id = "r1", .name = "c@contoso.example"});
  Add({.at = seconds(1), .id = "r1", .name = "b@contoso.example"});
  EXPECT_EQ(Write().user_principal_name, "b@contoso.example");
  Add({.at = seconds(1), .id = "", .name = "z@contoso.example"});
  EXPECT_EQ(Write().user_principal_name, "z@contoso.example") << "no id is the least";
  Add({.at = seconds(0), .id = "r9", .name = ""});
  EXPECT_EQ(Write().user_principal_name, "") << "the first event's, also if it has none";
}

TEST_F(BurstSummaryTest, TenantListsItsUsers) {
  Add({.user = "user2", .name = "Two@contoso.example"});
  Add({.user = "user1", .name = "One@contoso.example", .guest = true});
  Add({.user = "user2", .name = "Two@contoso.example"});
  Add({.user = "", .name = ""});
  const Ticket ticket = Write(GroupBy::kTenant);
  EXPECT_THAT(Shown(ticket.users),
              ElementsAre("user2/Two@contoso.example:2", "user1/One@contoso.example:1"));
  EXPECT_EQ(ticket.users.shown[0].cause, Cause::kUnexplained);
  EXPECT_EQ(ticket.users.shown[1].cause, Cause::kHomeTenant);
  EXPECT_EQ(ticket.distinct_users, 2u);
  EXPECT_EQ(ticket.event_count, 4u);
  EXPECT_EQ(ticket.user_principal_name, "");
}

TEST_F(BurstSummaryTest, CountsCodes) {
  for (const uint16_t code : {1, 2, 1}) Add({.code = code});
  EXPECT_EQ(Write().codes, (std::map<int64_t, uint64_t>{{50132, 2}, {50173, 1}}));
}

TEST_F(BurstSummaryTest, EvidenceIsTheEarliestByTimeThenId) {
  for (int i = 29; i >= 0; --i) {
    Add({.at = seconds(i / 2), .id = i % 2 == 0 ? "b" + std::to_string(i) : "a"});
  }
  Add({.at = seconds(0), .id = ""});
  const Ticket ticket = Write();
  ASSERT_EQ(ticket.evidence.size(), 20u);
  EXPECT_EQ(ticket.evidence[0], "a");
  EXPECT_EQ(ticket.evidence[1], "b0");
  EXPECT_EQ(ticket.evidence[3], "b2");
  EXPECT_EQ(ticket.evidence[19], "b18");
}

TEST_F(BurstSummaryTest, EvidenceFromUnfamiliarSourcesComesFirst) {
  for (int i = 0; i < 25; ++i) Add({.at = seconds(i), .id = "f" + std::to_string(i)});
  for (int i = 0; i < 3; ++i) {
    Add({.at = seconds(100 - i), .id = "u" + std::to_string(i), .unfamiliar = true});
  }
  const Ticket ticket = Write();
  ASSERT_EQ(ticket.evidence.size(), 20u);
  EXPECT_THAT(std::vector(ticket.evidence.begin(), ticket.evidence.begin() + 4),
              ElementsAre("u2", "u1", "u0", "f0"));
  EXPECT_EQ(ticket.evidence.back(), "f16");
}

TEST_F(BurstSummaryTest, KeepsEveryNameAUserBore) {
  Add({.name = "a@contoso.example"});
  Add({.name = "b@contoso.example"});
  Add({.name = "a@contoso.example"});
  Add({.name = ""});
  ASSERT_EQ(summary_.users().size(), 1u);
  EXPECT_EQ(summary_.users().begin()->second.names_borne.size(), 2u);
}

TEST_F(BurstSummaryTest, AtTheBoundFurtherValuesCountAsEventsOnly) {
  summary_ = BurstSummary(2);
  for (const char* country : {"DE", "FR", "AT", "FR"}) Add({.country = country});
  const Ticket ticket = Write();
  EXPECT_THAT(Shown(ticket.countries), ElementsAre("FR:2", "DE:1"));
  EXPECT_EQ(ticket.event_count, 4u);
  EXPECT_EQ(summary_.evicted(), 1u);
}

TEST_F(BurstSummaryTest, OrderOfAdditionIsNothing) {
  std::vector<Facts> all;
  const std::vector<std::string> names{"", "a", "b", "c"};
  std::mt19937_64 random(1);
  for (int i = 0; i < 60; ++i) {
    const auto name = [&] { return std::string_view(names[random() % names.size()]); };
    all.push_back({.at = seconds(random() % 5),
                   .id = name(),
                   .user = name(),
                   .name = name(),
                   .app = name(),
                   .app_name = name(),
                   .address = random() % 2 == 0 ? "192.0.2.1" : "192.0.2.2",
                   .country = name(),
                   .unfamiliar = random() % 4 == 0});
  }
  const auto summed = [&](GroupBy scope) {
    summary_ = BurstSummary();
    for (const Facts& facts : all) Add(facts);
    return Write(scope);
  };
  const Ticket user = summed(GroupBy::kUser);
  const Ticket tenant = summed(GroupBy::kTenant);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(all.begin(), all.end(), random);
    EXPECT_EQ(summed(GroupBy::kUser), user);
    EXPECT_EQ(summed(GroupBy::kTenant), tenant);
  }
}

TEST_F(BurstSummaryTest, MarksEveryTextItShows) {
  Add({.id = "r1", .app = "app1", .app_name = "Mail", .country = "DE"});
  Add({.id = "r2", .app_name = "Other", .country = "FR", .unfamiliar = true});
  const Ticket before = Write(GroupBy::kTenant);
  pool_.BeginSweep();
  summary_.MarkTexts(pool_, profiles_);
  pool_.EndSweep();
  for (int i = 0; i < 20; ++i) (void)pool_.Intern("filler " + std::to_string(i));
  EXPECT_EQ(Write(GroupBy::kTenant), before);
  EXPECT_GT(summary_.bytes(), sizeof(summary_));
}

TEST_F(BurstSummaryTest, AppsSayWhenTheyFailedFirstAndLast) {
  Add({.at = seconds(30), .app = "app1"});
  Add({.at = seconds(10), .app = "app1"});
  Add({.at = seconds(20), .app_name = "Mail"});
  const Ticket ticket = Write();
  ASSERT_EQ(ticket.apps.shown.size(), 2u);
  EXPECT_EQ(ticket.apps.shown[0].first_event_time, kMorning + seconds(10));
  EXPECT_EQ(ticket.apps.shown[0].last_event_time, kMorning + seconds(30));
  EXPECT_EQ(ticket.apps.shown[1].first_event_time, kMorning + seconds(20));
  EXPECT_EQ(ticket.apps.shown[1].last_event_time, kMorning + seconds(20));
}

TEST_F(BurstSummaryTest, TheTimelineTakesTheLeastStepThatFits) {
  const struct {
    Duration last;
    int64_t step_seconds;
    size_t counts;
  } cases[] = {
      {seconds(0), 60, 1},
      {std::chrono::minutes(60) - seconds(1), 60, 60},
      {std::chrono::minutes(60), 300, 13},
      {hours(5) - seconds(1), 300, 60},
      {hours(5), 900, 21},
      {hours(15), 3600, 16},
      {hours(60) - seconds(1), 3600, 60},
      {hours(60), 7200, 31},
      {hours(120), 14400, 31},
  };
  for (const auto& c : cases) {
    summary_ = BurstSummary();
    Add({.at = c.last});
    Add({.at = seconds(0)});
    const Timeline timeline = Write().timeline;
    EXPECT_EQ(timeline.start, kMorning);
    EXPECT_EQ(timeline.step.count(), c.step_seconds) << c.last.count();
    ASSERT_EQ(timeline.counts.size(), c.counts) << c.last.count();
    EXPECT_GE(timeline.counts.front(), 1u);
    EXPECT_GE(timeline.counts.back(), 1u);
  }
}

}  // namespace burst_summary_test
}  // namespace signinwatch
