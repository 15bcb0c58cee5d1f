#include "detectors/text_pool.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace signinwatch {
namespace text_pool_test {

std::string TextOf(int n) { return "text number " + std::to_string(n); }

TEST(TextPoolTest, KeepsEachTextOnce) {
  TextPool pool;
  const TextId a = pool.Intern("a");
  const TextId b = pool.Intern("b");
  EXPECT_NE(a, b);
  EXPECT_EQ(pool.Intern("a"), a);
  EXPECT_EQ(pool.Get(a), "a");
  EXPECT_EQ(pool.Get(b), "b");
}

TEST(TextPoolTest, AbsentTextIsZero) {
  TextPool pool;
  EXPECT_EQ(pool.Intern(""), 0u);
  EXPECT_EQ(pool.Get(0), "");
  pool.BeginSweep();
  pool.EndSweep();
  EXPECT_EQ(pool.Get(0), "");
}

TEST(TextPoolTest, SweepKeepsTheIdsThatAreMarked) {
  TextPool pool;
  std::vector<TextId> ids;
  for (int i = 0; i < 10'000; ++i) ids.push_back(pool.Intern(TextOf(i)));
  const size_t full = pool.bytes();
  pool.BeginSweep();
  for (size_t i = 0; i < ids.size(); i += 10) pool.Mark(ids[i]);
  pool.EndSweep();
  EXPECT_LT(pool.bytes(), full / 5);
  for (size_t i = 0; i < ids.size(); i += 10) {
    EXPECT_EQ(pool.Get(ids[i]), TextOf(static_cast<int>(i)));
    EXPECT_EQ(pool.Intern(TextOf(static_cast<int>(i))), ids[i]);
  }
}

TEST(TextPoolTest, IdsOfForgottenTextsAreUsedAgain) {
  TextPool pool;
  const TextId kept = pool.Intern("kept");
  const TextId gone = pool.Intern("gone");
  pool.BeginSweep();
  pool.Mark(kept);
  pool.EndSweep();
  EXPECT_EQ(pool.Intern("new"), gone);
  EXPECT_EQ(pool.Get(gone), "new");
  EXPECT_EQ(pool.Get(kept), "kept");
}

TEST(TextPoolTest, WantsASweepWhenItHasDoubled) {
  TextPool pool;
  int next = 0;
  const auto fill = [&] {
    while (!pool.wants_sweep()) (void)pool.Intern(TextOf(next++));
    return pool.bytes();
  };
  fill();
  pool.BeginSweep();
  for (TextId id = 1; id <= static_cast<TextId>(next); ++id) pool.Mark(id);
  pool.EndSweep();
  const size_t swept = pool.bytes();
  EXPECT_FALSE(pool.wants_sweep());
  EXPECT_GE(fill(), 2 * swept);
}

TEST(TextPoolTest, BeyondTheBoundNewTextsAreAbsent) {
  TextPool pool(10'000);
  std::vector<TextId> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(pool.Intern(TextOf(i)));
  EXPECT_LE(pool.bytes(), 10'100u);
  EXPECT_GT(pool.evicted(), 0u);
  EXPECT_EQ(ids.back(), 0u);
  EXPECT_EQ(pool.Intern(TextOf(0)), ids.front()) << "what is there is found";
  pool.BeginSweep();
  pool.EndSweep();
  EXPECT_NE(pool.Intern(TextOf(999)), 0u) << "there is room again";
}

TEST(TextPoolTest, RightGuessIsTheSameText) {
  TextPool pool;
  const TextId a = pool.Intern("a");
  const TextId b = pool.Intern("b", a);
  EXPECT_NE(a, b);
  EXPECT_EQ(pool.Intern("b", b), b);
  EXPECT_EQ(pool.Intern("a", b), a);
  EXPECT_EQ(pool.Intern("", b), 0u);
}

TEST(TextPoolTest, TakesTextsLargerThanAChunk) {
  TextPool pool;
  const std::string large(1 << 20, 'x');
  const TextId small = pool.Intern("small");
  const TextId id = pool.Intern(large);
  EXPECT_EQ(pool.Get(id), large);
  EXPECT_EQ(pool.Get(small), "small");
}

}  // namespace text_pool_test
}  // namespace signinwatch
