#include "daemon/sinks/written_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace signinwatch::sinks {
namespace written_fields_test {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(WrittenFields, SeesWhatIsSomethingElseNow) {
  WrittenFields fields;
  fields.Wrote({{"title", "a"}, {"text", "b"}, {"severity", "1"}}, {});
  EXPECT_THAT(fields.ChangedIn({{"title", "a"}, {"text", "x"}, {"other", "y"}}),
              ElementsAre("text"));
  // What was left is still theirs.
  fields.Wrote({{"title", "c"}, {"text", "d"}}, {"text"});
  EXPECT_THAT(fields.ChangedIn({{"title", "c"}, {"text", "d"}}), ElementsAre("text"));
  EXPECT_THAT(fields.ChangedIn({{"text", "b"}}), IsEmpty());
}

TEST(WrittenFields, MayHaveSeveralValuesUntilOneIsKnown) {
  WrittenFields fields;
  fields.Wrote({{"text", "1"}}, {});
  fields.MayWrite({{"text", "2"}, {"new", "n"}}, {});
  fields.MayWrite({{"text", "2"}, {"new", "n"}}, {});
  fields = WrittenFields::FromText(fields.ToText());
  EXPECT_THAT(fields.ChangedIn({{"text", "1"}}), IsEmpty());
  EXPECT_THAT(fields.ChangedIn({{"text", "2"}, {"new", "n"}}), IsEmpty());
  EXPECT_THAT(fields.ChangedIn({{"text", "3"}}), ElementsAre("text"));
  fields.Wrote({{"text", "2"}}, {});
  EXPECT_THAT(fields.ChangedIn({{"text", "1"}}), ElementsAre("text"));
  for (int i = 0; i < 100; ++i) fields.MayWrite({{"text", std::to_string(i)}}, {});
  EXPECT_THAT(fields.ChangedIn({{"text", "99"}}), IsEmpty());
  EXPECT_THAT(fields.ChangedIn({{"text", "2"}}), ElementsAre("text"));
}

TEST(WrittenFields, ComeBackFromTheirText) {
  WrittenFields fields;
  EXPECT_EQ(fields.ToText(), "");
  fields.set_memo("C0123\nno more");
  fields.Wrote({{"title", "a"}, {"a=b", ""}}, {});
  const WrittenFields back = WrittenFields::FromText(fields.ToText());
  EXPECT_EQ(back.memo(), "C0123");
  EXPECT_THAT(back.ChangedIn({{"title", "a"}, {"a=b", ""}}), IsEmpty());
  EXPECT_THAT(back.ChangedIn({{"title", "b"}, {"a=b", "x"}}), ElementsAre("a=b", "title"));
  EXPECT_EQ(back.ToText(), fields.ToText());
  // Of an older or damaged one what can be read counts.
  EXPECT_THAT(WrittenFields::FromText("memo\nx\ny=zz\n=\n").ChangedIn({{"y", ""}}), IsEmpty());
}

TEST(WrittenFields, HaveABound) {
  WrittenFields fields;
  fields.set_memo(std::string(1'000, 'm'));
  RemoteFields many;
  for (int i = 0; i < 1'000; ++i) many["field" + std::to_string(i)] = "x";
  fields.Wrote(many, {});
  EXPECT_LE(fields.ToText().size(), store::kRemoteMemoBytesMax);
  EXPECT_EQ(WrittenFields::FromText(fields.ToText()).memo().size(), WrittenFields::kMemoBytesMax);
}

}  // namespace written_fields_test
}  // namespace signinwatch::sinks
