#include "daemon/config/go_values.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace go_values_test {

using std::chrono::nanoseconds;

TEST(GoValuesTest, TruthIsYaml11s) {
  for (const char* text : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "y", "Y"}) {
    EXPECT_EQ(config::ParseGoBool(text), true) << text;
  }
  for (const char* text : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "n", "N"}) {
    EXPECT_EQ(config::ParseGoBool(text), false) << text;
  }
  for (const char* text : {"", "maybe", "1", "tRUE", "yEs"}) {
    EXPECT_EQ(config::ParseGoBool(text), std::nullopt) << text;
  }
}

TEST(GoValuesTest, WholeNumbers) {
  const struct {
    const char* text;
    int64_t value;
  } good[] = {{"20", 20}, {"+5", 5},    {"-3", -3},   {"0x10", 16},     {"0b101", 5},
              {"010", 8}, {"0o10", 8},  {"0", 0},     {"1_000", 1'000}, {"20.0", 20},
              {"2.9", 2}, {"-2.9", -2}, {"1e3", 1000}};
  for (const auto& c : good) EXPECT_EQ(config::ParseGoInteger(c.text), c.value) << c.text;
  for (const char* text :
       {"", "-", "--1", "x", "1x", "0x", "99999999999999999999", "nan", "inf", ".", "1 "}) {
    EXPECT_EQ(config::ParseGoInteger(text), std::nullopt) << text;
  }
}

TEST(GoValuesTest, Durations) {
  const struct {
    const char* text;
    int64_t nanoseconds;
  } good[] = {{"1s", 1'000'000'000},
              {"1h30m", 5'400'000'000'000},
              {"500ms", 500'000'000},
              {"1.5s", 1'500'000'000},
              {"2m3.5s", 123'500'000'000},
              {"7us", 7'000},
              {"7\xc2\xb5s", 7'000},
              {"3ns", 3},
              {"-1s", -1'000'000'000},
              {"0", 0},
              {"1000", 1'000}};
  for (const auto& c : good) {
    EXPECT_EQ(config::ParseGoDuration(c.text), nanoseconds(c.nanoseconds)) << c.text;
  }
  for (const char* text : {"", "-", "s", "1d", "1s ", "1.5", "1..5s", "1s2", "9999999h"}) {
    EXPECT_EQ(config::ParseGoDuration(text), std::nullopt) << text;
  }
}

}  // namespace go_values_test
}  // namespace signinwatch
