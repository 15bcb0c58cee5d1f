// Saving and loading: a detector that was loaded goes on as if nothing had been, and damage is
// refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "tests/detectors/detector_driver.h"
#include "tests/sanitizer.h"

namespace signinwatch {
namespace detector_rows_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Small bounds, so that there are folded sessions too.
DetectionConfig SmallConfig() {
  DetectionConfig config;
  config.limits.session_events = 20;
  return config;
}

constexpr int kSteps = 400;

// A step of a story in which every kind of row has something in it.
void Step(DetectorDriver* driver, int i) {
  const Duration now = minutes(i);
  const std::string user = "user" + std::to_string(i % 20);
  driver->Apply(SignIn{.at = now, .user = user, .id = "a" + std::to_string(i)});
  driver->Apply(SignIn{.at = now, .user = "hammer", .id = "b" + std::to_string(i)});
  driver->Apply(SignIn{.at = now,
                       .user = "hammer",
                       .id = "c" + std::to_string(i),
                       .address = "203.0.113." + std::to_string(i % 9),
                       .country = "US"});
  driver->Apply(SignIn{.at = now, .code = 0, .user = user, .interactive = i % 2 == 0});
  driver->Apply(SignIn{.at = now - kDay, .code = 0, .user = "hammer"});
  if (i % 3 == 0) driver->Apply(SignIn{.at = now, .code = 50126, .user = user});
  if (i % 50 == 0) {
    driver->Apply(SignIn{.at = now, .code = 50055, .user = user});
    driver->Apply(Audit{.at = now, .user = user, .id = "d" + std::to_string(i)});
    driver->Apply(Audit{.at = now, .operation = "New password thing"});
  }
  driver->Apply(
      SignIn{.at = now - minutes(1), .user = "hammer", .id = "b" + std::to_string(i - 1)});
  driver->AdvanceTo(now - minutes(10));
}

// Without how often it was sent: which sources of a burst were looked at is not saved, so a ticket
// may be looked at once more after loading.
Ticket WithoutRevision(Ticket ticket) {
  ticket.revision = 0;
  return ticket;
}

TEST(DetectorRowsTest, LoadedDetectorGoesOnAsIfNothingHadBeen) {
  DetectorDriver plain(SmallConfig());
  for (int i = 0; i < kSteps; ++i) Step(&plain, i);
  plain.Finish();
  ASSERT_GT(plain.revisions().size(), 5u);
  for (const int every : {1, 7, 150}) {
    SCOPED_TRACE("saved every " + std::to_string(every));
    DetectorDriver saved(SmallConfig());
    for (int i = 0; i < kSteps; ++i) {
      Step(&saved, i);
      if (i % every == 0) {
        ASSERT_TRUE(saved.SaveAndReload(i % (3 * every) == 0));
      }
    }
    const DetectorCounters& counters = saved.detector().counters();
    EXPECT_EQ(counters.duplicates, plain.detector().counters().duplicates);
    EXPECT_EQ(counters.bursts_opened, plain.detector().counters().bursts_opened);
    EXPECT_EQ(counters.unknown_password_operations,
              plain.detector().counters().unknown_password_operations);
    saved.Finish();
    const std::vector<Ticket> tickets = saved.Tickets();
    ASSERT_EQ(tickets.size(), plain.Tickets().size());
    for (size_t i = 0; i < tickets.size(); ++i) {
      EXPECT_EQ(WithoutRevision(tickets[i]), WithoutRevision(plain.Tickets()[i]));
    }
  }
}

TEST(DetectorRowsTest, SizesAreThoseOfBefore) {
  DetectorDriver driver(SmallConfig());
  for (int i = 0; i < kSteps; ++i) Step(&driver, i);
  const DetectorSizes before = driver.detector().sizes();
  ASSERT_TRUE(driver.SaveAndReload(true));
  const DetectorSizes after = driver.detector().sizes();
  EXPECT_EQ(after.tenants, before.tenants);
  EXPECT_EQ(after.users, before.users);
  EXPECT_EQ(after.dedup_ids, before.dedup_ids);
  EXPECT_EQ(after.live_events, before.live_events);
  EXPECT_EQ(after.tickets, before.tickets);
  EXPECT_EQ(after.open_tickets, before.open_tickets);
}

TEST(DetectorRowsTest, RowsOfWhatIsForgottenAreDeleted) {
  DetectorDriver driver(SmallConfig());
  for (int i = 0; i < 60; ++i) Step(&driver, i);
  ASSERT_TRUE(driver.SaveAndReload(true));
  driver.AdvanceTo(hours(3));
  ASSERT_TRUE(driver.SaveAndReload(false));
  for (int day = 1; day < 100; ++day) {
    driver.AdvanceTo(day * kDay);
    if (day % 10 == 0) {
      ASSERT_TRUE(driver.SaveAndReload(false));
    }
  }
  ASSERT_TRUE(driver.SaveAndReload(false));
  const DetectorSizes sizes = driver.detector().sizes();
  EXPECT_EQ(sizes.users + sizes.tenants + sizes.tickets + sizes.dedup_ids, 0u);
  EXPECT_EQ(driver.Rows().size(), 1u);
}

// What was saved and has not changed since is not written again with each commit.
TEST(DetectorRowsTest, WhatIsSavedTwiceIsWrittenOnce) {
  DetectorDriver driver(SmallConfig());
  for (int i = 0; i < 60; ++i) Step(&driver, i);
  ASSERT_TRUE(driver.SaveAndReload(true));
  for (int i = 60; i < 120; ++i) Step(&driver, i);
  ASSERT_GT(driver.detector().sizes().tickets, 0u);
  std::string first;
  std::string second;
  driver.detector().SaveChanges([&](const StateRow& row) { first += row.key.substr(0, 1); });
  driver.detector().SaveChanges([&](const StateRow& row) { second += row.key.substr(0, 1); });
  EXPECT_NE(first.find('k'), std::string::npos);
  EXPECT_EQ(second, "m");
}

TEST(DetectorRowsTest, NoRowsAreAFreshStart) {
  Detector detector{DetectionConfig()};
  EXPECT_TRUE(detector.Load(RowsIn({})));
  EXPECT_EQ(detector.watermark(), kBeginningOfTime);
}

// A machine's clock was wrong for a night, or a producer forged a time: a watermark of the year
// 2100 made all that came later late, for good.
TEST(DetectorRowsTest, ASavedWatermarkBeyondTheWallClockIsSetBack) {
  DetectorDriver driver(SmallConfig());
  driver.AdvanceTo(40'000 * kDay);
  const std::vector<StateRow> rows = driver.Rows();
  const EventTime now = kStart + hours(1);
  Detector detector(SmallConfig());
  ASSERT_TRUE(detector.Load(RowsIn(rows), now));
  EXPECT_EQ(detector.watermark(), now - SmallConfig().time.allowed_lateness);
  EXPECT_EQ(detector.set_back_from(), 40'000 * kDay - hours(1));
  Detector again(SmallConfig());
  ASSERT_TRUE(again.Load(RowsIn(rows), kStart + 40'000 * kDay));
  EXPECT_EQ(again.watermark(), kStart + 40'000 * kDay) << "at the wall clock is not beyond it";
  EXPECT_EQ(again.set_back_from(), Duration(0));
}

class DamagedRowsTest : public testing::Test {
 protected:
  DamagedRowsTest() {
    DetectorDriver driver(SmallConfig());
    for (int i = 0; i < 60; ++i) Step(&driver, i);
    rows_ = driver.Rows();
  }
  // Whether rows are taken of which row i is `damaged`. If they are, the detector must still work.
  static bool Loads(const std::vector<StateRow>& rows, const DetectionConfig& config) {
    Detector detector(config);
    return detector.Load(RowsIn(rows));
  }
  // One row of each kind: what is done with all bytes of it.
  void ForOneRowOfEachKind(const std::function<void(size_t)>& visit) {
    std::string seen;
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (seen.find(rows_[i].key[0]) != std::string::npos) continue;
      seen += rows_[i].key[0];
      visit(i);
    }
    EXPECT_EQ(seen.size(), 7u);
  }
  // Row i alone, with the row that says the version.
  [[nodiscard]] std::vector<StateRow> Alone(size_t i) const {
    std::vector<StateRow> rows{rows_[i]};
    for (const StateRow& row : rows_) {
      if (row.key == "m" && rows_[i].key != "m") rows.push_back(row);
    }
    return rows;
  }

  std::vector<StateRow> rows_;
};

TEST_F(DamagedRowsTest, WholeRowsAreTaken) {
  EXPECT_TRUE(Loads(rows_, SmallConfig()));
  ForOneRowOfEachKind([&](size_t i) { EXPECT_TRUE(Loads(Alone(i), SmallConfig())); });
}

TEST_F(DamagedRowsTest, RowsCutAtAnyByteAreRefused) {
  ForOneRowOfEachKind([&](size_t i) {
    const std::vector<StateRow> whole = Alone(i);
    for (size_t size = 1; size < whole[0].value.size(); ++size) {
      std::vector<StateRow> rows = whole;
      rows[0].value.resize(size);
      ASSERT_FALSE(Loads(rows, SmallConfig())) << whole[0].key[0] << " cut at " << size;
    }
    for (size_t size = 0; size < whole[0].key.size(); ++size) {
      std::vector<StateRow> rows = whole;
      rows[0].key.resize(size);
      ASSERT_FALSE(Loads(rows, SmallConfig())) << whole[0].key[0] << " key cut at " << size;
    }
  });
}

TEST_F(DamagedRowsTest, RowsWithAFlippedBitAreRefused) {
  ForOneRowOfEachKind([&](size_t i) {
    const std::vector<StateRow> whole = Alone(i);
    // Under sanitizers that takes a minute, and a seventh shows what is read where it must not be.
    constexpr size_t kStep = kSanitizedMemory ? 7 : 1;
    for (size_t bit = 0; bit < 8 * whole[0].value.size(); bit += kStep) {
      std::vector<StateRow> rows = whole;
      char& byte = rows[0].value[bit / 8];
      byte = static_cast<char>(byte ^ (1 << bit % 8));
      ASSERT_FALSE(Loads(rows, SmallConfig())) << whole[0].key[0] << " bit " << bit;
    }
    for (size_t at = 0; at < whole[0].key.size(); ++at) {
      std::vector<StateRow> rows = whole;
      rows[0].key[at] = static_cast<char>(rows[0].key[at] ^ 1);
      ASSERT_FALSE(Loads(rows, SmallConfig())) << whole[0].key[0] << " key byte " << at;
    }
  });
}

TEST_F(DamagedRowsTest, RowsWithoutTheVersionAreRefused) {
  std::vector<StateRow> rows = rows_;
  std::erase_if(rows, [](const StateRow& row) { return row.key == "m"; });
  ASSERT_LT(rows.size(), rows_.size());
  EXPECT_FALSE(Loads(rows, SmallConfig()));
}

TEST_F(DamagedRowsTest, RowsBeforeTheirHeadOrWithASecondAreRefused) {
  const auto head = std::find_if(rows_.begin(), rows_.end(),
                                 [](const StateRow& row) { return row.key == kStateHead; });
  ASSERT_NE(head, rows_.end());
  std::rotate(rows_.begin(), head, head + 1);
  const auto loads = [](std::vector<StateRow> rows) {
    Detector detector(SmallConfig());
    return detector.Load([&rows](const StateVisitor& visit) {
      for (const StateRow& row : rows) (void)visit(row);
    });
  };
  EXPECT_TRUE(loads(rows_));
  rows_.push_back(rows_.front());
  EXPECT_FALSE(loads(rows_));
  rows_.erase(rows_.begin());
  EXPECT_FALSE(loads(rows_));
}

TEST_F(DamagedRowsTest, DetectorWorksWithSomeRowsMissing) {
  for (const char kind : {'t', 'u', 'c', 'k', 'd', 'i'}) {
    SCOPED_TRACE(kind);
    std::vector<StateRow> rows = rows_;
    std::erase_if(rows, [kind](const StateRow& row) { return row.key[0] == kind; });
    Detector detector(SmallConfig());
    ASSERT_TRUE(detector.Load(RowsIn(rows)));
    detector.AdvanceTo(kStart + hours(5), kStart + hours(5));
    detector.Finish(kStart + hours(6));
    (void)detector.TakeRevisions();
  }
}

// The row of one ticket is lost. What its burst is joined with goes on in the other one.
TEST(DetectorRowsTest, ATicketWhoseRowIsLostTakesNoOther) {
  DetectionConfig config;
  config.tickets.reopen_within = Duration{0};
  config.rules.resize(1);
  DetectorDriver driver(config);
  driver.Burst(minutes(0));
  driver.Burst(minutes(16));
  ASSERT_EQ(driver.Tickets().size(), 2u);
  const std::string younger = driver.Tickets()[1].ticket_id;
  std::vector<StateRow> rows = driver.Rows();
  const std::string lost = RowKey(RowKind::kTicket, 1);
  ASSERT_EQ(std::erase_if(rows, [&](const StateRow& row) { return row.key == lost; }), 1u);
  ASSERT_TRUE(driver.GoOnWith(std::move(rows)));
  driver.Apply(SignIn{.at = minutes(9)});  // within `quiet` of both
  driver.Finish();
  const std::vector<Ticket> tickets = driver.Tickets();
  ASSERT_EQ(tickets.size(), 2u) << "no third one";
  EXPECT_EQ(tickets[1].ticket_id, younger);
  EXPECT_EQ(tickets[1].state, TicketState::kResolved);
  EXPECT_EQ(tickets[1].event_count, 21u);
}

}  // namespace detector_rows_test
}  // namespace signinwatch
