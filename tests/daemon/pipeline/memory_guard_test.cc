#include "daemon/pipeline/memory_guard.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <memory>

namespace signinwatch::pipeline {
namespace memory_guard_test {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(MemoryGuardTest, IsNearAboveSevenEighthsAndGivesFreedMemoryBackFirst) {
  size_t resident = 700;
  size_t freed = 0;
  int looks = 0;
  int given_back = 0;
  MemoryGuard guard(
      800,
      [&] {
        ++looks;
        return resident;
      },
      [&] {
        ++given_back;
        resident -= freed;
      });
  clock::SteadyTime now{};
  EXPECT_FALSE(guard.Near(now));
  EXPECT_EQ(given_back, 0);

  resident = 701;
  EXPECT_FALSE(guard.Near(now += milliseconds(50))) << "looked at just now";
  EXPECT_EQ(looks, 1);
  EXPECT_TRUE(guard.Near(now += milliseconds(50)));
  EXPECT_EQ(given_back, 1);

  // Giving back takes long where it brings nothing, so it is not tried at each look.
  EXPECT_TRUE(guard.Near(now += seconds(1)));
  EXPECT_EQ(given_back, 1);
  freed = 100;
  EXPECT_FALSE(guard.Near(now += seconds(5)));
  EXPECT_EQ(given_back, 2);
  EXPECT_EQ(resident, 601u);
}

TEST(MemoryGuardTest, TheSystemSaysWhatIsResident) {
  const size_t before = ResidentBytes();
  EXPECT_GT(before, size_t{1} << 20);
  constexpr size_t kBytes = size_t{64} << 20;
  const auto block = std::make_unique<char[]>(kBytes);
  std::memset(block.get(), 1, kBytes);
  EXPECT_GT(ResidentBytes(), before + kBytes / 2);
}

}  // namespace memory_guard_test
}  // namespace signinwatch::pipeline
