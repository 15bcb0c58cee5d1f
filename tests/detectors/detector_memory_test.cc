// The bytes of the detector's state: what gives way at limits.memory, and whether what the detector
// computes is what it allocates.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "tests/detectors/detector_driver.h"

namespace {
size_t allocated_bytes = 0;
}  // namespace

void* operator new(size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  allocated_bytes += malloc_usable_size(memory);
  return memory;
}
// The other forms as the standard library has them: AddressSanitizer brings its own.
void* operator new[](size_t size) { return operator new(size); }
void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept {
  allocated_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete[](void* memory) noexcept { operator delete(memory); }
void operator delete[](void* memory, size_t /*size*/) noexcept { operator delete(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { operator delete(memory); }
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
  operator delete(memory);
}

namespace signinwatch {
namespace {

using std::chrono::seconds;

uint64_t Evicted(DetectorDriver& driver, Eviction eviction) {
  return driver.detector().counters().evictions[static_cast<size_t>(eviction)];
}

// Ways to fill the state, and what gives way first for each.
struct Kind {
  const char* name;
  std::function<void(DetectorDriver&, int)> apply;  // the i-th record
  Eviction eviction;
};

std::vector<Kind> Kinds() {
  const auto at = [](int i) { return Duration(i * 1000); };
  return {
      {"users",
       [=](DetectorDriver& driver, int i) {
         driver.Apply(SignIn{.at = at(i), .code = 0, .user = "flood" + std::to_string(i)});
       },
       Eviction::kUsers},
      {"addresses",
       [=](DetectorDriver& driver, int i) {
         driver.Apply(SignIn{.at = at(i),
                             .code = 0,
                             .user = "flood" + std::to_string(i % 10'000),
                             .device = "device" + std::to_string(i)});
       },
       Eviction::kUsers},
      {"failing users",
       [=](DetectorDriver& driver, int i) {
         driver.Apply(SignIn{.at = at(i), .user = "flood" + std::to_string(i)});
       },
       Eviction::kFailingUsers},
      {"failures of bursts",
       [=](DetectorDriver& driver, int i) {
         driver.Apply(SignIn{.at = at(i), .user = "flood" + std::to_string(i % 40)});
       },
       Eviction::kLiveEvents},
      {"ids",
       [=](DetectorDriver& driver, int i) {
         driver.Apply(SignIn{.at = at(i), .code = 50126, .id = "r" + std::to_string(i)});
       },
       Eviction::kDedupIds},
      {"changes",
       [=](DetectorDriver& driver, int i) {
         driver.Apply(Audit{.at = at(i), .user = "flood" + std::to_string(i)});
       },
       Eviction::kCredentialEvents},
      {"texts",
       [=](DetectorDriver& driver, int i) {
         driver.Apply(SignIn{
             .at = at(i), .user = "flood", .device = std::string(500, 'x') + std::to_string(i)});
       },
       Eviction::kTexts},
  };
}

TEST(DetectorMemoryTest, WhateverItIsFilledWithItStaysBelowItsBytesAndKeepsTheBurst) {
  constexpr size_t kBytes = size_t{2} << 20;
  constexpr int kFlood = 60'000;
  for (const Kind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    DetectionConfig config;
    config.limits.state_bytes = kBytes;
    config.rules.resize(1);
    DetectorDriver driver(config);
    size_t most = 0;
    for (int i = 0; i < kFlood; ++i) {
      kind.apply(driver, i);
      if (i % (kFlood / 10) == 0) driver.Apply(SignIn{.at = Duration(i * 1000), .tenant = "own"});
      most = std::max(most, driver.detector().sizes().bytes);
    }
    EXPECT_LT(most, kBytes + kBytes / 8);
    EXPECT_GT(Evicted(driver, kind.eviction), 0u);
    driver.Finish();
    const std::vector<Ticket> tickets = driver.Tickets();
    EXPECT_EQ(std::count_if(tickets.begin(), tickets.end(),
                            [](const Ticket& ticket) {
                              return ticket.tenant_id == "own" && ticket.event_count == 10;
                            }),
              1);
  }
}

TEST(DetectorMemoryTest, OneKindMayUseWhatTheOthersLeave) {
  DetectionConfig config;
  config.limits.state_bytes = size_t{16} << 20;
  DetectorDriver driver(config);
  // Some 8 MB: far above the share of users, below that of all.
  for (int i = 0; i < 40'000; ++i) {
    driver.Apply(SignIn{.at = Duration(i * 1000), .code = 0, .user = "user" + std::to_string(i)});
  }
  EXPECT_GT(driver.detector().sizes().bytes, size_t{7} << 20);
  EXPECT_EQ(driver.detector().sizes().users, 40'000u);
  EXPECT_EQ(Evicted(driver, Eviction::kUsers), 0u);
}

TEST(DetectorMemoryTest, WhereOnlyBurstsAreLeftNewOnesAreNotBegun) {
  DetectionConfig config;
  config.limits.state_bytes = size_t{2'560} << 10;
  config.rules.resize(1);
  DetectorDriver driver(config);
  size_t most = 0;
  for (int user = 0; user < 5'000; ++user) {
    for (int i = 0; i < 10; ++i) {
      driver.Apply(SignIn{.at = seconds(i), .user = "user" + std::to_string(user)});
    }
    most = std::max(most, driver.detector().sizes().bytes);
  }
  EXPECT_LT(most, size_t{3'060} << 10);
  EXPECT_GT(Evicted(driver, Eviction::kFailingUsers), 0u);
  driver.Burst(seconds(30), 5);  // the first user's goes on
  driver.Finish();
  const std::vector<Ticket> tickets = driver.Tickets();
  EXPECT_GT(tickets.size(), 500u);
  const auto first = std::find_if(tickets.begin(), tickets.end(),
                                  [](const Ticket& ticket) { return ticket.user_id == "user1"; });
  ASSERT_NE(first, tickets.end());
  EXPECT_EQ(first->event_count, 15u);
}

TEST(DetectorMemoryTest, TheEstimateIsNearWhatIsAllocated) {
  for (const Kind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    const size_t before = allocated_bytes;
    DetectorDriver driver;
    for (int i = 0; i < 60'000; ++i) kind.apply(driver, i);
    const size_t allocated = allocated_bytes - before;
    const size_t estimate = driver.detector().sizes().bytes;
    EXPECT_GT(estimate, allocated * 6 / 10);
    EXPECT_LT(estimate, allocated * 16 / 10);
  }
}

}  // namespace
}  // namespace signinwatch
