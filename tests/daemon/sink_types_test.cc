#include "daemon/config/sink_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace signinwatch {
namespace sink_types_test {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> TypesOf(const std::string& key) {
  return config::OptionOf(config::SinkOptions(), key).types;
}

TEST(SinkTypes, AnOptionThatSeveralHaveStandsOnceBehindThoseOfOne) {
  EXPECT_THAT(TypesOf("roll_up"), IsEmpty());
  EXPECT_THAT(TypesOf("path"), ElementsAre("file"));
  EXPECT_THAT(TypesOf("backoff_min"), testing::IsSupersetOf({"kafka", "webhook"}));
  size_t most = 0;
  for (const config::Option<config::SinkConfig>& option : config::SinkOptions()) {
    const size_t several = option.types.size() > 1 ? 2 : option.types.size();
    EXPECT_GE(several, most) << option.key;
    most = several;
  }
}

TEST(SinkTypes, EachHasAKeyOnce) {
  for (const std::string& type : config::SinkTypeNames()) {
    std::set<std::string> keys;
    for (const config::Option<config::SinkConfig>& option : config::SinkOptions()) {
      if (config::IsForType(option, type)) {
        EXPECT_TRUE(keys.insert(option.key).second) << type << " " << option.key;
      }
    }
    const std::vector<std::string> read = config::KeysOf(config::SinkOptionsFor(type));
    EXPECT_EQ(std::set<std::string>(read.begin(), read.end()).size(), read.size());
    for (const std::string& key : keys) EXPECT_THAT(read, testing::Contains(key));
  }
}

TEST(SinkTypes, SettingsAreTheirDefaultsUntilGiven) {
  config::SinkConfig sink;
  sink.type = "file";
  EXPECT_TRUE(config::HasSetting(sink, "rotate_keep"));
  EXPECT_FALSE(config::HasSetting(sink, "url"));
  EXPECT_EQ(config::SettingOf<int64_t>(sink, "rotate_keep"), 10);
  sink.settings["rotate_keep"] = int64_t{3};
  EXPECT_EQ(config::SettingOf<int64_t>(sink, "rotate_keep"), 3);
  // What another type means by the key.
  sink.settings["rotate_keep"] = std::string("x");
  EXPECT_EQ(config::SettingOf<int64_t>(sink, "rotate_keep"), 10);
  EXPECT_DEATH((void)config::SettingValue(sink, "url"), "");
}

TEST(SinkTypes, NameKeysThatTheyHave) {
  for (const config::SinkType& type : config::SinkTypes()) {
    config::SinkConfig sink;
    sink.type = type.name;
    for (const std::string& key : {type.written_file, type.written_topic, type.url}) {
      if (!key.empty()) {
        EXPECT_TRUE(config::HasSetting(sink, key)) << type.name << " " << key;
      }
    }
    const bool is_looked_at =
        !(type.written_file.empty() && type.written_topic.empty() && type.url.empty()) ||
        config::HasSetting(sink, "timeout");  // it is asked
    EXPECT_NE(type.doctor_says.empty(), !is_looked_at) << type.name;
  }
}

}  // namespace sink_types_test
}  // namespace signinwatch
