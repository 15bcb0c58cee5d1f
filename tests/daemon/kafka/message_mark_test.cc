#include "daemon/kafka/message_mark.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/daemon/noon.h"

namespace signinwatch::kafka {
namespace message_mark_test {

TEST(MessageMarkTest, TellsMessagesApart) {
  const std::string text(10'000, 'a');
  std::set<uint64_t> marks = {kNoMark};
  EXPECT_TRUE(marks.insert(MarkOf("", kNoon)).second);
  EXPECT_TRUE(marks.insert(MarkOf("a", kNoon)).second);
  EXPECT_TRUE(marks.insert(MarkOf(text, kNoon)).second);
  EXPECT_TRUE(marks.insert(MarkOf(text + "a", kNoon)).second) << "another size";
  EXPECT_TRUE(marks.insert(MarkOf("b" + text.substr(1), kNoon)).second) << "another beginning";
  EXPECT_TRUE(marks.insert(MarkOf(text.substr(1) + "b", kNoon)).second) << "another end";
  EXPECT_TRUE(marks.insert(MarkOf(text, kNoon + Duration(1'000))).second) << "another time";
}

// They are stored: another release must find the same.
TEST(MessageMarkTest, StaysAsItIs) {
  EXPECT_EQ(MarkOf(R"({"records":[]})", kNoon), MarkOf(R"({"records":[]})", kNoon));
  EXPECT_EQ(MarkOf(R"({"records":[]})", kNoon), 10'366'509'760'476'870'986u);
}

}  // namespace message_mark_test
}  // namespace signinwatch::kafka
